"""Lists written with HTML's tags as lines of wiki markup, each item with its number."""

import re
from typing import NamedTuple

from massivetext.limits import MAX_WIKI_DEPTH
from massivetext.readers.wikipedia.templates.arguments import NUMBER

_TAG = re.compile(r"<(/?)(ol|ul|li)(?=[\s/>])([^<>]*)>[ \t]*", re.I)
_START = re.compile(r"\bstart\s{0,9}=\s{0,9}[\"']?\s{0,9}(-?\d{1,6})", re.I)
_VALUE = re.compile(r"\bvalue\s{0,9}=\s{0,9}[\"']?\s{0,9}(-?\d{1,6})", re.I)
_REVERSED = re.compile(r"\breversed\b", re.I)
_MARKS = re.compile(r"[*#:;]{1,40}[ \t]*")
_LOOK_BACK = 60


class _Open(NamedTuple):
    """A list that is open: its lines' mark, the next item's number, the step behind it."""

    mark: str
    number: int
    step: int


def write_lists(text: str) -> str:
    r"""Returns text with the items of HTML lists as lines of wiki markup.

    >>> write_lists("So: <ul><li>one</li></ul>end")
    'So:\n* one\nend'
    """
    counts = _counts(text) if _REVERSED.search(text) else []
    return _Lists(counts).write(text)


def _counts(text: str) -> list[int]:
    """Returns the number of items of each ordered list, in their order."""
    counts: list[int] = []
    lists: list[int] = []  # open ones, by their number; -1 is a list without numbers
    for tag in _TAG.finditer(text):
        name = tag[2].lower()
        if name == "li":
            if not tag[1] and lists and lists[-1] >= 0:
                counts[lists[-1]] += 1
        elif tag[1]:
            del lists[-1:]
        else:
            lists.append(len(counts) if name == "ol" else -1)
            counts += [0] if name == "ol" else []
    return counts


class _Lists:
    """The lists that are open while a text is read; those too deep are counted alone."""

    def __init__(self, counts: list[int]) -> None:
        self._counts = iter(counts)
        self._open: list[_Open] = []
        self._deeper = 0

    def write(self, text: str) -> str:
        out: list[str] = []
        at = 0
        for tag in _TAG.finditer(text):
            piece = text[at : tag.start()]
            out += (piece.rstrip() if self._open or piece[-1:] != "\n" else piece, self._take(tag))
            at = tag.end()
        return "".join((*out, text[at:]))

    def _take(self, tag: re.Match[str]) -> str:
        name = tag[2].lower()
        if name == "li":
            return "" if tag[1] else self._item(tag)
        if not tag[1]:
            return self._begin(name, tag[3])
        self._end()
        return "" if self._open else "\n"

    def _begin(self, name: str, attributes: str) -> str:
        count = next(self._counts, 0) if name == "ol" else 0
        if len(self._open) >= MAX_WIKI_DEPTH:
            self._deeper += 1
            return ""
        step = -1 if name == "ol" and _REVERSED.search(attributes) else 1
        start = _START.search(attributes)
        number = int(start[1]) if start else (count if step < 0 else 1)
        self._open.append(_Open("#" if name == "ol" else "*", number, step))
        return ""

    def _end(self) -> None:
        if self._deeper:
            self._deeper -= 1
        else:
            del self._open[-1:]

    def _item(self, tag: re.Match[str]) -> str:
        """Returns the beginning of an item's line; in a line with marks of its own its number."""
        value = _VALUE.search(tag[3])
        if not self._open:
            before = tag.string[max(tag.start() - _LOOK_BACK, 0) : tag.start()]
            if not _MARKS.fullmatch(before.rpartition("\n")[2]):
                return "\n"
            return f"{NUMBER}{value[1]}{NUMBER}" if value else ""
        last = self._open[-1]
        number = int(value[1]) if value else last.number
        self._open[-1] = last._replace(number=number + last.step)
        marks = "".join(part.mark for part in self._open)
        return f"\n{marks} {NUMBER}{number}{NUMBER}" if last.mark == "#" else f"\n{marks} "
