"""A document's text on a terminal: escaped, wrapped, what was counted marked."""

import difflib
import re
from collections.abc import Iterable, Iterator
from itertools import islice, zip_longest
from typing import Final

from massivetext.filters.explain.evidence import MAX_CHARACTERS
from massivetext.filters.explain.terminal import columns_of, wrap

MARKS: Final = "⟦⟧"  # around evidence
_MOST_PASSAGES = 50  # that are marked
_MARKED_WORDS = 30  # of a passage
_COMPARED_WORDS = 400  # of two texts side by side
_GAP = " │ "


def mark(text: str, passages: Iterable[str]) -> str:
    """Returns a text with the passages between marks, whatever blanks part their words.

    Of a long passage its beginning is marked; of many passages the first fifty.

    >>> mark("one two  three", ["two three"])
    'one ⟦two  three⟧'
    """
    found = _pattern(passages)
    return found.sub(lambda match: MARKS[0] + match[0] + MARKS[1], text) if found else text


def first_place(text: str, passages: Iterable[str]) -> int:
    """Returns where the first passage begins that `mark` marks, 0 where there is none."""
    found = _pattern(passages)
    match = found.search(text, 0, MAX_CHARACTERS) if found else None
    return match.start() if match else 0


def _pattern(passages: Iterable[str]) -> re.Pattern[str] | None:
    words = (passage.split()[:_MARKED_WORDS] for passage in islice(passages, _MOST_PASSAGES))
    patterns = [r"\s+".join(map(re.escape, some)) for some in words if some]
    if not patterns:
        return None
    return re.compile(rf"(?<!\w)(?:{'|'.join(patterns)})(?!\w)", re.IGNORECASE)


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
