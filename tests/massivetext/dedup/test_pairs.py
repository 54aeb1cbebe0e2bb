from collections import Counter
from fractions import Fraction
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from massivetext.dedup import pairs as duplicates
from massivetext.dedup.pairs import (
    ALL_PAIRS,
    CONTENT,
    DROP,
    ENTRY,
    EXACT,
    LEADERS,
    LINK,
    NEAR,
    NEIGHBOURS,
    SLICE,
    Text,
    choose_twins,
    exact_copies,
    judge,
    keep_strongest,
    mark_repeated,
    pair_candidates,
    request_shingles,
)

FOUR_FIFTHS = Fraction(4, 5)


def contents_of(documents):
    """Documents as (content, order)."""
    contents = np.zeros(len(documents), CONTENT)
    contents["low"] = [content for content, _ in documents]
    contents["order"] = [order for _, order in documents]
    contents["row"] = np.arange(len(documents))
    contents["id"] = [bytes([row % 256]) * 16 for row in range(len(documents))]
    return contents


DOCUMENTS = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 1 << 63)), max_size=20)


@given(DOCUMENTS, st.integers(0, 3))
def test_of_equal_texts_the_first_in_order_survives(documents, split):
    parts = np.array([row > split for row in range(len(documents))], np.uint32)
    dropped_parts, drops = exact_copies(parts, contents_of(documents))
    first = {}
    for row, (content, order) in enumerate(documents):
        first[content] = min(first.get(content, (order, row)), (order, row))
    expected = {
        row: first[content][1]
        for row, (content, _) in enumerate(documents)
        if first[content][1] != row
    }
    assert dict(zip(drops["row"].tolist(), drops["twin_row"].tolist(), strict=True)) == expected
    assert dropped_parts.tolist() == parts[drops["row"]].tolist()
    assert drops["twin_part"].tolist() == parts[drops["twin_row"]].tolist()
    assert [i.tobytes()[0] for i in drops["twin_id"]] == drops["twin_row"].tolist()
    assert set(drops["kind"].tolist()) <= {EXACT}


def test_both_halves_of_the_hash_count():
    contents = contents_of([(1, 1), (1, 2)])
    contents["high"] = [5, 6]
    assert len(exact_copies(np.zeros(2, np.uint32), contents)[1]) == 0


@given(st.lists(st.integers(0, 20)))
def test_repeated_keys(keys):
    counts = Counter(keys)
    assert mark_repeated(np.array(keys, np.uint32)).tolist() == [counts[key] > 1 for key in keys]


def entries_of(buckets):
    """Each bucket is a list of rows; the order of a document is its row, shifted to be seen."""
    pairs = [(row, key) for key, rows in enumerate(buckets) for row in rows]
    entries = np.zeros(len(pairs), ENTRY)
    entries["row"], entries["key"] = zip(*sorted(pairs), strict=True)
    entries["order"] = entries["row"].astype(np.uint64) << np.uint64(40)
    return np.zeros(len(entries), np.uint32), entries


def links_of(buckets):
    links = [found for _, found in pair_candidates(*entries_of(buckets))]
    return np.concatenate([np.empty(0, LINK), *links])


def pairs_of(links):
    return sorted(zip(links["row"].tolist(), links["leader"].tolist(), strict=True))


@given(st.lists(st.sets(st.integers(0, 60), min_size=2, max_size=ALL_PAIRS), min_size=1))
def test_all_pairs_of_small_buckets_are_candidates(buckets):
    links = links_of(buckets)
    shared = Counter(
        (late, early) for rows in buckets for early, late in combinations(sorted(rows), 2)
    )
    assert pairs_of(links) == sorted(shared)
    assert [shared[pair] for pair in zip(links["row"], links["leader"], strict=True)] == [
        int(n) for n in links["shared"]
    ]


@pytest.mark.parametrize(("size", "most"), [(ALL_PAIRS, ALL_PAIRS - 1), (ALL_PAIRS + 1, 16)])
def test_large_buckets_are_linked_to_the_first_and_the_ones_before(size, most):
    links = links_of([range(size)])
    last = [leader for row, leader in pairs_of(links) if row == size - 1]
    assert len(last) == most
    if most == LEADERS + NEIGHBOURS:
        assert last == [*range(LEADERS), *range(size - 1 - NEIGHBOURS, size - 1)]
    assert max(Counter(links["row"].tolist()).values()) == most
    assert [leader for row, leader in pairs_of(links) if row == 1] == [0]


def test_work_grows_with_a_bucket_not_with_its_square(monkeypatch):
    monkeypatch.setattr(duplicates, "_CHUNK", 1000)  # pairs across chunks
    links = links_of([range(5_000)])
    assert len(links) <= 5_000 * (LEADERS + NEIGHBOURS)
    assert len(set(pairs_of(links))) == len(links)
    first = links["leader"] < LEADERS
    assert set(links["slices"][first].tolist()) == {5}  # 32 slices of 156
    assert set(links["slices"][~first].tolist()) == {0}  # these have no more than eight members


def test_an_entry_twice_in_a_bucket_is_not_its_own_candidate():
    assert pairs_of(links_of([[3, 3, 4]])) == [(4, 3)]


def test_candidates_that_share_most_bands_are_kept():
    links = links_of([[1, 9], [1, 9], [2, 9], [2, 9], [2, 9], [3, 9], [4, 9], [4, 5]])
    assert pairs_of(keep_strongest(links, 2)) == [(5, 4), (9, 1), (9, 2)]
    three = pairs_of(keep_strongest(links, 3))
    assert three[-2:] == [(9, 2), (9, 3)]  # of equals, the first in order
    halves = np.concatenate([links[::2], links[1::2], links])
    assert pairs_of(keep_strongest(halves, 2)) == [(5, 4), (9, 1), (9, 2)]
    assert len(keep_strongest(np.empty(0, LINK), 2)) == 0


def test_both_sides_of_a_pair_are_asked_for_their_shingles():
    links = np.zeros(3, LINK)
    links["row"], links["part"], links["leader"] = [1, 2, 2], [4, 4, 7], [8, 8, 1]
    parts, wants = request_shingles(7, links)
    found = {
        (int(p), int(w["row"]), int(w["part"]), int(w["leader"]))
        for p, w in zip(parts, wants, strict=True)
    }
    assert found == {(7, 1, 4, 8), (7, 2, 4, 8), (7, 2, 7, 1), (4, 8, 4, 8), (7, 1, 7, 1)}
    assert len(wants) == 5  # the leader that two documents share is read once


def test_slices_are_bounded_and_have_their_leader():
    links = links_of([range(20_000)])
    links = links[links["leader"] == 0]
    parts, wants = request_shingles(0, links)
    assert set(parts.tolist()) == {0}
    members = wants[wants["row"] != 0]
    sizes = Counter(members["slice"].tolist())
    assert max(sizes.values()) < 1.5 * SLICE
    assert set(sizes) == set(wants["slice"][wants["row"] == 0].tolist())


def text_of(values, row=0):
    return Text(0, row, row, b"x" * 16, np.array(sorted(values), np.uint64))


@pytest.mark.parametrize(
    ("member", "leader", "dropped"),
    [
        (range(4), range(5), False),  # exactly 0.8: not above it
        (range(8), range(10), False),
        (range(9), range(10), True),
        (range(801), range(1000), True),
        (range(800), range(1000), False),
        ([], [], False),
        ([1], [1], True),
    ],
)
def test_the_bound_is_strict_and_exact(member, leader, dropped):
    drop = judge(text_of(member, 3), text_of(leader), FOUR_FIFTHS)
    assert (drop is not None) == dropped
    if drop is not None:
        assert drop["kind"].tolist() == [NEAR]
        assert drop["row"].tolist() == [3]
        assert drop["jaccard"].tolist() == [len(member) / len(leader)]


def test_a_row_is_dropped_once_for_its_nearest_twin():
    drops = np.zeros(4, DROP)
    drops["row"] = [5, 5, 5, 2]
    drops["jaccard"] = [0.9, 0.95, 0.95, 0.81]
    drops["twin_order"] = [1, 9, 8, 1]
    drops["twin_row"] = [10, 11, 12, 13]
    found = choose_twins(drops[[2, 0, 3, 1]])
    assert found["row"].tolist() == [2, 5]
    assert found["twin_row"].tolist() == [13, 12]
