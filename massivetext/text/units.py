"""What a word, a line and a paragraph is: the units that every rule of the paper counts.

The paper does not define them; these are our choices (docs/choices.md compares them with other
implementations).
"""

import re
from typing import Final

from massivetext.text.unicode import PUNCTUATION_MARKS, SPACE_CLASS, SPACES

# What starts a bullet line: the union of what other implementations take as a bullet point.
BULLETS: Final = ("•", "‣", "●", "◦", "▪", "·", "–", "-", "*")
ELLIPSES: Final = ("...", "…")

_WORD = re.compile(f"[^{SPACE_CLASS}]+")
_PARAGRAPH_BREAK = re.compile(f"\n[{SPACE_CLASS}]*\n")


def check_text(text: str) -> None:
    """Returns nothing; text that UTF-8 cannot hold is refused.

    Raises:
      UnicodeEncodeError: `text` has a lone surrogate; the error is a `ValueError`.
    """
    if not text.isascii():
        text.encode()


def split_words(text: str) -> list[str]:
    r"""Returns the words: what stands between white space.

    >>> split_words(" To be,\u00a0or not\n")
    ['To', 'be,', 'or', 'not']
    """
    return _WORD.findall(text)


def split_lines(text: str) -> list[str]:
    r"""Returns the lines, cut at newlines, stripped of white space, without the blank ones.

    >>> split_lines("one\r\n\n  two")
    ['one', 'two']
    """
    lines = (line.strip(SPACES) for line in text.split("\n"))
    return [line for line in lines if line]


def split_paragraphs(text: str) -> list[str]:
    r"""Returns the paragraphs: what stands between blank lines, stripped, the blank ones left out.

    >>> split_paragraphs("one\ntwo\n \nthree")
    ['one\ntwo', 'three']
    """
    paragraphs = (part.strip(SPACES) for part in _PARAGRAPH_BREAK.split(text))
    return [paragraph for paragraph in paragraphs if paragraph]


def strip_punctuation(word: str) -> str:
    """Returns `word` without punctuation at its edges.

    >>> strip_punctuation("“don't!”")
    "don't"
    """
    return word.strip(PUNCTUATION_MARKS)


def lower_ascii(word: str) -> str:
    """Returns `word` with A to Z in lower case and all else as it is.

    The stop words are ASCII, and no other character's lower case is a letter of theirs.

    >>> lower_ascii("THÉ")
    'thÉ'
    """
    return word.translate(_LOWER)


_LOWER = {point: point + 32 for point in range(ord("A"), ord("Z") + 1)}
