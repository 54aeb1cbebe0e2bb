"""A document's text on a terminal: escaped, wrapped, what was counted marked."""

import difflib
import re
from collections.abc import Iterable, Iterator
from itertools import zip_longest
from typing import Final

from massivetext.filters.explain.terminal import columns_of, wrap

MARKS: Final = "⟦⟧"  # around evidence
_MOST_PASSAGES = 50  # that are marked
_COMPARED_WORDS = 400  # of two texts side by side
_GAP = " │ "


def mark(text: str, passages: Iterable[str]) -> str:
    """Returns a text with the passages between marks, whatever blanks part their words.

    Passages longer than the text are passed over, and all but the first fifty.

    >>> mark("one two  three", ["two three"])
    'one ⟦two  three⟧'
    """
    short = [p for p in passages if 0 < len(p) <= len(text)][:_MOST_PASSAGES]
    patterns = [r"\s+".join(map(re.escape, p.split())) for p in short if p.split()]
    if not patterns:
        return text
    found = re.compile(rf"(?<!\w)(?:{'|'.join(patterns)})(?!\w)", re.IGNORECASE)
    return found.sub(lambda match: MARKS[0] + match[0] + MARKS[1], text)


def mark_differences(text: str, other: str) -> str:
    """Returns a text with the words marked that are not in the other, in its order.

    >>> mark_differences("a red boat", "a green boat")
    'a ⟦red⟧ boat'
    """
    pieces = re.split(r"(\s+)", text)
    words, others = pieces[::2][:_COMPARED_WORDS], other.split()[:_COMPARED_WORDS]
    matcher = difflib.SequenceMatcher(None, words, others, autojunk=False)
    for kind, first, last, _, _ in matcher.get_opcodes():
        if kind in ("delete", "replace"):
            pieces[2 * first] = MARKS[0] + pieces[2 * first]
            pieces[2 * last - 2] += MARKS[1]
    return "".join(pieces)


def wrapped(text: str, columns: int) -> Iterator[str]:
    """Yields the lines of a text, each of at most so many columns, safe for a terminal."""
    for line in text.expandtabs(4).split("\n"):
        yield from wrap(line, columns)


def beside(left: Iterable[str], right: Iterable[str], columns: int) -> Iterator[str]:
    """Yields two columns of lines side by side."""
    half = half_of(columns)
    for one, two in zip_longest(left, right, fillvalue=""):
        yield f"{one}{' ' * (half - columns_of(one))}{_GAP}{two}".rstrip()


def half_of(columns: int) -> int:
    """Returns the width of one of two columns side by side."""
    return (columns - len(_GAP)) // 2
