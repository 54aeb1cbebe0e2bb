"""Shingles, MinHash signatures and bands: how much of two documents is the same text.

Rae et al. 2021, appendix A.1.1, "Document deduplication": 13-gram Jaccard similarity, MinHash,
"we normalize whitespace and ignore punctuation". The numbers of hashes and bands are ours: 21 bands
of 6 rows find 99.8 % of the pairs at a similarity of 0.8.
"""

from functools import cache
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

import numpy as np
import xxhash
from numpy.typing import NDArray

from massivetext.document import given_text
from massivetext.extras import require
from massivetext.paper import SHINGLE_WORDS
from massivetext.text.kernels import find_kernels
from massivetext.text.nfc import nfc
from massivetext.text.unicode import PUNCTUATION_MARKS, SYMBOLS, case_folds
from massivetext.text.units import split_words

if TYPE_CHECKING:
    from datasketch import LeanMinHash

PERMUTATIONS: Final = 128
BANDS: Final = 21
ROWS: Final = 6

_MASK: Final = (1 << 64) - 1
_UINT64: Final = np.dtype("<u8")
# Odd constants with well mixed bits, as in SplitMix64, xxHash64 and MurmurHash3. Signatures on
# disk depend on them: a change needs a new FORMAT of the documents stage.
_GOLDEN: Final = 0x9E3779B97F4A7C15
_CHUNK: Final = 0xD6E8FEB86659FD93
_BASE: Final = 0xC2B2AE3D27D4EB4F


Punctuation = Literal["space", "delete"]


class Shingles(NamedTuple):
    """What shingles are made of: the paper normalizes white space and ignores punctuation.

    It does not say how punctuation is ignored. As a space, it parts the words of a URL or
    of ``a-b``, and so do symbols; deleted, it joins them, and symbols stay words of their own.
    """

    words: int = SHINGLE_WORDS
    punctuation: Punctuation = "space"  # and symbols; "delete": punctuation alone goes
    fold_case: bool = False

    @property
    def flags(self) -> tuple[int, bool, bool]:
        """Returns the settings as the kernels take them."""
        return self.words, self.punctuation == "space", self.fold_case


SHINGLES: Final = Shingles()


class Signature(NamedTuple):
    """What duplicates of a document are found by."""

    content_hash: bytes  # 16 bytes: xxh3_128 of the text as UTF-8
    minhash: bytes  # 512 bytes: 128 minima, little-endian uint32


def sign(text: str, shingles: Shingles = SHINGLES) -> Signature:
    """Returns the signature of `text`.

    Raises:
      ConfigError: `text` is no text.
      UnicodeEncodeError: `text` has a lone surrogate; the error is a `ValueError`.
    """
    minhash = find_minhash(given_text(text), shingles)  # first: it makes UTF-8, which a text keeps
    return Signature(content_hash(text), minhash)


def find_minhash(text: str, shingles: Shingles = SHINGLES) -> bytes:
    """Returns the minima of a signature: 512 bytes, 128 little-endian uint32."""
    kernels = find_kernels()
    if kernels is None:
        return define_minhash(define_shingle_hashes(text, shingles))
    found: bytes = kernels.sign(text, *shingles.flags)
    return found


def content_hash(text: str) -> bytes:
    """Returns 16 bytes that are equal for equal texts."""
    return xxhash.xxh3_128_digest(text.encode())


def define_signature(text: str, shingles: Shingles = SHINGLES) -> Signature:
    """Returns `sign` by the definitions in Python, which are the specification."""
    return Signature(content_hash(text), define_minhash(define_shingle_hashes(text, shingles)))


def shingle_hashes(text: str, shingles: Shingles = SHINGLES) -> NDArray[np.uint64]:
    """Returns the sorted, unique hashes of the n-grams of `text`, 13-grams by default.

    Words are those of `shingle_words`. Fewer than n words make one shingle, no words none.

    Raises:
      UnicodeEncodeError: `text` has a lone surrogate; the error is a `ValueError`.
    """
    kernels = find_kernels()
    if kernels is None:
        return define_shingle_hashes(text, shingles)
    return np.frombuffer(kernels.shingle_hashes(text, *shingles.flags), _UINT64)


def shingle_words(text: str, shingles: Shingles = SHINGLES) -> list[str]:
    """Returns the words of `text` in NFC that shingles are made of.

    >>> shingle_words("It's — the same")
    ['It', 's', 'the', 'same']
    >>> shingle_words("It's — the same", Shingles(punctuation="delete", fold_case=True))
    ['its', 'the', 'same']
    """
    text = nfc(text).translate(_marks(shingles.punctuation))
    return split_words(text.translate(case_folds()) if shingles.fold_case else text)


@cache
def _marks(punctuation: Punctuation) -> dict[int, str | None]:
    if punctuation == "delete":
        return dict.fromkeys(map(ord, PUNCTUATION_MARKS))
    return dict.fromkeys(map(ord, PUNCTUATION_MARKS + SYMBOLS), " ")


def hash_word(word: str) -> int:
    """Returns 64 bits of `word`, eight bytes of its UTF-8 at a time."""
    data = word.encode()
    value = len(data) * _GOLDEN & _MASK
    for start in range(0, len(data), 8):
        value = (value ^ int.from_bytes(data[start : start + 8], "little")) * _CHUNK & _MASK
        value ^= value >> 32
    return value


def define_shingle_hashes(text: str, shingles: Shingles = SHINGLES) -> NDArray[np.uint64]:
    """Returns `shingle_hashes` by the definition: a polynomial of the words' hashes, mixed."""
    words = shingle_words(text, shingles)
    known = {word: hash_word(word) for word in set(words)}
    values = np.fromiter((known[word] for word in words), np.uint64, len(words))
    width = min(shingles.words, len(words))
    if width == 0:
        return values
    sums = np.zeros(len(values) - width + 1, np.uint64)
    for start in range(width):
        sums = sums * np.uint64(_BASE) + values[start : start + len(sums)]
    return np.unique(_mix(sums))


def _mix(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """MurmurHash3's 64-bit finaliser: every bit of the input moves every bit of the output."""
    shift = np.uint64(33)
    values = (values ^ values >> shift) * np.uint64(0xFF51AFD7ED558CCD)
    values = (values ^ values >> shift) * np.uint64(0xC4CEB9FE1A85EC53)
    return values ^ values >> shift


def define_minhash(hashes: NDArray[np.uint64]) -> bytes:
    """Returns the minima of 128 permutations of the upper halves of `hashes`, by the definition.

    Permutation i is ``(a[i] * x + b[i]) mod 2**32`` with odd a[i]. Without hashes: all 2**32 - 1.
    """
    factors, offsets = permutations()
    values = (hashes >> np.uint64(32)).astype(np.uint32)
    minima = np.full(PERMUTATIONS, 0xFFFFFFFF, np.uint32)
    for start in range(0, len(values), 4096):
        hashed = np.multiply.outer(factors, values[start : start + 4096]) + offsets[:, None]
        minima = np.minimum(minima, hashed.min(axis=1))
    return minima.astype("<u4").tobytes()


@cache
def permutations() -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    """Returns the 128 factors, all odd, and the 128 offsets: SplitMix64 from seed 1."""
    state, values = 1, []
    for _ in range(2 * PERMUTATIONS):
        state = (state + _GOLDEN) & _MASK
        value = (state ^ state >> 30) * 0xBF58476D1CE4E5B9 & _MASK
        value = (value ^ value >> 27) * 0x94D049BB133111EB & _MASK
        values.append((value ^ value >> 31) & 0xFFFFFFFF)
    numbers = np.array(values, np.uint32)
    return numbers[:PERMUTATIONS] | np.uint32(1), numbers[PERMUTATIONS:]


def band_keys(
    signatures: NDArray[np.uint32], bands: int = BANDS, band_rows: int = ROWS
) -> NDArray[np.uint64]:
    """Returns the (n, 21) band keys of (n, 128) signatures: equal keys make candidates.

    A key hashes the band's number and its 6 rows; the last two rows of a signature are in no band.
    """
    kernels = find_kernels()
    if kernels is None:
        return define_band_keys(signatures, bands, band_rows)
    keys = kernels.band_keys(np.ascontiguousarray(signatures), bands, band_rows)
    return np.frombuffer(keys, _UINT64).reshape(-1, bands)


def define_band_keys(
    signatures: NDArray[np.uint32], bands: int = BANDS, band_rows: int = ROWS
) -> NDArray[np.uint64]:
    """Returns `band_keys` by the definition."""
    rows = signatures[:, : bands * band_rows].reshape(-1, bands, band_rows).astype(np.uint64)
    keys = np.arange(1, bands + 1, dtype=np.uint64) * np.uint64(_GOLDEN)
    keys = np.broadcast_to(keys, rows.shape[:2])
    for row in range(band_rows):
        keys = (keys ^ rows[:, :, row]) * np.uint64(_CHUNK)
        keys = keys ^ keys >> np.uint64(32)
    return keys


def jaccard(first: NDArray[np.uint64], second: NDArray[np.uint64]) -> float:
    """Returns the Jaccard similarity of two sorted arrays without duplicates; 0 if both are empty.

    >>> jaccard(np.array([1, 2, 3], np.uint64), np.array([2, 3, 4], np.uint64))
    0.5
    """
    shared = len(np.intersect1d(first, second, assume_unique=True))
    union = len(first) + len(second) - shared
    return shared / union if union else 0.0


def to_lean(signature: Signature) -> "LeanMinHash":
    """Returns datasketch's read-only MinHash with our values, for its LSH index and its Jaccard.

    Raises:
      ConfigError: datasketch is not installed.
    """
    require("similar", "to_lean")
    from datasketch import LeanMinHash  # takes long to import and few need it

    values = np.frombuffer(signature.minhash, np.dtype("<u4"))
    return LeanMinHash(seed=1, hashvalues=values, scheme="affine32")
