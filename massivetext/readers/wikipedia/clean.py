"""Clean text of a MediaWiki page's source: prose, headings and lists, nothing else.

Every pass is linear in the page, whatever the page holds: a crawled dump has pages with thousands
of open braces, on which parsers that look ahead take minutes.
"""

import html
import re

from massivetext.readers.wikipedia.brackets import resolve_brackets
from massivetext.readers.wikipedia.sections import lay_out
from massivetext.readers.wikipedia.tags import KEPT, strip_extension_tags

_POWER = re.compile(r"(?<=\d)<sup>(?=[-−+]?\d)", re.I)
_BREAK = re.compile(
    r"</?(?:br|p|div|blockquote|li|ul|ol|dl|dt|dd|hr|center|h[1-6]|section|tr)\b[^<>]*>", re.I
)
_TAG = re.compile(r"</?[a-z][^<>]*>", re.I)
_EXTERNAL = re.compile(
    r"\[(?:https?:|ftp:|news:|mailto:|//)[^\s\[\]]*(?:[ \t]([^\[\]\n]*))?\]", re.I
)
_QUOTES = re.compile(r"'{2,}")
_SWITCH = re.compile(r"__[A-Z]{3,30}__")

# What the removal of templates and references leaves behind.
_EMPTY_BRACKETS = re.compile(r"\((?:e\.g\.|i\.e\.|see|or)?[ ,;:]*\)|\[[ ,;:]*\]")
_COMMAS = re.compile(r",(?: ?,)+")
_OPEN_BRACKET = re.compile(r"\([ ,;:]+")
_BEFORE_MARK = re.compile(r"(?<=\S) +(?=\)|[,.;:!?](?:\s|$))", re.M)
_SPACES = re.compile(r"(?<=\S)[ \t]{2,}")


def clean_wikitext(source: str) -> str:
    """Returns the text of a page; "" if nothing but markup is there.

    References, templates, tables, files, categories and comments go; templates that stand for
    words (quotations, units, languages) give their words; formulas and code stay as written. The
    sections "References", "External links", "Sources", "Further reading", "See also",
    "Citations" and "Notes" go, and so do sections left empty (Borgeaud et al. 2021, A.2, describe
    this cleaning for the evaluation pages of the same group; how MassiveText's were cleaned is not
    known).

    >>> clean_wikitext("'''Ada'''{{cn}} wrote [[note|notes]].<ref>A</ref>")
    'Ada wrote notes.'
    """
    kept: list[str] = []
    text = strip_extension_tags(source.replace("\0", ""), kept)
    text = _strip_inline(resolve_brackets(text))
    return _restore(lay_out(text), kept).strip("\n")


def _strip_inline(text: str) -> str:
    """Returns text without external links, tags, quotes and switches, entities decoded."""
    text = _EXTERNAL.sub(lambda match: match.group(1) or "", text)
    text = _BREAK.sub("\n", _POWER.sub("^", text))
    text = _SWITCH.sub("", _QUOTES.sub(_apostrophes, _TAG.sub("", text)))
    return _tidy(html.unescape(text).replace("\u00a0", " "))


def _apostrophes(match: re.Match[str]) -> str:
    """Returns what is no markup of two (italic), three (bold) or five (both) apostrophes."""
    count = len(match.group())
    return "'" if count == 4 else "'" * max(count - 5, 0)


def _tidy(text: str) -> str:
    text = _EMPTY_BRACKETS.sub("", _EMPTY_BRACKETS.sub("", text))
    text = _BEFORE_MARK.sub("", _OPEN_BRACKET.sub("(", text))
    return _COMMAS.sub(",", _SPACES.sub(" ", text))


def _restore(text: str, kept: list[str]) -> str:
    return KEPT.sub(lambda match: kept[int(match.group(1))], text)
