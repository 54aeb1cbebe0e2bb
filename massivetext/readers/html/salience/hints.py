"""What a page says of its own kind, in its meta tags and its structured data."""

import re
from typing import Any, Final

_KINDS: Final = (
    ("article", "newsarticle", "blogposting"),
    ("product", "productgroup", "offer"),
    ("discussionforumposting", "qapage", "question"),
    ("itemlist", "collectionpage", "searchresultspage"),
    ("faqpage",),
    ("localbusiness", "organization", "service", "professionalservice"),
    ("website",),
)
_SOFTWARE: Final = (
    re.compile(r"discourse|vbulletin|phpbb|xenforo|mybb|flarum|invision|smf|nodebb", re.I),
    re.compile(r"docusaurus|sphinx|mkdocs|doxygen|gitbook|vuepress|hugo|jekyll|mediawiki", re.I),
    re.compile(r"woocommerce|shopify|magento|prestashop", re.I),
    re.compile(r"wordpress|drupal|joomla", re.I),
)
COUNT: Final = 2 * len(_KINDS) + len(_SOFTWARE)
_TYPE = re.compile(r'"@type"\s*+:\s*+\[?\s*+"(\w{1,40})"')
_SCRIPTS: Final = 20  # of structured data that are looked at
_CHARACTERS: Final = 20_000  # of each


def page_hints(tree: Any) -> list[int]:
    """Returns 1 for each hint that a parsed page gives, else 0.

    Of kinds by meta tags, of kinds by structured data, of software.
    """
    named = _contents(tree, 'meta[property="og:type"]').lower()
    software = _contents(tree, 'meta[name="generator"]')
    types: set[str] = set()
    for script in tree.css('script[type="application/ld+json"]')[:_SCRIPTS]:
        types.update(found.lower() for found in _TYPE.findall(script.text()[:_CHARACTERS]))
    return [
        *(int(any(kind in named for kind in kinds)) for kinds in _KINDS),
        *(int(not types.isdisjoint(kinds)) for kinds in _KINDS),
        *(int(kind.search(software) is not None) for kind in _SOFTWARE),
    ]


def _contents(tree: Any, query: str) -> str:
    found = (node.attributes.get("content") or "" for node in tree.css(query)[:_SCRIPTS])
    return " ".join(content[:200] for content in found)
