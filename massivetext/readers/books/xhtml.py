"""Text of a book's XHTML page: all of it, block by block, in one linear pass without a tree."""

import html
import re

_TOKEN = re.compile(
    r"<!--|<!\[CDATA\[|<!DOCTYPE[^\[<>]{0,500}\[[^\]]{0,5000}\]\s?>|<[!?][^<>]*>"
    r"|<(?P<end>/?)(?P<name>[a-zA-Z][\w:.-]*)(?P<rest>(?:[^<>\"']|\"[^\"<]*\"|'[^'<]*')*)>"
)
_CLOSE = {"<!--": "-->", "<![CDATA[": "]]>"}
_SPACES = re.compile(r"[ \t\r\n\f]+")
_PARAGRAPH, _LINE = "\x01", "\x02"  # marks of breaks; XML allows no such characters
_MARKS = str.maketrans("", "", f"\0{_PARAGRAPH}{_LINE}")
_BREAKS = re.compile(f" *[{_PARAGRAPH}{_LINE}][{_PARAGRAPH}{_LINE} ]*")

_HIDDEN = frozenset({"head", "script", "style", "svg", "math", "audio", "video", "rp", "rt"})
_PARAGRAPHS = frozenset({
    "p", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "section", "article", "aside", "header",
    "footer", "ul", "ol", "dl", "table", "figure", "hr", "pre", "body", "nav",
})  # fmt: skip
_LINES = frozenset({"div", "li", "dt", "dd", "tr", "br", "figcaption", "caption"})


def xhtml_text(markup: str) -> str:
    r"""Returns the text of a page: paragraphs apart by a blank line, lines as their blocks make.

    White space collapses but in `pre`; the head, scripts, styles and pictures have no text. Entity
    declarations have no effect.

    >>> xhtml_text("<title/><p>One &amp; <i>two</i></p><p>three<br/>four</p>")
    'One & two\n\nthree\nfour'
    """
    markup = markup.translate(_MARKS)
    out = _Text()
    missing: set[str] = set()  # closings that do not come any more
    at = 0
    while found := _TOKEN.search(markup, at):
        out.add(html.unescape(markup[at : found.start()]))
        at = found.end()
        opening = found.group()
        if opening in _CLOSE and opening not in missing:
            end = markup.find(_CLOSE[opening], at)
            if end < 0:
                missing.add(opening)
                continue
            if opening == "<![CDATA[":
                out.add(markup[at:end])
            at = end + 3
        elif found.group("name"):
            out.tag(found.group("name").lower(), bool(found.group("end")), found.group("rest"))
    out.add(html.unescape(markup[at:]))
    return out.text()


class _Text:
    """The text so far."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._hidden, self._depth = "", 0  # the element whose text is left out, and its nesting
        self._pre = 0

    def add(self, text: str) -> None:
        if self._hidden or not text:
            return
        text = text.translate(_MARKS)  # a character reference may name one
        if not self._pre:
            text = _SPACES.sub(" ", text)
            if self._parts and self._parts[-1].endswith(" "):
                text = text.removeprefix(" ")
        self._parts.append(text)

    def tag(self, name: str, end: bool, rest: str) -> None:
        if self._hidden or name in _HIDDEN:
            self._hide(name, end, rest.endswith("/"))
            return
        if name == "pre" and not rest.endswith("/"):
            self._pre = max(self._pre + (-1 if end else 1), 0)
        if name in _PARAGRAPHS:
            self._parts.append(_PARAGRAPH)
        elif name in _LINES:
            self._parts.append(_LINE)
        elif name in ("td", "th"):
            self.add(" ")

    def _hide(self, name: str, end: bool, empty: bool) -> None:
        if empty or name != (self._hidden or name):
            return
        self._depth = max(self._depth + (-1 if end else 1), 0)
        self._hidden = name if self._depth else ""

    def text(self) -> str:
        joined = _BREAKS.sub(_newlines, "".join(self._parts).replace("\u00a0", " "))
        return joined.strip()


def _newlines(breaks: re.Match[str]) -> str:
    return "\n\n" if _PARAGRAPH in breaks.group() else "\n"
