"""Parses pages, and keeps those away whose markup would cost a parser out of all proportion.

HTML's rules for broken markup make a parser's work quadratic in the number of open elements, of
formatting elements left open, and of attributes of one tag (measured on lexbor: 100,000 open divs
take 17 s, 400,000 attributes minutes). Ordinary pages pay only for two scans at memory speed.
"""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

from selectolax.lexbor import LexborHTMLParser

from massivetext.errors import RecordError
from massivetext.limits import (
    MAX_HTML_ATTRIBUTES,
    MAX_HTML_FORMATTING,
    MAX_HTML_NESTING,
    MAX_HTML_TAGS,
)

_FEW_TAGS: Final = 3_000  # a page of fewer is cheap however they nest
_MANY_TAGS: Final = 10_000  # a page of fewer cannot nest deeper than a parser can bear
_MANY_NULS: Final = 10_000  # each is an error that lexbor keeps; the standard ignores most
_MANY_OPTIONS: Final = 500  # of lists to choose from, of which each costs those before; no text
_RAISED = re.compile(  # as style sheets raise and lower: a power is one whatever its tag
    r"<span\b(?>[^<>]*?[\s\"';]vertical-align\s*+:)\s*+(su[pb])(?:er)?+\s*+[;\"'][^<>]*+>"
    r"([^<>]{1,40})</span\s*+>",
    re.I,
)
_OPTION = re.compile(r"</?opt(?:ion|group)(?:[\s/][^<>]*+)?>", re.I)
_FEW_NODES: Final = 1_000_000  # that each of a page gives if each tag opens all formatting again
_LONG_RUN: Final = 20_000  # a tag without ">" inside it is cheap up to this length
_LONG_PAGE: Final = 1 << 20  # characters; beyond it a ">" inside quotes could hide a costly tag

# A page as the tokenizer of the HTML standard sees it, but for tags of too many attributes. A name,
# or a value without quotes, counts once for each so many characters: of quotes and "=" in them each
# is an error that lexbor keeps, in a list that it makes anew every few.
LONG_NAME: Final = 1_000
_ATTRIBUTE = (
    rf"[\s/]*+(?:=[^\s/>=]{{0,{LONG_NAME}}}+|[^\s/>=]{{1,{LONG_NAME}}}+)"
    rf"(?:\s*+=\s*+(?:\"[^\"]*+(?:\"|\Z)|'[^']*+(?:'|\Z)|[^\s>\"'][^\s>]{{0,{LONG_NAME}}}+)?+)?+"
)
_ATTRIBUTES = rf"(?:{_ATTRIBUTE}){{0,{MAX_HTML_ATTRIBUTES}}}+[\s/]*+"
_COMMENT = r"<!--(?:-?>|(?:[^-]++|-(?!-!?>))*+(?:--!?>|\Z))"
_RAW_TEXT = "|".join(  # no group and back reference: `re` fails on them in possessive repeats
    rf"<{name}(?=[\s/>]){_ATTRIBUTES}"
    rf"(?:>(?:[^<]++|<(?!/{name}[\s/>]))*+(?=</{name}[\s/>]|\Z)|\Z)"
    for name in ("script", "style", "textarea", "title", "xmp", "iframe", "noembed", "noframes")
)
_HARMLESS = re.compile(
    rf"(?:[^<]++|<(?!/?[a-z]|!--)|{_COMMENT}|{_RAW_TEXT}"
    rf"|</?[a-z][^\s/>]*+{_ATTRIBUTES}(?:>|\Z))*+",
    re.I | re.S,
)
# These take all of a tag that does not end, or each "<" inside it would look through it again.
_LONG_TAG = re.compile(
    rf"<[a-z][^\s/>]*+(?:{_ATTRIBUTE}){{0,{MAX_HTML_ATTRIBUTES - 1}}}+({_ATTRIBUTE})?+", re.I
)
_TAG = re.compile(rf"{_COMMENT}|{_RAW_TEXT}|<(/?)([a-z][^\s/>]*+){_ATTRIBUTES}(>?+)", re.I | re.S)
_FORMATTING = frozenset(
    ("b", "big", "code", "em", "font", "i", "s", "small", "strike", "strong", "tt", "u")
)
_FORMATTING_TAG = re.compile(rf"<(?:{'|'.join(sorted(_FORMATTING))})[\s/>]", re.I)
_NOT_NESTING = frozenset(  # void, or closed by the next of their kind
    (
        *("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param"),
        *("source", "track", "wbr", "a", "nobr", "p", "li", "dd", "dt", "option", "optgroup"),
        *("rp", "rt", "colgroup", "tbody", "td", "tfoot", "th", "thead", "tr"),
    )
)


def parse_html(html: str) -> Any:
    """Returns lexbor's tree of a page; tags nested beyond the bounds are left out, text is not.

    Raises:
      RecordError: the page has more than `MAX_HTML_TAGS` tags, or it is long and a tag of it has
        more than `MAX_HTML_ATTRIBUTES` attributes.
    """
    if "\0" in html and html.count("\0") > _MANY_NULS:
        html = html.replace("\0", "")
    tags = html.count("<")
    if tags > MAX_HTML_TAGS:
        raise RecordError(f"page of {tags} tags, more than {MAX_HTML_TAGS}")
    if _may_have_long_tag(html) and (found := _HARMLESS.match(html)) and found.end() < len(html):
        raise RecordError(f"a tag of more than {MAX_HTML_ATTRIBUTES} attributes")
    if tags > _FEW_TAGS and (tags > _MANY_TAGS or tags * _formatting_tags(html) > _FEW_NODES):
        html = _Nesting().flatten(html)
    if html.count("<opt") + html.count("<OPT") > _MANY_OPTIONS:
        html = _OPTION.sub("", html)
    if "vertical-align" in html:
        html = _RAISED.sub(r"<\1>\2</\1>", html)
    return LexborHTMLParser(html)


def _may_have_long_tag(html: str) -> bool:
    if len(html) > _LONG_PAGE:
        return True
    return any(tag[1] for run in _long_runs(html) for tag in _LONG_TAG.finditer(run))


def _long_runs(html: str) -> Iterator[str]:
    """Yields the text between each ">" and the next where that is longer than `_LONG_RUN`."""
    at = 0
    while len(html) - at > _LONG_RUN:
        last = html.rfind(">", at, at + _LONG_RUN)
        if last < 0:
            last = html.find(">", at + _LONG_RUN) % (len(html) + 1)  # -1: to the end
            yield html[at:last]
        at = last + 1


def _formatting_tags(html: str) -> int:
    return sum(1 for _ in _FORMATTING_TAG.finditer(html))


class _Nesting:
    """Which elements are open at a place of a page, by tags alone."""

    def __init__(self) -> None:
        self._open: Counter[str] = Counter()
        self._left_out: Counter[str] = Counter()
        self._depth = self._formatting = 0

    def flatten(self, html: str) -> str:
        """Returns the page without the tags that open elements beyond the bounds.

        Nor do its end tags have values, which mean nothing and of which each costs lexbor those
        before.
        """
        parts: list[str] = []
        at = 0
        for tag in _TAG.finditer(html):
            if (left := self._left_of(tag)) != tag[0]:
                parts += html[at : tag.start()], left
                at = tag.end()
        parts.append(html[at:])
        return "".join(parts) if at else html

    def _left_of(self, tag: re.Match[str]) -> str:
        if tag[2] and tag[3] and self._is_too_deep(tag[2].lower(), tag[1] == "/"):
            return ""
        return f"</{tag[2]} {tag[3]}" if tag[1] and "=" in tag[0] else tag[0]

    def _is_too_deep(self, name: str, closes: bool) -> bool:
        if name in _NOT_NESTING:
            return False
        if closes:
            return self._close(name)
        formatting = name in _FORMATTING
        if self._depth >= MAX_HTML_NESTING or (
            formatting and self._formatting >= MAX_HTML_FORMATTING
        ):
            self._left_out[name] += 1
            return True
        self._open[name] += 1
        self._depth += 1
        self._formatting += formatting
        return False

    def _close(self, name: str) -> bool:
        if self._left_out[name]:
            self._left_out[name] -= 1
            return True
        if self._open[name]:
            self._open[name] -= 1
            self._depth -= 1
            self._formatting -= name in _FORMATTING
        return False
