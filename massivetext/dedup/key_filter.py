"""Which keys may be among known ones: a Bloom filter, so that most of an old corpus is passed by.

A filter never misses a known key. Of others it lets through a share, `density`, which is below
0.08 % while it may grow; who asks must compare the keys themselves afterwards.
"""

import math
from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

_BITS_A_KEY = 32
# Odd: they make upper bits of all bits. The kernels have the same.
_FACTORS = tuple(map(np.uint64, (1, 0x9E3779B97F4A7C15, 0xD6E8FEB86659FD93)))
_SMALLEST, _LARGEST = 16, 29  # binary logarithms of bits: 8 KiB to 64 MiB

Keys = NDArray[np.uint64]  # well mixed: their upper bits say the place
Filter = NDArray[np.uint8]


def empty_filter(keys: int) -> Filter:
    """Returns a filter for so many keys.

    >>> len(empty_filter(0)), len(empty_filter(10**5)), len(empty_filter(10**12))
    (8192, 524288, 67108864)
    """
    wanted = math.ceil(math.log2(max(1, keys * _BITS_A_KEY)))
    return np.zeros(1 << min(max(wanted, _SMALLEST), _LARGEST) - 3, np.uint8)


def _places(found: Filter, keys: Keys) -> Iterator[NDArray[np.int64]]:
    """Yields the three bits of each key: by its upper bits as they are, and by all mixed."""
    bits = (len(found) * 8).bit_length() - 1
    for factor in _FACTORS:
        yield (keys * factor >> np.uint64(64 - bits)).astype(np.int64)


def add_keys(found: Filter, keys: Keys) -> None:
    """Adds keys to a filter."""
    for places in _places(found, keys):
        np.bitwise_or.at(found, places >> 3, np.left_shift(1, places & 7).astype(np.uint8))


def may_hold(found: Filter, keys: Keys) -> NDArray[np.bool_]:
    """Returns which keys may be in a filter.

    >>> known = empty_filter(2)
    >>> add_keys(known, np.array([3 << 60, 5 << 60], np.uint64))
    >>> may_hold(known, np.array([3 << 60, 4 << 60, 5 << 60], np.uint64)).tolist()
    [True, False, True]
    """
    held: NDArray[np.bool_] = np.ones(len(keys), bool)
    left = np.arange(len(keys))
    for places in _places(found, keys):
        places = places[left]
        no = (found[places >> 3] >> (places & 7).astype(np.uint8) & 1) == 0
        held[left[no]] = False
        left = left[~no]
    return held


def united(filters: Iterable[Filter]) -> Filter:
    """Returns a filter that holds the keys of all; they have one size."""
    first, *others = filters
    found = first.copy()
    for other in others:
        found |= other
    return found


def density(keys: int) -> float:
    """Returns the share of unknown keys that a filter of so many keys lets through, about.

    >>> density(10**5) < 0.0008, density(10**12) > 0.99
    (True, True)
    """
    return (1 - math.exp(-3 * keys / (len(empty_filter(keys)) * 8))) ** 3
