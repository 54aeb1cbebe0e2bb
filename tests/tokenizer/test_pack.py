import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from massivetext.tokenizer.pack import pack

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
