"""Text of strangers on a terminal: one line, no control characters, a bounded width."""

import unicodedata

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


def _escape(char: str) -> str:
    return char.encode("unicode_escape").decode()


def _width(char: str) -> int:
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1
