"""What a space, a letter and a punctuation mark is: Unicode 14.0.0, whatever the interpreter's.

The definitions in Python and the kernels in C++ read the same generated tables, so a document's
measures do not depend on the version of Python that counted them.
"""

from collections.abc import Iterator
from functools import cache
from typing import Final

from massivetext.text import _unicode_tables as tables

VERSION: Final = tables.VERSION
POINTS: Final = 0x110000

# One byte a code point in PROPERTIES. The kernels know these values too (kernels/base/unicode.hpp).
SPACE: Final = 1
ALPHABETIC: Final = 2
PUNCTUATION: Final = 4
BULLET: Final = 8  # not in PROPERTIES: massivetext.text.kernels adds it, UNSTABLE and CASED
UNSTABLE: Final = 16
SYMBOL: Final = 32
CASED: Final = 64


def read_ranges(ranges: str) -> Iterator[range]:
    """Yields the code points of "41-5a 5f", range by range.

    >>> list(read_ranges("41-43 5f"))
    [range(65, 68), range(95, 96)]
    """
    for item in ranges.split():
        first, _, last = item.partition("-")
        yield range(int(first, 16), int(last or first, 16) + 1)


def characters(ranges: str) -> str:
    """Returns the characters of `ranges` as one string.

    >>> characters("41-43 5f")
    'ABC_'
    """
    return "".join(chr(point) for run in read_ranges(ranges) for point in run)


def character_class(ranges: str) -> str:
    r"""Returns the inside of a regular expression's brackets that matches `ranges`.

    >>> character_class("41-43 5f")
    '\\U00000041-\\U00000043\\U0000005f-\\U0000005f'
    """
    return "".join(f"\\U{run[0]:08x}-\\U{run[-1]:08x}" for run in read_ranges(ranges))


def _properties() -> bytes:
    properties = bytearray(POINTS)
    for flag, ranges in (
        (SPACE, tables.SPACES),
        (ALPHABETIC, tables.ALPHABETIC),
        (PUNCTUATION, tables.PUNCTUATION),
        (SYMBOL, tables.SYMBOLS),
    ):
        for run in read_ranges(ranges):  # no code point has two of the four
            properties[run.start : run.stop] = bytes([flag]) * len(run)
    return bytes(properties)


PROPERTIES: Final = _properties()

# White space as str.split() sees it: 29 characters; no-break spaces and U+0085 are among them.
SPACES: Final = characters(tables.SPACES)
SPACE_CLASS: Final = character_class(tables.SPACES)

# Categories Pc, Pd, Ps, Pe, Pi, Pf and Po. Symbols ($ + < | ^ `) are not punctuation.
PUNCTUATION_MARKS: Final = characters(tables.PUNCTUATION)

# Categories Sc, Sk, Sm and So.
SYMBOLS: Final = characters(tables.SYMBOLS)


@cache
def case_folds() -> dict[int, int]:
    """Returns the code point that stands for each one of which the case does not count.

    >>> chr(case_folds()[ord("É")])
    'é'
    """
    pairs = (item.split() for item in tables.CASE_FOLDS.split("; "))
    return {int(point, 16): int(folded, 16) for point, folded in pairs}


def is_alphabetic(char: str) -> bool:
    """Returns whether `char` is a letter (categories Lu, Ll, Lt, Lm, Lo).

    >>> is_alphabetic("é"), is_alphabetic("中"), is_alphabetic("7")
    (True, True, False)
    """
    return PROPERTIES[ord(char)] == ALPHABETIC
