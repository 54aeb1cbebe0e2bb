"""Hot spots: what a family of many near-identical pages costs, counted, not timed."""

from collections.abc import Iterator

import numpy as np
import pytest
from numpy.typing import NDArray

from massivetext.dedup import pairs
from massivetext.dedup.packed_records import Records
from massivetext.dedup.pairs import (
    ENTRY,
    LEADERS,
    LINK,
    MAX_CANDIDATES,
    NEIGHBOURS,
    SLICE,
    keep_strongest,
    pair_candidates,
    request_shingles,
)

BANDS = 3  # in which all members agree; more of them add no pair


def hot_entries(members: int) -> tuple[NDArray[np.uint32], Records]:
    """A family whose members share all bands, in one part, in an order of its own."""
    entries = np.zeros(BANDS * members, ENTRY)
    entries["row"] = np.repeat(np.arange(members), BANDS)
    entries["key"] = np.tile(np.arange(BANDS), members)
    order = np.random.default_rng(1).permutation(members).astype(np.uint64) << np.uint64(40)
    entries["order"] = np.repeat(order, BANDS)
    return np.zeros(len(entries), np.uint32), entries


def links_of(members: int) -> Iterator[Records]:
    for _, links in pair_candidates(*hot_entries(members)):
        yield links


@pytest.fixture(
    scope="module", params=[1_000, 10_000, pytest.param(100_000, marks=pytest.mark.heavy)]
)
def family(request) -> tuple[int, list[Records], Records]:
    chunks = list(links_of(request.param))
    _, wants = request_shingles(0, keep_strongest(np.concatenate([np.empty(0, LINK), *chunks])))
    return request.param, chunks, wants


def test_links_grow_with_the_family(family):
    members, chunks, _ = family
    links = sum(map(len, chunks))
    most = LEADERS + NEIGHBOURS
    assert most * (members - most) <= links <= BANDS * most * members
    assert max(map(len, chunks)) <= most * pairs._CHUNK  # what is held at a time


def test_shingles_cross_once_a_leader_and_leaders_once_a_slice(family):
    """So what is shuffled of a document does not grow with the family."""
    members, _, wants = family
    own = wants["row"] == wants["leader"]
    crossing = np.stack([wants[name][~own] for name in ("row", "part", "leader")], axis=1)
    assert len(np.unique(crossing, axis=0)) == len(crossing)
    assert np.bincount(wants["row"][~own]).max() <= MAX_CANDIDATES
    slices = np.bincount(wants["leader"][own])
    hot = np.sort(slices)[::-1]
    assert hot[LEADERS:].max() == 1
    assert hot[0] <= max(1, 2 * members / SLICE)
    assert len(wants) <= (MAX_CANDIDATES + 1) * members + LEADERS * 2 * members / SLICE


def test_no_comparison_holds_the_whole_family(family):
    """A slice is judged at a time; its members go by one after another."""
    _, _, wants = family
    keys = np.stack([wants["leader"], wants["slice"]], axis=1)
    _, sizes = np.unique(keys, axis=0, return_counts=True)
    assert sizes.max() <= 2 * SLICE


def test_every_member_meets_the_first_of_the_family(family):
    """The one that survives: so one document is left of a family whose members are all alike."""
    members, _, wants = family
    entries = hot_entries(members)[1]
    first = int(entries["row"][np.argmin(entries["order"])])
    met = np.unique(wants["row"][wants["leader"] == first])
    assert len(met) == members
