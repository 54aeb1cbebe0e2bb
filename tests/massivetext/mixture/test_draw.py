from massivetext.hashing import hash64
from massivetext.mixture.draw import draw


def test_the_smallest_hashes_are_drawn_in_order() -> None:
    rows, keys = draw(5, 2, 20, 7)
    assert keys == sorted(hash64(5, "sequence", 2, index) for index in range(20))[:7]
    assert [hash64(5, "sequence", 2, row) for row in rows.tolist()] == keys


def test_a_smaller_quota_is_a_prefix() -> None:
    assert draw(5, 2, 20, 7)[0].tolist() == draw(5, 2, 20, 20)[0].tolist()[:7]


def test_parts_are_drawn_independently() -> None:
    assert draw(5, 2, 20, 20)[0].tolist() != draw(5, 3, 20, 20)[0].tolist()


def test_nothing_is_drawn_of_nothing() -> None:
    rows, keys = draw(0, 0, 0, 0)
    assert len(rows) == len(keys) == 0
