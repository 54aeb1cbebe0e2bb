"""A page as plain counts, from which all measures of salience are made: blocks, and own words."""

import re
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from massivetext.readers.html.blocks.tree import BLOCKS, BREAK, Block

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

TAGS: Final = {tag: number for number, tag in enumerate(sorted(BLOCKS))}
PROSE: Final = 80  # characters outside links that make a block's own text prose

# What a page says of its own kind.
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
HINTS: Final = 2 * len(_KINDS) + len(_SOFTWARE)
_TYPE = re.compile(r'"@type"\s*+:\s*+\[?\s*+"(\w{1,40})"')
_SCRIPTS: Final = 20  # of structured data that are looked at
_CHARACTERS: Final = 20_000  # of each


class Page(NamedTuple):
    """Blocks in document order; sizes in characters; sums are over a block and all below it."""

    parent: Ints
    tag: Ints
    depth: Ints
    names: Ints
    above: Ints  # names of the block and all blocks above it
    tags_above: Ints  # tags, too, one bit each
    away: Ints
    text: Ints
    link: Ints
    all_text: Ints
    all_link: Ints
    all_prose: Ints
    all_leaves: Ints  # blocks with text of their own
    shape: Ints  # blocks whose tags and first classes agree all the way up share a number
    leaves: Ints  # numbers of the blocks with text of their own
    texts: list[str]  # of the leaves


def read_page(blocks: list[Block]) -> Page:
    """Returns the arrays of `blocks_below` a page's top block."""
    parent = [0 if block.parent is None else block.parent.number for block in blocks]
    text = [block.text for block in blocks]
    link = [block.link for block in blocks]
    leaves = [number for number, size in enumerate(text) if size]
    columns: list[Any] = [
        *(parent, [TAGS[block.tag] for block in blocks]),
        *_from_above(blocks, parent),
        *([block.away for block in blocks], text, link),
        *_from_below(parent, text, link),
        *(_shapes(blocks, parent), leaves),
    ]
    arrays: list[Any] = [np.array(column, np.int64) for column in columns]
    texts = [own_text(blocks[number]) for number in leaves]
    return Page._make((*arrays, texts))


def own_text(block: Block) -> str:
    """Returns a block's inline text on one line."""
    text = "".join([part for part in block.parts if type(part) is str])
    return " ".join(text.replace(BREAK, " ").split())


def _from_above(blocks: list[Block], parent: list[int]) -> tuple[list[int], ...]:
    """Returns depth, names, names of all above and tags of all above."""
    names = [block.names for block in blocks]
    depth, above, tags = [0] * len(blocks), [0] * len(blocks), [0] * len(blocks)
    for number, block in enumerate(blocks):
        if number:
            up = parent[number]
            depth[number] = depth[up] + 1
            above[number] = above[up] | names[number]
            tags[number] = tags[up] | 1 << TAGS[block.tag]
    return depth, names, above, tags


def _from_below(parent: list[int], text: list[int], link: list[int]) -> tuple[list[int], ...]:
    """Returns the sums of text, links, prose and leaves of each block and all below it."""
    prose = [
        size - linked if size - linked > PROSE else 0
        for size, linked in zip(text, link, strict=True)
    ]
    text, link, leaves = text[:], link[:], [int(size > 0) for size in text]
    for number in range(len(parent) - 1, 0, -1):
        up = parent[number]
        text[up] += text[number]
        link[up] += link[number]
        prose[up] += prose[number]
        leaves[up] += leaves[number]
    return text, link, prose, leaves


def _shapes(blocks: list[Block], parent: list[int]) -> list[int]:
    numbers: dict[tuple[int, str, str], int] = {}
    shapes = [0] * len(blocks)
    for number, block in enumerate(blocks):
        key = (shapes[parent[number]] if number else -1, block.tag, block.kind)
        shapes[number] = numbers.setdefault(key, len(numbers))
    return shapes


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
