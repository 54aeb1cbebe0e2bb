from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from massivetext.tokenizer.spool import Spool

CROPS = st.lists(st.tuples(st.integers(0, 2**64 - 1), st.lists(st.integers(0, 2**16 - 1))))


@given(CROPS, st.sampled_from([1, 16, 1 << 20]))
def test_arrays_come_back_in_the_order_of_hashes(
    crops: list[tuple[int, list[int]]], memory: int
) -> None:
    spool = Spool(memory_bytes=memory)
    for order, tokens in crops:
        spool.add(order, np.array(tokens, np.uint16))
    found = [tokens.tolist() for tokens in spool.ordered()]
    assert found == [tokens for _, tokens in sorted(crops, key=lambda crop: crop[0])]


@pytest.mark.parametrize(("memory", "on_disk"), [(2_000, False), (1_999, True)])
def test_what_memory_does_not_hold_goes_to_a_file_without_a_name(
    tmp_path: Path, memory: int, on_disk: bool
) -> None:
    spool = Spool(str(tmp_path), memory_bytes=memory)
    for order in range(10):
        spool.add(order, np.full(100, order, np.uint16))
    assert spool._file._rolled is on_disk
    assert list(tmp_path.iterdir()) == []
    assert [tokens[0] for tokens in spool.ordered()] == list(range(10))
