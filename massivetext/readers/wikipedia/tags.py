r"""Comments and extension tags of wiki source: what they hold is no wiki markup.

What stays (formulas, code, literal text) is kept aside, with a mark ``\0number\0`` in its place.
"""

import html
import re

_DROPPED = (
    "ref", "references", "gallery", "timeline", "score", "imagemap", "graph", "hiero", "inputbox",
    "categorytree", "templatestyles", "mapframe", "maplink", "indicator", "templatedata", "style",
    "script", "noinclude",
)  # fmt: skip
_CODE = ("pre", "source", "syntaxhighlight")
_FORMULA = ("math", "chem", "ce")
_NAMES = "|".join((*_DROPPED, *_CODE, *_FORMULA, "nowiki"))

_OPEN = re.compile(rf"<!--|<(/?)({_NAMES})(?=[\s/>])([^<>]*)>", re.I)
KEPT = re.compile("\0(\\d+)\0")  # the mark of what is kept aside


def strip_extension_tags(text: str, kept: list[str]) -> str:
    """Returns the text without comments and tags, and appends what stays to `kept`.

    A comment without an end goes on to the end, as in MediaWiki; a tag without an end is dropped
    alone.
    """
    out: list[str] = []
    closings: dict[str, re.Pattern[str] | None] = {}
    at = 0
    while found := _OPEN.search(text, at):
        out.append(text[at : found.start()])
        if found.group() == "<!--":
            end = text.find("-->", found.end())
            at = end + 3 if end >= 0 else len(text)
            continue
        at = found.end()
        name = found.group(2).lower()
        if found.group(1) or found.group(3).endswith("/"):
            continue
        closing = closings.setdefault(name, re.compile(rf"</{name}\s*>", re.I))
        close = closing.search(text, at) if closing else None
        if close is None:
            closings[name] = None  # none further down either: do not search again
            continue
        out.append(_kept_mark(name, text[at : close.start()], kept))
        at = close.end()
    out.append(text[at:])
    return "".join(out)


def _kept_mark(name: str, content: str, kept: list[str]) -> str:
    if name in _DROPPED or not content.strip():
        return ""
    kept.append(_kept_text(name, content))
    mark = f"\0{len(kept) - 1}\0"
    return f"\n\n{mark}\n\n" if name in _CODE else mark


def _kept_text(name: str, content: str) -> str:
    if name in _FORMULA:
        return f"${' '.join(content.split())}$"
    return content.strip("\n").rstrip() if name in _CODE else html.unescape(content)
