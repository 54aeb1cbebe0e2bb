"""Unicode's canonical composition (NFC) of version 14.0.0, in linear time on any input.

``unicodedata`` composes, but it needs two guards. What a newer version of Unicode assigns must
stay as it is, or results would depend on the interpreter; code points assigned in 14.0 compose
alike in all later versions (Unicode's stability policy). And runs of combining marks are sorted
with an insertion sort: 160 KB of them take seconds, so longer runs than text has stay as well.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from typing import Final

from massivetext.text import _unicode_tables as tables
from massivetext.text.unicode import POINTS, character_class, read_ranges

# UAX #15, Stream-Safe Text Format: no natural text has more marks on one letter than 30.
MAX_MARKS: Final = 30

# Hangul syllables compose by arithmetic (The Unicode Standard, 3.12), not by table.
HANGUL_VOWELS: Final = range(0x1161, 0x1176)
HANGUL_TAILS: Final = range(0x11A8, 0x11C3)


def nfc(text: str) -> str:
    r"""Returns `text` composed; runs of more than 30 marks stay as they are.

    >>> nfc("e\u0301") == "é"
    True
    """
    if text.isascii():
        return text
    pieces = _inert().split(text)
    pieces[::2] = [unicodedata.normalize("NFC", piece) for piece in pieces[::2]]
    return "".join(pieces)


@cache
def _inert() -> re.Pattern[str]:
    unassigned = character_class(tables.UNASSIGNED)
    marks = "".join(f"\\U{mark:08x}" for mark in sorted(find_marks()))
    return re.compile(f"([{unassigned}]+|[{marks}]{{{MAX_MARKS + 1},}})")


@cache
def combining_classes() -> bytes:
    """Returns the canonical combining class of every code point, one byte each."""
    classes = bytearray(POINTS)
    for item in tables.COMBINING_CLASSES.split("; "):
        value, _, ranges = item.partition(": ")
        for run in read_ranges(ranges):
            classes[run.start : run.stop] = bytes([int(value)]) * len(run)
    return bytes(classes)


@cache
def _steps() -> dict[int, tuple[int, ...]]:
    items = (item.split() for item in tables.DECOMPOSITIONS.split("; "))
    return {int(item[0], 16): tuple(int(field, 16) for field in item[1:]) for item in items}


def _expand(point: int) -> Iterator[int]:
    for part in _steps().get(point, ()):
        yield from _expand(part) if part in _steps() else (part,)


@cache
def decompositions() -> dict[int, tuple[int, ...]]:
    """Returns the full canonical decomposition, 1 to 4 code points, of all that have one.

    Hangul syllables are left out.
    """
    return {point: tuple(_expand(point)) for point in _steps()}


@cache
def compositions() -> dict[tuple[int, int], int]:
    """Returns the code point into which each pair composes; Hangul is left out."""
    excluded = {point for run in read_ranges(tables.EXCLUSIONS) for point in run}
    return {
        (parts[0], parts[1]): point
        for point, parts in _steps().items()
        if len(parts) == 2 and point not in excluded
    }


@cache
def find_marks() -> frozenset[int]:
    """Returns the code points that decompose into nothing but combining marks."""
    ranges = [item.partition(": ")[2] for item in tables.COMBINING_CLASSES.split("; ")]
    marks = {point for run in read_ranges(" ".join(ranges)) for point in run}
    return frozenset(marks | {point for point, to in decompositions().items() if to[0] in marks})


@cache
def find_unstable() -> frozenset[int]:
    """Returns the code points that NFC may change, move or join to what stands before them.

    A word without any of them is in NFC already; with them it may be.
    """
    composed = set(compositions().values())
    seconds = {second for _, second in compositions()}
    changed = decompositions().keys() - composed
    return frozenset(find_marks() | seconds | changed | {*HANGUL_VOWELS, *HANGUL_TAILS})
