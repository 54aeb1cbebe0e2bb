"""Nested brackets of wiki source: templates, links and tables, resolved from the inside out."""

import re

from massivetext.limits import MAX_WIKI_DEPTH
from massivetext.readers.wikipedia.site import ENGLISH, Site
from massivetext.readers.wikipedia.templates.arguments import EQUALS, GONE
from massivetext.readers.wikipedia.templates.render import template_text

_TOKEN = re.compile(
    r"^[ \t:]*\{\|"
    r"|^[ \t]*\|\}(?!\}(?!\}))"  # "|}}" at a line's start ends a template, "|}}}" both
    r"|<table\b[^<>]*>|</table\s*>"
    r"|\{\{\{(?!\{)|\{\{|\}{2,}|\[\[|\]{2,}|\|",
    re.M | re.I,
)
_OPENS = ("{{", "{{{", "[[", "{|", "<table")
_INTERLANGUAGE = re.compile(r"\s*(?:[a-z]{2,3}(?:-[a-z]{2,8}){0,2}|simple)\s*:(?=\S)")
_FILE = re.compile(  # by its ending, where the dump does not tell its name for files
    r"[^:|\n]{1,40}:[^|\n]{1,250}\.(?:jpe?g|png|svg|gif|tiff?|webp|og[gav]|webm|pdf|djvu|midi?|wav"
    r"|flac|mp3|xcf|stl)\s{0,9}",
    re.I,
)
_WORD_AHEAD = re.compile(r"[ \t]{0,9}(?:[\w'(,.;:–—&$\"“]|\[\[(?![^\[\]|:\n]{0,40}:))")
_LOOK_BACK = 8  # pieces of a line, and characters of each
_LOOK_BACK_CHARACTERS = 80


class _Frame:
    """An open bracket and the text since then, with the places of its pipes."""

    __slots__ = ("kind", "pieces", "pipes")

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.pieces: list[str] = []
        self.pipes: list[int] = []  # numbers of pieces

    def parts(self) -> list[str]:
        """Returns the text between the pipes."""
        pieces, starts = self.pieces, [0, *self.pipes]
        ends = [*self.pipes, len(pieces)]
        return ["".join(pieces[a:b]) for a, b in zip(starts, ends, strict=True)]

    def has_words_behind(self) -> bool:
        """Returns whether the line so far has words, or a list's mark."""
        for piece in self.pieces[: -_LOOK_BACK - 1 : -1]:
            line = piece[-_LOOK_BACK_CHARACTERS:].rpartition("\n")
            if line[2].strip(f" \t{GONE}"):
                return True
            if line[1]:
                return False
        return False


def resolve_brackets(text: str, site: Site = ENGLISH) -> str:
    """Returns the text with links as their labels, templates as their words, and no tables.

    One pass with a stack. A closing bracket closes the nearest open one of its kind; brackets
    left open in between, or at the end, are taken as text. What lies deeper than `MAX_WIKI_DEPTH`
    is dropped. `GONE` stands where something showed no words.
    """
    return _Resolver(text, site).resolve()


class _Resolver:
    """The stack of open brackets while a text is read from its beginning to its end."""

    def __init__(self, text: str, site: Site) -> None:
        self._text = text
        self._site = site
        self._stack = [_Frame("")]
        self._open = dict.fromkeys(_OPENS, 0)

    def resolve(self) -> str:
        text, at = self._text, 0
        for found in _TOKEN.finditer(text):
            start, end = found.span()
            if start > at:
                self._stack[-1].pieces.append(text[at:start])
            at = end
            self._take(found.group(), end)
        self._stack[-1].pieces.append(text[at:])
        self._flush(1)
        return "".join(self._stack[0].pieces)

    def _take(self, token: str, end: int) -> None:
        frame = self._stack[-1]
        if token == "|":
            if len(self._stack) > 1:
                frame.pipes.append(len(frame.pieces))
            else:
                frame.pieces.append(token)
        elif token in self._open:
            self._push(token)
        elif token[0] == "}":
            self._close_braces(len(token), end)
        elif token[0] == "]":
            self._close_links(len(token), end)
        else:
            self._take_table(token, end)

    def _push(self, kind: str) -> None:
        self._stack.append(_Frame(kind))
        self._open[kind] += 1

    def _take_table(self, token: str, end: int) -> None:
        if token[0] == "<":
            if token[1] != "/":
                self._push("<table")
            elif self._open["<table"]:
                self._close(("<table",), end)
        elif token.endswith("{|"):
            self._push("{|")
        elif self._open["{|"]:
            self._close(("{|",), end)

    def _close_braces(self, count: int, end: int) -> None:
        """Takes a run of closing braces: three end a parameter, two a template."""
        while count >= 2 and self._open["{{"] + self._open["{{{"]:
            frame = self._nearest(("{{", "{{{"))
            closing = 3 if frame.kind == "{{{" and count > 2 else 2
            count -= closing
            if frame.kind == "{{{" and closing == 2:  # a brace, and a template
                self._rename(frame)
            self._close((frame.kind,), end - count)
        if count:
            self._stack[-1].pieces.append("}" * count)

    def _rename(self, frame: _Frame) -> None:
        self._open["{{{"] -= 1
        self._open["{{"] += 1
        frame.kind = "{{"
        self._stack[-2].pieces.append("{")

    def _close_links(self, count: int, end: int) -> None:
        """Takes a run of closing brackets: one may belong to an address inside the link."""
        while count >= 2 and self._open["[["]:
            frame = self._stack[-1]
            if count > 2 and frame.kind == "[[" and _has_open_bracket(frame):
                frame.pieces.append("]")
                count -= 1
            self._close(("[[",), end - count + 2)
            count -= 2
        if count:
            self._stack[-1].pieces.append("]" * count)

    def _nearest(self, kinds: tuple[str, ...]) -> _Frame:
        """Takes what lies open above the nearest bracket of the kinds as text; returns that."""
        opened = len(self._stack) - 1
        while self._stack[opened].kind not in kinds:
            opened -= 1
        self._flush(opened + 1)
        return self._stack[opened]

    def _close(self, kinds: tuple[str, ...], end: int) -> None:
        frame = self._nearest(kinds)
        self._stack.pop()
        self._open[frame.kind] -= 1
        parent = self._stack[-1]
        text = self._render(frame, parent, end)
        if parent.kind == "{{" and "=" in text:
            text = text.replace("=", EQUALS)  # of a result: it names no argument
        if text:
            parent.pieces.append(text)

    def _flush(self, first: int) -> None:
        """Takes the open brackets from `first` on as text of the one below them."""
        stack = self._stack
        for frame in stack[first:]:
            self._open[frame.kind] -= 1
            stack[first - 1].pieces.append(_literal(frame))
        del stack[first:]

    def _render(self, frame: _Frame, parent: _Frame, end: int) -> str:
        if len(self._stack) > MAX_WIKI_DEPTH or frame.kind in ("{|", "<table"):
            return GONE
        if frame.kind == "[[":
            return link_text(frame.parts(), self._site)
        if frame.kind == "{{{":  # a parameter that no one gives: what stands for it then
            return "".join(frame.parts()[1:2]) or GONE
        return template_text(frame.parts(), self._in_sentence(parent, end))

    def _in_sentence(self, parent: _Frame, end: int) -> bool:
        """Returns whether words stand beside a template in its line, or around it."""
        if parent.kind in ("{{", "[["):
            return True
        return parent.has_words_behind() or bool(_WORD_AHEAD.match(self._text, end))


def _has_open_bracket(frame: _Frame) -> bool:
    """Returns whether a single "[" is open in a link's last part."""
    text = "".join(frame.pieces[frame.pipes[-1] if frame.pipes else 0 :])
    return text.rfind("[") > text.rfind("]")


def _literal(frame: _Frame) -> str:
    """Returns an open bracket's text without lines of tables and of templates' parameters."""
    lines = "|".join(frame.parts()).split("\n")
    if frame.kind in ("{|", "<table"):
        lines[0] = ""  # attributes
    text = "\n".join(line for line in lines if not line.startswith(("|", "!")))
    return f"[[{text}" if frame.kind == "[[" else text


def link_text(parts: list[str], site: Site = ENGLISH) -> str:
    """Returns what a link shows: its label or target; `GONE` for files and categories.

    >>> link_text(["Ada Lovelace", "Ada"]), link_text(["File:a.png", "thumb", "Ada"])
    ('Ada', '\\x01')
    """
    target = parts[0]
    if ":" in target and _is_hidden(target, len(parts), site):
        return GONE
    label = parts[-1].strip() if len(parts) > 1 else ""
    return label or target.strip().removeprefix(":")


def _is_hidden(target: str, parts: int, site: Site) -> bool:
    prefix = target.partition(":")[0].strip(f" \t\n{GONE}").replace("_", " ").lower()
    if prefix in site.hidden or (parts == 1 and _INTERLANGUAGE.match(target)):
        return True
    return bool(prefix) and len(target) < 300 and bool(_FILE.fullmatch(target))
