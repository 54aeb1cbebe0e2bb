"""Every choice of the pipeline is a hash of (seed, purpose, id): no generator, no order."""

from collections.abc import Iterable

import xxhash


def hash64(seed: int, purpose: str, *parts: object) -> int:
    """Returns 64 bits that depend on the seed, the purpose and the parts alone.

    >>> hash64(0, "rank", "a") == hash64(0, "rank", "a") != hash64(0, "take", "a")
    True
    """
    key = "\0".join([str(seed), purpose, *[str(part) for part in parts]])
    return xxhash.xxh3_64_intdigest(key.encode())


def hashes64(seed: int, purpose: str, names: Iterable[str]) -> list[int]:
    """Returns `hash64(seed, purpose, name)` of each name, four times as fast.

    >>> hashes64(0, "rank", ["a"]) == [hash64(0, "rank", "a")]
    True
    """
    start, digest = f"{seed}\0{purpose}\0", xxhash.xxh3_64_intdigest
    return [digest((start + name).encode()) for name in names]


def hash_fraction(seed: int, purpose: str, *parts: object) -> float:
    """Returns a number in [0, 1) from the 53 upper bits of `hash64`.

    >>> 0 <= hash_fraction(0, "take", "a", 1) < 1
    True
    """
    return (hash64(seed, purpose, *parts) >> 11) / (1 << 53)


def ranks(seed: int, ids: Iterable[str]) -> list[int]:
    """Returns `rank` of each id."""
    return hashes64(seed, "rank", ids)


def rank(seed: int, document_id: str) -> int:
    """Returns a document's rank: of equal or similar documents the smallest rank survives.

    Rae et al. 2021, A.1.1, remove one of a pair "at random"; a hash is random and repeatable.

    >>> rank(0, "a") != rank(1, "a")
    True
    """
    return hash64(seed, "rank", document_id)
