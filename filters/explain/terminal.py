"""Text of strangers on a terminal: one line, no control characters, a bounded width."""

import unicodedata
from collections.abc import Iterator

WIDTH = 100  # columns of all that `massivetext explain` prints


def clip(text: str, columns: int) -> str:
    r"""Returns a text on one line of at most so many columns, "…" at its end where it is cut.

    What no terminal shows as a character (control characters, changes of the writing direction,
    lone surrogates, newlines) stands as its escape.

    >>> clip("a\x1b[2J\n", 20), clip("one two three", 8)
    ('a\\x1b[2J\\n', 'one two…')
    """
    pieces = [char if char.isprintable() else _escape(char) for char in text[: columns + 1]]
    widths = [sum(map(_width, piece)) for piece in pieces]
    if len(text) <= columns and sum(widths) <= columns:
        return "".join(pieces)
    left = columns - 1
    kept = []
    for piece, width in zip(pieces, widths, strict=True):
        left -= width
        if left < 0:
            break
        kept.append(piece)
    return "".join(kept) + "…"


def wrap(line: str, columns: int) -> Iterator[str]:
    """Yields a line in pieces of at most so many columns, escaped as `clip` does; one at least.

    Cut behind a blank where there is one in the latter half.

    >>> list(wrap("one two three", 8))
    ['one two', 'three']
    """
    row: list[str] = []
    used = blank = 0
    for char in line:
        piece = char if char.isprintable() else _escape(char)
        size = columns_of(piece)
        while row and used + size > columns:
            cut = blank if blank > len(row) // 2 else len(row)
            yield "".join(row[:cut]).rstrip()
            row, blank = row[cut:], 0
            used = columns_of("".join(row))
        row.append(piece)
        used += size
        blank = len(row) if char == " " else blank
    yield "".join(row)


def columns_of(text: str) -> int:
    """Returns how many columns a printable text takes."""
    return sum(map(_width, text))


def _escape(char: str) -> str:
    return char.encode("unicode_escape").decode()


def _width(char: str) -> int:
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1
