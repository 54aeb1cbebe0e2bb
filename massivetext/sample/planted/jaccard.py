"""13-gram Jaccard, written from the paper's words alone and slow.

The sample's truth and its self-check use this instead of the pipeline's own signatures, so that
an error there cannot hide itself.
"""

import unicodedata

_WORDS_OF_A_SHINGLE = 13


def shingles_of(text: str) -> frozenset[str]:
    """Returns the distinct 13-word shingles of a text: marks are spaces, case is kept.

    A text of fewer than 13 words is one shingle, a text without words has none.

    >>> sorted(shingles_of("Well, well!"))
    ['Well well']
    """
    words = _bare(unicodedata.normalize("NFC", text)).split()
    if len(words) <= _WORDS_OF_A_SHINGLE:
        return frozenset([" ".join(words)] if words else [])
    starts = range(len(words) - _WORDS_OF_A_SHINGLE + 1)
    return frozenset(" ".join(words[i : i + _WORDS_OF_A_SHINGLE]) for i in starts)


def jaccard_of(first: frozenset[str], second: frozenset[str]) -> float:
    """Returns the shared part of two sets of shingles, from 0 to 1; 0 if both are empty.

    >>> jaccard_of(frozenset("abc"), frozenset("bcd"))
    0.5
    """
    union = len(first | second)
    return len(first & second) / union if union else 0.0


def _bare(text: str) -> str:
    """Returns a text with a space for each character that is punctuation or a symbol."""
    for character in set(text):
        if unicodedata.category(character)[0] in "PS":
            text = text.replace(character, " ")
    return text
