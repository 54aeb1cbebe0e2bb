"""Real English prose that every installation has, as passages of one paragraph each.

Nothing is downloaded and no text of others is in the repository: the embedded sample is put
together from the docstrings and comments of packages that are installed with this one. The same
versions of them give the same passages, whatever the Python.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

from massivetext.paper import STOP_WORDS
from massivetext.sample.material.comments import documentation
from massivetext.sample.material.packages import Module

# A blank line, a rule, a parameter's name with its type, the mark of a list.
_BREAK = re.compile(
    r"\n[ \t]*\n|^[ \t]*[-=~^*]{3,}[ \t]*$|^[ \t]*[\w*, ]+ : [^\n]*$|^[ \t]*(?:[-*] |\d\. )",
    re.MULTILINE,
)
_SENTENCE_END = re.compile(r"(?<=[.!?]) ")
_CODE = re.compile(r"[{}=<>\\|]|\.\.\.")
MIN_WORDS, MAX_WORDS = 18, 120  # of a passage
_SENTENCE_WORDS = 5
COMMON_WORDS = {
    "a", "an", "and", "are", "as", "at", "be", "but", "by", "can", "for", "from", "has", "have",
    "if", "in", "is", "it", "its", "may", "not", "of", "on", "or", "that", "the", "this", "to",
    "was", "when", "which", "will", "with",
}  # fmt: skip
_SHINGLE = 13


class Passage(NamedTuple):
    """One paragraph of prose, white space squeezed."""

    text: str
    origin: str  # the module it is from


def read_passages(modules: Iterable[Module]) -> list[Passage]:
    """Returns the passages of the modules' docstrings and comments, in the modules' order."""
    return passages_of(text for module in modules for text in documentation(module))


def passages_of(texts: Iterable[tuple[str, str]]) -> list[Passage]:
    """Returns the passages of prose in (origin, text) pairs; no two share much of their text."""
    passages: list[Passage] = []
    seen: set[str] = set()
    for origin, group in groupby(texts, itemgetter(0)):
        pieces = _pieces(text for _, text in group)
        new = (piece for piece in pieces if _is_prose(piece) and _is_new(piece, seen))
        passages += [Passage(" ".join(piece), origin) for piece in new]
    return passages


def _pieces(texts: Iterable[str]) -> Iterator[list[str]]:
    """Yields the words of each paragraph, of long ones in pieces, of short sentences together."""
    short: list[str] = []
    for text in texts:
        for words in map(str.split, _BREAK.split(text)):
            if len(words) >= MIN_WORDS:
                yield from _cut(words)
            elif _is_sentence(words):
                short += _ended(words)
            if len(short) >= MIN_WORDS:
                yield short
                short = []


def _is_sentence(words: list[str]) -> bool:
    if len(words) < _SENTENCE_WORDS or not words[0][0].isupper() or _CODE.search(" ".join(words)):
        return False
    return not COMMON_WORDS.isdisjoint(word.lower() for word in words)


def _ended(words: list[str]) -> list[str]:
    return [*words[:-1], words[-1] + "."] if words[-1][-1].isalnum() else words


def _cut(words: list[str]) -> Iterator[list[str]]:
    """Yields a paragraph's words, cut at sentence ends where it is long."""
    if len(words) <= MAX_WORDS:
        yield words
        return
    piece: list[str] = []
    for sentence in _SENTENCE_END.split(" ".join(words)):
        new = sentence.split()
        if len(piece) + len(new) > MAX_WORDS:
            yield piece
            piece = []
        piece = piece + new
    yield piece


def _is_prose(words: list[str]) -> bool:
    if not MIN_WORDS <= len(words) <= MAX_WORDS:
        return False
    text = " ".join(words)
    if ">>>" in text or "://" in text or "..." in text or not text.isprintable():
        return False
    lettered = sum(any(map(str.isalpha, word)) for word in words)
    stops = {word.lower().strip(".,:;") for word in words}.intersection(STOP_WORDS)
    return lettered >= 0.88 * len(words) and len(text) <= 8.0 * len(words) and len(stops) >= 2


def _is_new(words: list[str], seen: set[str]) -> bool:
    """Returns whether most of a passage was not seen before; remembers it if so."""
    shingles = {" ".join(words[i : i + _SHINGLE]) for i in range(len(words) - _SHINGLE + 1)}
    if len(shingles & seen) * 10 > len(shingles):
        return False
    seen |= shingles
    return True
