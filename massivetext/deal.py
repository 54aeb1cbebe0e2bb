"""Draws each part's sequences by hash and deals them to shards, so that each has the mixture."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from massivetext.hashing import hash64


class Place(NamedTuple):
    """Where a sequence goes."""

    shard: int
    key: int  # hash; the order within the shard
    part: int
    row: int  # row among the part's sequences


def draw(seed: int, part: int, available: int, quota: int) -> tuple[NDArray[np.int64], list[int]]:
    """Returns the rows of the `quota` smallest hashes of a part's sequences, and the hashes.

    Rows are in the order of their hashes. What is left over is surplus.

    >>> rows, keys = draw(0, 3, available=5, quota=2)
    >>> len(rows), keys == sorted(keys)
    (2, True)
    """
    keys = [hash64(seed, "sequence", part, index) for index in range(available)]
    rows = sorted(range(available), key=lambda index: (keys[index], index))[:quota]
    return np.array(rows, np.int64), [keys[row] for row in rows]


def deal(
    seed: int, parts: Iterable[tuple[int, int, int]], shards: int, first: int = 0
) -> Iterator[Place]:
    """Returns the place of every drawn sequence of (part, available, quota) parts.

    Sequences go round the shards by rank, so that any two shards differ by at most one in number
    and by at most one in any source whose parts follow each other. `first` is the number that
    were dealt before. Sort a shard by (key, part, row).
    """
    turn = first
    for part, available, quota in parts:
        rows, keys = draw(seed, part, available, quota)
        for row, key in zip(rows.tolist(), keys, strict=True):
            yield Place(turn % shards, key, part, row)
            turn += 1
