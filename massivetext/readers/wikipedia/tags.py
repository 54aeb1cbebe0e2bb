r"""Comments and extension tags of wiki source: what they hold is no wiki markup.

What stays (formulas, code, literal text) is kept aside, with a mark ``\0number\0`` in its place.
"""

import html
import re

from massivetext.readers.wikipedia.templates.arguments import GONE

_DROPPED = (
    "ref", "references", "gallery", "timeline", "score", "imagemap", "graph", "hiero", "inputbox",
    "categorytree", "templatestyles", "mapframe", "maplink", "indicator", "templatedata",
    "includeonly", "phonos", "chart", "dynamicpagelist", "charinsert", "rss",
)  # fmt: skip
_CODE = ("pre", "source", "syntaxhighlight")
_FORMULA = ("math", "chem", "ce")
_NAMES = "|".join((*_DROPPED, *_CODE, *_FORMULA, "nowiki"))

_OPEN = re.compile(rf"<!--|<(/?)({_NAMES})(?=[\s/>])([^<>]*)>", re.I)
_INLINE = re.compile(r"\binline\b", re.I)
_NOWIKI = re.compile(r"</?nowiki\s*>", re.I)
KEPT = re.compile("\0(\\d{1,9})\0")  # the mark of what is kept aside


def strip_extension_tags(text: str, kept: list[str]) -> str:
    """Returns the text without comments and tags, and appends what stays to `kept`.

    A comment without an end continues to the end, as in MediaWiki; a tag without an end is dropped
    alone. `GONE` stands where something was that has no text.
    """
    out: list[str] = []
    closings: dict[str, re.Pattern[str] | None] = {}
    at = 0
    while found := _OPEN.search(text, at):
        out.append(text[at : found.start()])
        if found.group() == "<!--":
            at = _behind_comment(text, found.start(), found.end(), out)
            continue
        at = found.end()
        name, attributes = found.group(2).lower(), found.group(3)
        if found.group(1) or attributes.rstrip().endswith("/"):
            out.append(GONE if name in _DROPPED else "")
            continue
        closing = closings.setdefault(name, re.compile(rf"</{name}\s*>", re.I))
        close = closing.search(text, at) if closing else None
        if close is None:
            closings[name] = None  # none further down either: do not search again
            continue
        out.append(_kept_mark(name, attributes, text[at : close.start()], kept))
        at = close.end()
    out.append(text[at:])
    return "".join(out)


def _behind_comment(text: str, start: int, behind: int, out: list[str]) -> int:
    """Returns where a comment ends; one that has a line to itself goes with its line."""
    end = text.find("-->", behind)
    if end < 0:
        return len(text)
    end += 3
    if start and text[start - 1] != "\n":
        out.append(GONE)
    elif text[end : end + 1] == "\n":
        end += 1
    return end


def _kept_mark(name: str, attributes: str, content: str, kept: list[str]) -> str:
    if name in _DROPPED:
        return GONE
    if not content.strip():
        return content if name == "nowiki" else ""
    kept.append(_kept_text(name, content))
    mark = f"\0{len(kept) - 1}\0"
    is_block = name in _CODE and not _INLINE.search(attributes)
    return f"\n\n{mark}\n\n" if is_block else mark


def _kept_text(name: str, content: str) -> str:
    if name in _FORMULA:
        return f"${' '.join(content.split())}$"
    if name == "pre":
        content = html.unescape(_NOWIKI.sub("", content))
    return content.strip("\n").rstrip() if name in _CODE else html.unescape(content)
