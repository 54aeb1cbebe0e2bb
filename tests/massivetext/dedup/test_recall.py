"""How many copies the candidates lose, against the comparison of all pairs."""

import numpy as np
import pytest

from massivetext.dedup.lsh_bands import place_bands
from massivetext.dedup.pairs import (
    ENTRY,
    MAX_CANDIDATES,
    count_shared,
    keep_strongest,
    pair_candidates,
)
from massivetext.dedup.signature import define_minhash
from massivetext.dedup.survival import Entrant, Survival, orders_of

SHINGLES = 600


def family(rng, size, changes):
    """Pages from one template, as arrays of shingle hashes: each change replaces 13 of them."""
    template = rng.integers(0, 1 << 63, SHINGLES, np.uint64)
    for _ in range(size):
        page = template.copy()
        for place in rng.integers(0, SHINGLES - 13, rng.integers(0, changes + 1)):
            page[place : place + 13] = rng.integers(0, 1 << 63, 13, np.uint64)
        yield np.unique(page)


def walk(rng, steps):
    """Each page is the one before with two changes: neighbors are alike, the ends are not."""
    page = rng.integers(0, 1 << 63, SHINGLES, np.uint64)
    for _ in range(steps):
        page = page.copy()
        for place in rng.integers(0, SHINGLES - 13, 2):
            page[place : place + 13] = rng.integers(0, 1 << 63, 13, np.uint64)
        yield np.unique(page)


def recall(families):
    groups = [list(pages) for pages in families]
    pages = [page for group in groups for page in group]
    order = orders_of(Survival(), "web", [Entrant(str(n)) for n in range(len(pages))])

    def similar(a, b):
        shared = count_shared(pages[a], pages[b])
        return shared * 10 > (len(pages[a]) + len(pages[b]) - shared) * 8

    truth, first = set(), 0
    for group in groups:
        members = sorted(range(first, first + len(group)), key=lambda n: order[n])
        first += len(group)
        for place, member in enumerate(members):
            if any(similar(member, other) for other in members[:place]):
                truth.add(member)
    links = keep_strongest(link(pages, order))
    assert len(links) <= MAX_CANDIDATES * len(pages)
    pairs = zip(links["row"].tolist(), links["leader"].tolist(), strict=True)
    found = {row for row, leader in pairs if similar(row, leader)}
    assert found <= truth
    return len(found) / len(truth), len(truth)


def link(pages, order):
    minima = np.frombuffer(b"".join(map(define_minhash, pages)), "<u4").reshape(-1, 128)
    bands = place_bands([(np.arange(len(pages), dtype=np.uint32), minima)], 1)
    entries = np.empty(len(bands.key), ENTRY)
    entries["key"], entries["row"], entries["order"] = bands.key, bands.row, order[bands.row]
    parts = np.zeros(len(entries), np.uint32)
    return np.concatenate([links for _, links in pair_candidates(parts, entries)])


def test_pairs_around_the_bound():
    rng = np.random.default_rng(1)
    found, truth = recall(family(rng, 2, 9) for _ in range(400))
    assert truth > 80
    assert found >= 0.995


@pytest.mark.heavy
@pytest.mark.parametrize("changes", [4, 6, 9])
def test_templates(changes):
    rng = np.random.default_rng(changes)
    found, truth = recall(family(rng, 600, changes) for _ in range(2))
    assert truth > 500
    assert found >= 0.995


@pytest.mark.heavy
def test_walks():
    rng = np.random.default_rng(2)
    found, _ = recall(walk(rng, 100) for _ in range(10))
    assert found >= 0.995
