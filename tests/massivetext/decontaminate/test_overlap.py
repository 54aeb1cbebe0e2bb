from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from massivetext.decontaminate.overlap import (
    Bounds,
    Match,
    build_table,
    by_containment,
    by_jaccard,
    find_matches,
    is_reported,
    judge,
)

SETS = st.sets(st.integers(0, 30))
PAPER = Bounds(Fraction(4, 5))


def array(values):
    return np.array(sorted(values), np.uint64)


@given(st.lists(SETS, max_size=6), SETS)
def test_equals_set_arithmetic(items, document):
    found = find_matches(array(document), build_table(map(array, items)))
    assert found == [
        Match(number, len(item & document), len(item | document), len(item))
        for number, item in enumerate(items)
        if item & document
    ]


def test_the_largest_hash_is_found():
    largest = array([(1 << 64) - 1])
    assert len(find_matches(largest, build_table([largest]))) == 1
    assert not find_matches(largest, build_table([array([1])]))


@pytest.mark.parametrize(
    ("shared", "union", "dropped"), [(4, 5, False), (80, 100, False), (81, 100, True), (1, 1, True)]
)
def test_the_bound_on_jaccard_is_strict(shared, union, dropped):
    assert (judge([Match(0, shared, union, shared)], PAPER) is not None) is dropped


def test_containment_drops_only_if_asked():
    matches = [Match(0, 9, 1000, 10), Match(1, 1, 1001, 2)]
    assert judge(matches, PAPER) is None
    assert judge(matches, PAPER._replace(containment=Fraction(9, 10))) is None
    assert judge(matches, PAPER._replace(containment=Fraction(89, 100))) == matches[0]
    assert judge([], PAPER) is None


def test_ties_are_broken():
    same = [Match(4, 5, 6, 5), Match(2, 10, 12, 10)]
    assert by_jaccard(same).item == 2
    assert by_containment(same).item == 2  # the longer one
    assert by_containment([Match(4, 5, 6, 5), Match(3, 5, 7, 5)]).item == 3


def test_half_an_item_is_reported():
    assert is_reported(Match(0, 5, 100, 10))
    assert not is_reported(Match(0, 4, 100, 10))
