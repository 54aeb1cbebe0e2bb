"""Which part of a text the language model can speak for: letters of the scripts that it has seen.

It was trained on the languages of Wikipedia. Text in Tifinagh, Ol Chiki, or a script that Unicode
got later, gives it nothing but spaces and punctuation to go by, and those alone look English.
"""

import re
from collections.abc import Iterator
from functools import cache
from typing import Final

from massivetext.text import _unicode_tables as tables
from massivetext.text.unicode import POINTS, character_class, is_alphabetic, read_ranges

_PRIVATE: Final = "e000-f8ff f0000-ffffd 100000-10fffd"
_PICTURES: Final = range(0x1F000, 0x20000)  # Unicode adds some each year; no script gets a place
_BEYOND: Final = 0x10000  # one range in the expression: `re` has a table for those before it


def _unread_ranges() -> Iterator[range]:
    """Yields letters and symbols of scripts unknown to the model.

    Unassigned code points are among them, since Unicode after 14.0 gives them to such scripts,
    and those for private use.
    """
    for ranges in (tables.UNREAD, tables.UNASSIGNED, _PRIVATE):
        yield from read_ranges(ranges)


@cache
def _unread() -> bytes:
    """Returns a byte a code point: 1 if it is in `_unread_ranges` and no picture."""
    unread = bytearray(POINTS)
    for run in _unread_ranges():
        unread[run.start : run.stop] = b"\1" * len(run)
    unread[_PICTURES.start : _PICTURES.stop] = bytes(len(_PICTURES))
    return bytes(unread)


@cache
def _suspects() -> re.Pattern[str]:
    runs = (f"{run[0]:x}-{run[-1]:x}" for run in _unread_ranges() if run.start < _BEYOND)
    return re.compile(f"[{character_class(' '.join(runs))}\\U00010000-\\U0010ffff]")


def read_share(text: str) -> float:
    """Returns how much of a text's letters are of scripts that lid.176 was trained on.

    Letters, and symbols of a script (Braille), that it has not seen count against them. Marks,
    digits, punctuation, emoji and the letters of mathematics, which are of no script, do not.

    >>> read_share("Bread – pain"), read_share("ⵜⴰⵎⴰⵣⵉⵖⵜ, 2.5"), read_share("taⵜⴰ")
    (1.0, 0.0, 0.5)
    """
    if text.isascii() or not _suspects().search(text):
        return 1.0
    table = _unread()
    unread = sum(table[ord(char)] for char in text)
    letters = sum(is_alphabetic(char) and not table[ord(char)] for char in text)
    return letters / (letters + unread) if unread else 1.0
