"""Nested brackets of wiki source: templates, links and tables, resolved from the inside out."""

import re

from massivetext.limits import MAX_WIKI_DEPTH
from massivetext.readers.wikipedia.templates import template_text

_TOKEN = re.compile(
    r"^[ \t:]*\{\|"
    r"|^[ \t]*\|\}(?!\}(?!\}))"  # "|}}" at a line's start ends a template, "|}}}" both
    r"|<table\b[^<>]*>|</table\s*>"
    r"|\{\{|\}\}|\[\[|\]\]|\|",
    re.M | re.I,
)
_CLOSES = {"}}": "{{", "]]": "[[", "|}": "{|", "</table": "<table"}
_HIDDEN = re.compile(r"\s*(?:file|image|media|category)\s*:", re.I)
_INTERLANGUAGE = re.compile(r"\s*(?:[a-z]{2,3}(?:-[a-z]{2,8}){0,2}|simple)\s*:(?=\S)")


class _Frame:
    """An open bracket, and the text since then, cut at its pipes."""

    __slots__ = ("kind", "parts")

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.parts: list[list[str]] = [[]]

    def add(self, text: str) -> None:
        self.parts[-1].append(text)

    def texts(self) -> list[str]:
        return ["".join(part) for part in self.parts]


def resolve_brackets(text: str) -> str:
    """Returns the text with links as their labels, templates as their words, and no tables.

    One pass with a stack. A closing bracket closes the nearest open one of its kind; brackets
    left open in between, or at the end, are taken as text. What lies deeper than `MAX_WIKI_DEPTH`
    is dropped.
    """
    stack = [_Frame("")]
    open_count = dict.fromkeys(_CLOSES.values(), 0)
    at = 0
    for found in _TOKEN.finditer(text):
        stack[-1].add(text[at : found.start()])
        at = found.end()
        _take(found.group(), stack, open_count)
    stack[-1].add(text[at:])
    _flush(stack, 1, open_count)
    return "|".join(stack[0].texts())


def _take(token: str, stack: list[_Frame], open_count: dict[str, int]) -> None:
    kind = _kind(token)
    if kind in open_count:
        stack.append(_Frame(kind))
        open_count[kind] += 1
    elif kind == "|":
        stack[-1].parts.append([])
    elif open_count[_CLOSES[kind]]:
        opened = len(stack) - 1
        while stack[opened].kind != _CLOSES[kind]:
            opened -= 1
        _flush(stack, opened + 1, open_count)
        frame = stack.pop()
        open_count[frame.kind] -= 1
        stack[-1].add(_render(frame, len(stack)))
    elif kind in ("}}", "]]"):
        stack[-1].add(token)


def _kind(token: str) -> str:
    if token[0] == "<":
        return "</table" if token[1] == "/" else "<table"
    return token.lstrip(" \t:")


def _flush(stack: list[_Frame], first: int, open_count: dict[str, int]) -> None:
    """Takes the open brackets from `first` on as text of the one below them."""
    for frame in stack[first:]:
        open_count[frame.kind] -= 1
        stack[first - 1].add(_literal(frame))
    del stack[first:]


def _literal(frame: _Frame) -> str:
    """Returns an open bracket's text without lines of tables and of templates' parameters."""
    lines = "|".join(frame.texts()).split("\n")
    if frame.kind in ("{|", "<table"):
        lines[0] = ""  # attributes
    text = "\n".join(line for line in lines if not line.startswith(("|", "!")))
    return f"[[{text}" if frame.kind == "[[" else text


def _render(frame: _Frame, depth: int) -> str:
    if depth > MAX_WIKI_DEPTH or frame.kind in ("{|", "<table"):
        return ""
    return template_text(frame.texts()) if frame.kind == "{{" else link_text(frame.texts())


def link_text(parts: list[str]) -> str:
    """Returns what a link shows: its label or target; nothing for files and categories.

    >>> link_text(["Ada Lovelace", "Ada"]), link_text(["File:a.png", "thumb", "Ada"])
    ('Ada', '')
    """
    target = parts[0]
    if _HIDDEN.match(target) or (len(parts) == 1 and _INTERLANGUAGE.match(target)):
        return ""
    label = parts[-1].strip() if len(parts) > 1 else ""
    return label or target.strip().removeprefix(":")
