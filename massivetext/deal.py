"""Draws each part's sequences by hash; the smallest hashes are the ones that are written."""

import numpy as np
from numpy.typing import NDArray

from massivetext.hashing import hash64


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
