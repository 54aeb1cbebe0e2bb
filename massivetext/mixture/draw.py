"""Draws each part's sequences by hash; the smallest hashes are the ones that are written."""

import numpy as np
from numpy.typing import NDArray

from massivetext.hashing import hashes64


def draw(seed: int, part: int, available: int, quota: int) -> tuple[NDArray[np.int64], list[int]]:
    """Returns the rows of the `quota` smallest hashes of a part's sequences, and the hashes.

    Rows are in the order of their hashes. What is left over is surplus.

    >>> rows, keys = draw(0, 3, available=5, quota=2)
    >>> len(rows), keys == sorted(keys)
    (2, True)
    """
    keys = hashes64(seed, f"sequence\0{part}", map(str, range(available)))
    rows = np.argsort(np.array(keys, np.uint64), kind="stable")[:quota]
    return rows, [keys[row] for row in rows.tolist()]
