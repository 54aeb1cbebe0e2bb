"""Overlap with held-out sets: exact 13-gram Jaccard and containment, without candidates or misses.

Rae et al. 2021, appendix A.1.1, "Test-set filtering": a training document whose 13-gram Jaccard
similarity to a test document is above 0.8 is removed. Jaccard of a long document with a passage
that it quotes is small, so the containment of the item in the document is measured too.
"""

from collections.abc import Iterable
from fractions import Fraction
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

REPORTED = Fraction(1, 2)  # containment from which a document that stays is reported


class Table(NamedTuple):
    """The shingles of all items, to be looked up."""

    hashes: NDArray[np.uint64]  # ascending; once for each item that has it
    items: NDArray[np.uint32]  # the item of each
    sizes: NDArray[np.uint32]  # shingles of each item


class Match(NamedTuple):
    """What a document and an item share."""

    item: int
    shared: int  # shingles
    union: int
    size: int  # shingles of the item

    @property
    def jaccard(self) -> float:
        """Returns the Jaccard similarity of the two."""
        return self.shared / self.union

    @property
    def containment(self) -> float:
        """Returns the share of the item's shingles that the document has."""
        return self.shared / self.size


def build_table(items: Iterable[NDArray[np.uint64]]) -> Table:
    """Returns the table of the items' shingles, each a sorted array without duplicates."""
    shingles = list(items)
    sizes = np.array([len(item) for item in shingles], np.uint32)
    hashes = np.concatenate([np.empty(0, np.uint64), *shingles])
    owners = np.repeat(np.arange(len(shingles), dtype=np.uint32), sizes)
    order = np.argsort(hashes, kind="stable")
    return Table(hashes[order], owners[order], sizes)


Positions = NDArray[np.int64]  # of the first entry in a table of each shingle that was found


def find_positions(shingles: NDArray[np.uint64], table: Table) -> Positions:
    """Returns where a table holds the shingles of a document, of those that it holds."""
    start = np.searchsorted(table.hashes, shingles, "left")
    inside = start < len(table.hashes)
    inside[inside] = table.hashes[start[inside]] == shingles[inside]
    return start[inside]


def count_shared(
    positions: Positions, table: Table
) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
    """Returns the items that have the shingles at `positions`, ascending, and how many of them."""
    end = np.searchsorted(table.hashes, table.hashes[positions], "right")
    count = end - positions
    place = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    return np.unique(table.items[np.repeat(positions, count) + place], return_counts=True)


def find_matches(shingles: NDArray[np.uint64], table: Table) -> list[Match]:
    """Returns all items that share a shingle with a document.

    >>> a, b = np.array([1, 2, 3], np.uint64), np.array([3, 4], np.uint64)
    >>> find_matches(np.array([2, 3, 9], np.uint64), build_table([a, b]))
    [Match(item=0, shared=2, union=4, size=3), Match(item=1, shared=1, union=4, size=2)]
    """
    positions = find_positions(shingles, table)
    if not len(positions):
        return []
    items, shared = count_shared(positions, table)
    sizes = table.sizes[items].astype(np.int64)
    rows = np.stack([items, shared, len(shingles) + sizes - shared, sizes], axis=1)
    return [Match(*row) for row in rows.tolist()]


def by_jaccard(matches: Iterable[Match]) -> Match:
    """Returns the match with the largest Jaccard, the first item of equal ones."""
    return max(matches, key=lambda match: (Fraction(match.shared, match.union), -match.item))


def by_containment(matches: Iterable[Match]) -> Match:
    """Returns the match with the largest containment, then the longest item, then the first."""
    return max(matches, key=lambda m: (Fraction(m.shared, m.size), m.size, -m.item))


class Bounds(NamedTuple):
    """Above which values a document is dropped, as exact fractions."""

    jaccard: Fraction
    containment: Fraction | None = None


def judge(matches: list[Match], bounds: Bounds) -> Match | None:
    """Returns the match for which a document is dropped, if there is one.

    >>> bounds = Bounds(Fraction(4, 5))
    >>> judge([Match(0, 4, 5, 4)], bounds), judge([Match(0, 5, 6, 6)], bounds)
    (None, Match(item=0, shared=5, union=6, size=6))
    """
    if not matches:
        return None
    match = by_jaccard(matches)
    if match.shared > match.union * bounds.jaccard:
        return match
    match = by_containment(matches)
    if bounds.containment is not None and match.shared > match.size * bounds.containment:
        return match
    return None


def is_reported(match: Match) -> bool:
    """Returns whether a document holds so much of an item that a reader wants to know."""
    return match.shared >= match.size * REPORTED
