"""What the classifier sees of a text: hashed words and pairs of words of a bounded sample.

These definitions are the specification of the kernel (kernels/safety).
"""

import re
from typing import Final

SAMPLE_CHARACTERS: Final = 3_000  # a third from the beginning, the middle and the end
_PLACES: Final = 3
_BASIS, _PRIME, _MASK = 0xCBF29CE484222325, 0x100000001B3, (1 << 64) - 1  # FNV-1a of 64 bits
_MIX: Final = 0x9E3779B97F4A7C15
_WORD: Final = re.compile(rb"[0-9A-Za-z\x80-\xff]+")


def sample(text: str) -> str:
    """Returns a text, or of one over `SAMPLE_CHARACTERS` its beginning, middle and end.

    >>> len(sample("a" * 10_000)), sample("short")
    (3002, 'short')
    """
    if len(text) <= SAMPLE_CHARACTERS:
        return text
    size = SAMPLE_CHARACTERS // _PLACES
    middle = (len(text) - size) // 2
    return f"{text[:size]} {text[middle : middle + size]} {text[-size:]}"


def buckets(text: str, bits: int) -> list[int]:
    """Returns the bucket of each word of a text and of each pair of words, `bits` wide.

    A word is a run of ASCII letters and digits and of bytes above 0x7F; A to Z are as a to z.

    >>> len(buckets("It is, it IS", 18)), len(set(buckets("It is, it IS", 18)))
    (7, 4)
    """
    found, before = [], None
    for word in _WORD.findall(text.encode("utf-8", "replace")):
        lower = word.lower()
        found.append(_bucket(_hash(lower, _BASIS), bits))
        if before is not None:
            found.append(_bucket(_hash(lower, before), bits))
        before = _hash(lower + b" ", _BASIS)
    return found


def _hash(word: bytes, value: int) -> int:
    for byte in word:
        value = ((value ^ byte) * _PRIME) & _MASK
    return value


def _bucket(value: int, bits: int) -> int:
    return ((value * _MIX) & _MASK) >> (64 - bits)
