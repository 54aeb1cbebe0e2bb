from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from massivetext.deal import deal, draw
from massivetext.hashing import hash64

PARTS = st.lists(
    st.tuples(st.integers(0, 40), st.integers(0, 40)).map(lambda pair: (max(pair), min(pair))),
    max_size=8,
)


def test_the_smallest_hashes_are_drawn_in_order() -> None:
    rows, keys = draw(5, 2, 20, 7)
    assert keys == sorted(hash64(5, "sequence", 2, index) for index in range(20))[:7]
    assert [hash64(5, "sequence", 2, row) for row in rows.tolist()] == keys


def test_a_smaller_quota_is_a_prefix() -> None:
    assert draw(5, 2, 20, 7)[0].tolist() == draw(5, 2, 20, 20)[0].tolist()[:7]


@given(PARTS, st.integers(1, 7), st.integers(0, 100))
def test_every_drawn_sequence_has_one_place(
    parts: list[tuple[int, int]], shards: int, first: int
) -> None:
    numbered = [(part, has, quota) for part, (has, quota) in enumerate(parts)]
    places = list(deal(0, numbered, shards, first))
    assert len({(place.part, place.row) for place in places}) == len(places)
    assert Counter(place.part for place in places) == Counter(
        {part: quota for part, _, quota in numbered if quota}
    )
    sizes = Counter(place.shard for place in places)
    found = [sizes[shard] for shard in range(shards)]
    assert max(found) - min(found) <= 1


def test_every_shard_has_the_mixture() -> None:
    sources = {"web": [(0, 50, 33), (1, 60, 41)], "books": [(2, 30, 19)]}
    dealt = 0
    for parts in sources.values():
        places = list(deal(0, parts, 4, dealt))
        dealt += len(places)
        sizes = Counter(place.shard for place in places).values()
        assert max(sizes) - min(sizes) <= 1
