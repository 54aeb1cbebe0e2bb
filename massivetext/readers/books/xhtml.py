"""Text of a book's XHTML page: all of it, block by block, in one linear pass without a tree."""

import html
import re

from massivetext.readers.markup.mathml import mathml_tex
from massivetext.readers.markup.raised import LOWERED, MAX_CHARACTERS, lowered, raised

_TOKEN = re.compile(
    r"<!--|<!\[CDATA\[|<[!?][^<>]*+>"
    r"|<(?P<end>/?)(?P<name>[a-zA-Z][\w:.-]*+)(?P<rest>(?:[^<>\"']++|\"[^\"<]*+\"|'[^'<]*+')*+)>"
)
_DOCTYPE = re.compile(
    r"\s*+(?:<\?xml[^<>]{0,500}>\s*+)?+<!DOCTYPE[^\[<>]{0,500}\[([^\]]{0,5000})\]\s?>", re.I
)
_ENTITY = re.compile(r"<!ENTITY\s+([\w.-]{1,50})\s+(?:\"([^\"&<]{0,200})\"|'([^'&<]{0,200})')\s*>")
_BEHIND = 120  # characters of markup behind a tag that decide what a raised text is
_LOWER = re.compile(r"(?:<(?:sub|small|font)\b[^<>]*>)+", re.I)
_ANY_TAG = re.compile(r"<[^<>]*>?")
_MOVED = frozenset({"sup", "sub"})
_RAISED_PARTS = 8  # of a raised text, and of what stands before it
MAX_ENTITIES = 50  # of a page's own that count
MAX_ENTITY_CHARACTERS = 1 << 20  # that a page's own entities may add to it
_CLOSE = {"<!--": "-->", "<![CDATA[": "]]>"}
_SPACES = re.compile(r"[ \t\r\n\f]+")
_PARAGRAPH, _LINE = "\x01", "\x02"  # marks of breaks; XML allows no such characters
_MARKS = str.maketrans("", "", f"\0{_PARAGRAPH}{_LINE}")
_BREAKS = re.compile(f"(?<! ) *+[{_PARAGRAPH}{_LINE}][{_PARAGRAPH}{_LINE} ]*+")

_HIDDEN = frozenset({"head", "script", "style", "svg", "math", "audio", "video", "rp", "rt"})
_PARAGRAPHS = frozenset({
    "p", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "section", "article", "aside", "header",
    "footer", "ul", "ol", "dl", "table", "figure", "hr", "pre", "body", "nav",
})  # fmt: skip
_LINES = frozenset({"div", "li", "dt", "dd", "tr", "br", "figcaption", "caption"})


def xhtml_text(markup: str) -> str:
    r"""Returns the text of a page: paragraphs apart by a blank line, lines as their blocks make.

    White space collapses but in `pre`; the head, scripts, styles and pictures have no text,
    formulas that of their TeX. Entities that the page declares as plain text are replaced.

    >>> xhtml_text("<title/><p>One &amp; <i>two</i></p><p>three<br/>four</p>")
    'One & two\n\nthree\nfour'
    """
    markup = _own_entities(markup.translate(_MARKS))
    out = _Text()
    missing: set[str] = set()  # closings that do not come any more
    at = 0
    while found := _TOKEN.search(markup, at):
        out.add(html.unescape(markup[at : found.start()]))
        at = found.end()
        opening = found.group()
        name = (found["name"] or "").lower()
        if _is(name, "math") and not found["end"]:
            opening = f"<{found['name']}"
        close = _CLOSE.get(opening) or (f"</{opening[1:]}" if _is(name, "math") else "")
        if close and close not in missing:
            end = markup.find(close, at)
            if end < 0:
                missing.add(close)
                continue
            if opening == "<![CDATA[":
                out.add(markup[at:end])
            elif _is(name, "math"):
                out.add(mathml_tex(markup[found.start() : end]))
            at = end + (len(close) if not name else 0)
        elif name:
            after = markup[at : at + _BEHIND] if name in _MOVED else ""
            out.tag(name, bool(found["end"]), found["rest"], after)
    out.add(html.unescape(markup[at:]))
    return out.text()


def _is(name: str, local: str) -> bool:
    return name == local or name.endswith(f":{local}")


def _own_entities(markup: str) -> str:
    """Returns the page behind its own document type, the entities that this declares replaced."""
    found = _DOCTYPE.match(markup)
    if found is None:
        return markup
    values = {name: one or two for name, one, two in _ENTITY.findall(found[1])[:MAX_ENTITIES]}
    markup = markup[found.end() :]
    left = MAX_ENTITY_CHARACTERS
    for name, value in values.items():
        reference = f"&{name};"
        count = min(markup.count(reference), left // max(len(value), 1))
        markup = markup.replace(reference, html.escape(value, quote=False), count)
        left -= count * len(value)
    return markup


class _Text:
    """The text so far."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._hidden, self._depth = "", 0  # the element whose text is left out, and its nesting
        self._pre = 0
        self._open: dict[str, int] = {}  # where the last sup, sub and link begin, in `_parts`
        self._last_link = (-1, -1)  # the parts of the last link that has ended

    def add(self, text: str) -> None:
        if self._hidden or not text:
            return
        text = text.translate(_MARKS)  # a character reference may name one
        if not self._pre:
            text = _SPACES.sub(" ", text)
            if self._parts and self._parts[-1].endswith(" "):
                text = text.removeprefix(" ")
        self._parts.append(text)

    def tag(self, name: str, end: bool, rest: str, after: str) -> None:
        if self._hidden or name in _HIDDEN:
            self._hide(name, end, rest.endswith("/"))
            return
        if name == "pre" and not rest.endswith("/"):
            self._pre = max(self._pre + (-1 if end else 1), 0)
        if name in ("sup", "sub", "a"):
            self._raise(name, end, after)
        elif name in _PARAGRAPHS:
            self._parts.append(_PARAGRAPH)
        elif name in _LINES:
            self._parts.append(_LINE)
        elif name in ("td", "th"):
            self.add(" ")

    def _raise(self, name: str, end: bool, after: str) -> None:
        """Notes where raised or lowered text, or a link, begins; writes it at its end."""
        if not end:
            self._open[name] = len(self._parts)
            return
        start = self._open.pop(name, None)
        if name == "a" or start is None or len(self._parts) - start > _RAISED_PARTS:
            self._last_link = (start or 0, len(self._parts)) if name == "a" else self._last_link
            return
        content = "".join(self._parts[start:])
        if len(content) > MAX_CHARACTERS or _PARAGRAPH in content or _LINE in content:
            return
        before = "".join(self._parts[max(start - _RAISED_PARTS, 0) : start])
        before = before.rpartition(_PARAGRAPH)[2].rpartition(_LINE)[2]
        linked = "a" in self._open or self._last_link[0] >= start
        if name == "sub":
            text = lowered(content, before, after)
        else:
            behind = "" if linked or not content.strip()[-1:].isdigit() else _plain(after)
            text = raised(content, before, linked, behind)
        self._parts[start:] = [text]

    def _hide(self, name: str, end: bool, empty: bool) -> None:
        if empty or name != (self._hidden or name):
            return
        self._depth = max(self._depth + (-1 if end else 1), 0)
        self._hidden = name if self._depth else ""

    def text(self) -> str:
        joined = _BREAKS.sub(_newlines, "".join(self._parts).replace("\u00a0", " "))
        return joined.strip()


def _plain(markup: str) -> str:
    """Returns markup without its tags, lowered text after `LOWERED`."""
    return html.unescape(_ANY_TAG.sub("", _LOWER.sub(LOWERED, markup)))


def _newlines(breaks: re.Match[str]) -> str:
    return "\n\n" if _PARAGRAPH in breaks.group() else "\n"
