from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from massivetext.errors import ConfigError, StageError
from massivetext.mixture.quotas import (
    EVERY,
    apportion,
    is_validation,
    most_total,
    part_quotas,
    pass_count,
    pass_draws,
    source_quotas,
    threshold64,
    to_fraction,
)
from massivetext.paper import SUBSETS

PAPER = {subset.name: subset.weight for subset in SUBSETS}
COUNTS = st.lists(st.integers(0, 10_000), min_size=1, max_size=12)


@pytest.mark.parametrize(
    ("sequences", "quotas"),
    [
        (200, [96, 54, 20, 20, 6, 4]),
        (2_000, [960, 540, 200, 200, 60, 40]),
        (20_000, [9_600, 5_400, 2_000, 2_000, 600, 400]),
        (7, [3, 2, 1, 1, 0, 0]),
        (1, [1, 0, 0, 0, 0, 0]),
        (0, [0, 0, 0, 0, 0, 0]),
    ],
)
def test_the_papers_mixture_is_exact(sequences: int, quotas: list[int]) -> None:
    assert list(source_quotas(sequences, PAPER).values()) == quotas


def test_weights_are_read_as_decimals() -> None:
    assert to_fraction(0.1) + to_fraction(0.2) == to_fraction(0.3)
    assert source_quotas(10, {"a": 0.1, "b": 0.2, "c": 0.7}) == {"a": 1, "b": 2, "c": 7}


@pytest.mark.parametrize("last", ["0.019", "0.021"])
def test_weights_must_sum_to_one(last: str) -> None:
    with pytest.raises(ConfigError, match="not to 1"):
        source_quotas(100, {**PAPER, "wikipedia": last})


def test_ties_go_to_the_first() -> None:
    assert apportion(2, [1, 1, 1]) == [1, 1, 0]


@pytest.mark.parametrize("weights", [[], [0, 0], [1, -1], [2, -1]])
def test_weights_without_a_share_are_refused(weights: list[int]) -> None:
    with pytest.raises(ConfigError, match="cannot share"):
        apportion(1, weights)


@given(st.integers(0, 10**9), COUNTS.filter(any))
def test_shares_are_whole_and_within_one_of_exact(total: int, weights: list[int]) -> None:
    shares = apportion(total, weights)
    assert sum(shares) == total
    for share, weight in zip(shares, weights, strict=True):
        assert abs(share - Fraction(total * weight, sum(weights))) < 1


@given(COUNTS, st.data())
def test_no_part_is_asked_for_more_than_it_has(available: list[int], data: st.DataObject) -> None:
    quota = data.draw(st.integers(0, sum(available)))
    quotas = part_quotas("web", quota, available)
    assert sum(quotas) == quota
    assert all(asked <= has for asked, has in zip(quotas, available, strict=True))


def test_a_source_at_its_limit_gives_all() -> None:
    assert part_quotas("web", 9, [4, 5]) == [4, 5]


def test_a_shortfall_says_what_it_would_take() -> None:
    with pytest.raises(StageError, match=r"books has 9 of the 18 .* 2\.00 times its passes"):
        part_quotas("books", 18, [4, 5])
    with pytest.raises(StageError, match="more documents"):
        part_quotas("books", 1, [])


def takes(index: int, passes: Fraction, draw: int) -> bool:
    """Returns whether pass `index` takes a document: the definition of `pass_draws`."""
    return draw < (passes - index) * EVERY


@given(st.fractions(0, 5), st.integers(0, (1 << 64) - 1))
def test_passes_take_in_order(passes: Fraction, draw: int) -> None:
    taken = [takes(index, passes, draw) for index in range(pass_count(passes) + 1)]
    assert sum(taken) in (int(passes), int(passes) + 1)
    assert taken == sorted(taken, reverse=True)
    assert not taken[-1]


@pytest.mark.parametrize(("draw", "taken"), [((1 << 62) - 1, True), (1 << 62, False)])
def test_the_last_pass_takes_its_fraction(draw: int, taken: bool) -> None:
    assert takes(2, Fraction(9, 4), draw) == taken


def test_validation_has_its_share_and_the_same_units_always() -> None:
    chosen = {name for name in map(str, range(10_000)) if is_validation(3, name, "0.1")}
    more = {name for name in map(str, range(10_000)) if is_validation(3, name, "0.2")}
    assert 900 < len(chosen) < 1_100
    assert chosen < more


@given(st.fractions(0, 4), st.integers(0, EVERY - 1))
def test_draws_of_passes_are_what_takes_compares(passes: Fraction, draw: int) -> None:
    below = pass_draws(passes)
    assert [draw < bound for bound in below] == [takes(i, passes, draw) for i in range(len(below))]


@given(st.fractions(0, 1), st.integers(0, EVERY - 1))
def test_draws_of_a_share_are_below_it(share: Fraction, draw: int) -> None:
    assert (draw < threshold64(share)) == (draw < share * EVERY)


@given(
    st.lists(st.tuples(st.integers(1, 100), st.integers(1, 500)), min_size=1, max_size=6),
    st.sets(st.integers(0, 5)),
)
def test_the_most_total_is_within_what_there_is_and_one_more_is_not(
    sources: list[tuple[int, int]], unlimited: set[int]
) -> None:
    whole = sum(weight for weight, _ in sources)
    weights = {str(n): Fraction(weight, whole) for n, (weight, _) in enumerate(sources)}
    available = {str(n): count for n, (_, count) in enumerate(sources) if n not in unlimited}
    if not available:
        return
    total = most_total(available, weights)
    assert all(source_quotas(total, weights)[name] <= count for name, count in available.items())
    for more in range(total + 1, total + 2 * whole):
        quotas = source_quotas(more, weights)
        assert any(quotas[name] > count for name, count in available.items())
