import math
import random
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from massivetext.errors import StageError
from massivetext.mixture.passes import (
    Packing,
    Supply,
    expected_sequences,
    passes_for,
    plan_most,
    plan_passes,
)
from massivetext.mixture.quotas import source_quotas
from massivetext.paper import SUBSETS

WEIGHTS = {subset.name: subset.weight for subset in SUBSETS}
SUPPLIES = {
    name: Supply(documents, documents * size, documents * size**2 * 2, 3, Fraction(1, 4))
    for name, documents, size in [
        ("web", 5_000, 3_000),
        ("books", 60, 25_000),
        ("c4", 2_000, 2_000),
        ("news", 1_000, 2_400),
        ("github", 700, 5_000),
        ("wikipedia", 300, 4_000),
    ]
}
NO_LIMIT = dict.fromkeys(WEIGHTS, 1_000)


def test_nothing_needs_no_pass() -> None:
    assert passes_for(0, Supply(0, 0, 0, 0, Fraction(0)), Packing()) == 0


def test_an_empty_source_is_refused() -> None:
    with pytest.raises(StageError, match="no documents for 1 sequences"):
        passes_for(1, Supply(0, 0, 0, 0, Fraction(1, 4)), Packing())


def delivered(sizes: list[int], passes: Fraction, packing: Packing, choose: random.Random) -> int:
    """Sequences that crops of so many tokens give when they are packed in random order."""
    crops = sizes * math.floor(passes)
    crops += [size for size in sizes if choose.random() < passes % 1]
    choose.shuffle(crops)
    groups = (crops[at : at + packing.group] for at in range(0, len(crops), packing.group))
    return sum(max(0, sum(group) - 1) // packing.length for group in groups)


def sizes_of(choose: random.Random) -> list[int]:
    """Crops of 20 to 2,000 documents, alike or very different."""
    spread, mean = choose.choice([0.3, 0.5, 1, 1.5]), choose.choice([300, 1_000, 4_000])
    wide = [choose.lognormvariate(0, spread) for _ in range(choose.randrange(20, 2_000))]
    return [min(7_000, int(value * mean) + 1) for value in wide]


def test_the_passes_deliver_and_hardly_more() -> None:
    short = wanted_in_all = got_in_all = 0
    for seed in range(300):
        choose = random.Random(seed)
        sizes = sizes_of(choose)
        squares = sum(size**2 for size in sizes)
        supply = Supply(len(sizes), sum(sizes), squares, 1, Fraction(1))
        wanted = choose.randrange(1, 500)
        got = delivered(sizes, passes_for(wanted, supply, Packing()), Packing(), choose)
        short += got < wanted
        wanted_in_all, got_in_all = wanted_in_all + wanted, got_in_all + got
    assert short <= 1
    assert got_in_all < 1.25 * wanted_in_all


@given(st.integers(0, 10_000))
def test_more_sequences_need_no_fewer_passes(sequences: int) -> None:
    for supply in SUPPLIES.values():
        more = passes_for(sequences + 1, supply, Packing())
        assert passes_for(sequences, supply, Packing()) <= more


@pytest.mark.parametrize("carry", [False, True])
def test_max_reads_the_scarcest_source_as_often_as_it_may(carry: bool) -> None:
    limits = {**dict.fromkeys(WEIGHTS, 2), "books": 20}
    packing = Packing(carry=carry)
    passes = plan_most(WEIGHTS, SUPPLIES, packing, limits)
    most = {
        name: expected_sequences(SUPPLIES[name], packing, Fraction(limits[name])) / Fraction(weight)
        for name, weight in WEIGHTS.items()
    }
    scarcest = min(most, key=lambda name: most[name])
    assert passes[scarcest] == limits[scarcest]
    total = math.floor(most[scarcest])
    assert all(passes[name] <= limits[name] for name in WEIGHTS)
    for name, quota in source_quotas(total, WEIGHTS).items():
        enough = passes_for(quota, SUPPLIES[name], packing) <= passes[name]
        assert enough or passes[name] == limits[name]


def test_a_target_beyond_the_limit_is_refused() -> None:
    limits = {**dict.fromkeys(WEIGHTS, 2), "books": 20}
    with pytest.raises(StageError, match="max_passes is 2"):
        plan_passes(source_quotas(100_000, WEIGHTS), SUPPLIES, Packing(), limits)


def test_the_margin_alone_refuses_nothing_where_rests_go_on() -> None:
    """The last sequences that are expected are not refused; one more than expected is."""
    supply = SUPPLIES["c4"]
    packing = Packing(carry=True)
    most = math.floor(expected_sequences(supply, packing, Fraction(2)))
    assert passes_for(most, supply, packing) > 2
    assert plan_passes({"c4": most}, {"c4": supply}, packing, {"c4": 2}) == {"c4": 2}
    with pytest.raises(StageError, match="max_passes is 2"):
        plan_passes({"c4": most + 1}, {"c4": supply}, packing, {"c4": 2})


def test_a_refusal_gives_the_passes_that_are_enough() -> None:
    quotas = source_quotas(2_000, WEIGHTS)
    limits = {**NO_LIMIT, "books": 1}
    with pytest.raises(StageError, match=r"Lower sequences\.tokens") as caught:
        plan_passes(quotas, SUPPLIES, Packing(), limits)
    advised = str(caught.value).split("books would take ")[1].split(" ")[0]
    assert plan_passes(quotas, SUPPLIES, Packing(), {**limits, "books": advised})


def test_max_of_nothing_names_the_scarce_source() -> None:
    supplies = {**SUPPLIES, "news": Supply(0, 0, 0, 0, Fraction(1, 4))}
    with pytest.raises(StageError, match="news cannot give one sequence"):
        plan_most(WEIGHTS, supplies, Packing(), NO_LIMIT)
    with pytest.raises(StageError, match="web cannot give one sequence"):
        plan_most(WEIGHTS, SUPPLIES, Packing(), {**NO_LIMIT, "web": 0})
    with pytest.raises(StageError, match="nothing is left of news"):
        plan_passes(source_quotas(100, WEIGHTS), supplies, Packing(), NO_LIMIT)


def test_a_source_without_weight_is_not_asked() -> None:
    weights = {"web": 1, "books": 0}
    supplies = {"web": SUPPLIES["web"], "books": Supply(0, 0, 0, 0, Fraction(0))}
    assert plan_most(weights, supplies, Packing(), {"web": 1, "books": 1}) == {"web": 1, "books": 0}


@given(st.lists(st.integers(50, 4_000), min_size=50, max_size=400), st.integers(1, 300))
def test_carried_passes_deliver(sizes: list[int], wanted: int) -> None:
    squares = sum(size**2 for size in sizes)
    packing = Packing(length=64, carry=True)
    supply = Supply(len(sizes), sum(sizes), squares, 1, Fraction(1))
    passes = passes_for(wanted, supply, packing)
    assert (sum(sizes) * passes - 1) // packing.length >= wanted  # what is taken on average


@pytest.mark.parametrize("wanted", [300, 700])
def test_a_pass_in_part_hardly_ever_falls_short(wanted: int) -> None:
    draw = random.Random(wanted)
    sizes = [draw.choice([50, 400, 4_000]) for _ in range(300)]
    packing = Packing(length=64, carry=True)
    squares = sum(size**2 for size in sizes)
    passes = passes_for(wanted, Supply(300, sum(sizes), squares, 1, Fraction(1)), packing)
    part = passes % 1
    assert 0 < part < 1
    short = 0
    for _ in range(500):
        taken = sum(sizes) * math.floor(passes)
        taken += sum(size for size in sizes if draw.random() < part)
        short += (taken - 1) // packing.length < wanted
    assert short <= 5  # of 500; few large crops are drawn less evenly, and a round more reads on
