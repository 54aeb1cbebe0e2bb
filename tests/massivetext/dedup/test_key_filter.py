import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from massivetext.dedup.key_filter import add_keys, density, empty_filter, may_hold, united

KEYS = st.lists(st.integers(0, 2**64 - 1), max_size=40)


@given(known=KEYS, more=KEYS, asked=KEYS)
def test_a_known_key_is_never_missed(known, more, asked):
    filters = [empty_filter(100) for _ in range(2)]
    for found, keys in zip(filters, (known, more), strict=True):
        add_keys(found, np.array(keys, np.uint64))
    both = united(filters)
    held = may_hold(both, np.array(known + more + asked, np.uint64))
    assert held[: len(known) + len(more)].all()
    assert set(held[len(known) + len(more) :].tolist()) <= {True, False}
    assert not may_hold(empty_filter(9), np.array(asked, np.uint64)).any()


@pytest.mark.parametrize("count", [1_000, 20_000, 65_000])
def test_of_other_keys_few_pass(count):
    rng = np.random.default_rng(count)
    known, other = rng.integers(0, 2**64, (2, count), np.uint64, endpoint=False)
    found = empty_filter(count)
    add_keys(found, known)
    passed = may_hold(found, other).mean()
    assert passed <= 1.5 * density(count) + 3 / count
    assert density(count) < 0.0008


def test_filters_are_bounded():
    assert len(empty_filter(10**15)) == 64 << 20
    assert density(10**9) > 0.9
