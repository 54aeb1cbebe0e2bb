import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from massivetext.tokenizer.pack import BLOCK_SEQUENCES, pack, pack_on

CROPS = st.lists(st.lists(st.integers(0, 65_535), max_size=20), max_size=30)


def arrays(crops: list[list[int]]) -> list[np.ndarray]:
    return [np.array(crop, np.uint16) for crop in crops]


@pytest.mark.parametrize(("size", "count"), [(0, 0), (1, 0), (4, 0), (5, 1), (8, 1), (9, 2)])
def test_a_sequence_needs_one_token_more_than_its_length(size: int, count: int) -> None:
    [packed] = pack([np.arange(size, dtype=np.uint16)], 4, 10)
    assert packed.sequences.shape == (count, 5)
    assert packed.tail == size - 4 * count


def test_sequences_share_their_border_token() -> None:
    [packed] = pack([np.arange(9, dtype=np.uint16)], 4, 10)
    assert packed.sequences.tolist() == [[0, 1, 2, 3, 4], [4, 5, 6, 7, 8]]


def test_groups_do_not_run_into_each_other() -> None:
    crops = [np.full(3, number, np.uint16) for number in range(5)]
    packed = list(pack(crops, 5, 2))
    assert [group.sequences.tolist() for group in packed] == [
        [[0, 0, 0, 1, 1, 1]],
        [[2, 2, 2, 3, 3, 3]],
        [],
    ]
    assert [group.tail for group in packed] == [1, 1, 3]


@given(CROPS, st.integers(1, 12), st.integers(1, 7))
def test_nothing_is_lost_uncounted(crops: list[list[int]], length: int, group: int) -> None:
    packed = list(pack(arrays(crops), length, group))
    for number, found in enumerate(packed):
        joined = [token for crop in crops[number * group : (number + 1) * group] for token in crop]
        again = found.sequences[:, :-1]
        assert again.ravel().tolist() == joined[: len(joined) - found.tail]
        assert found.sequences[:, -1].tolist() == joined[length::length][: len(again)]
        assert found.tokens == len(joined) == length * len(again) + found.tail
        assert found.tail <= length
    assert sum(found.tokens for found in packed) == sum(map(len, crops))
    assert all(found.sequences.dtype == np.uint16 for found in packed)


@given(CROPS, st.integers(1, 3), st.integers(1, 40))
def test_rests_go_on(crops: list[list[int]], length: int, copies: int) -> None:
    """With blocks of both kinds: those given on the way, and the last one."""
    crops = crops * copies
    packed = list(pack_on(arrays(crops), length))
    stream = [token for crop in crops for token in crop]
    rows = [row for block in packed for row in block.sequences.tolist()]
    assert [token for row in rows for token in row[:-1]] == stream[: len(rows) * length]
    assert [row[-1] for row in rows] == stream[length::length][: len(rows)]
    assert sum(block.tokens for block in packed) == len(stream)
    assert [block.tail for block in packed[:-1]] == [0] * len(packed[:-1])
    assert len(stream) == len(rows) * length + sum(block.tail for block in packed)
    assert sum(block.tail for block in packed) <= length


@pytest.mark.parametrize("extra", [-1, 0, 1, 2])
def test_a_block_is_given_where_it_is_full(extra: int) -> None:
    size = BLOCK_SEQUENCES * 4 + extra
    packed = list(pack_on([np.arange(size, dtype=np.uint16)], 4))
    assert len(packed) == 1 + (extra > 0)
    assert sum(len(block.sequences) for block in packed) == (size - 1) // 4


def test_nothing_gives_no_blocks() -> None:
    assert list(pack_on([], 4)) == []
