import math
import random
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from massivetext.errors import StageError
from massivetext.mixture.passes import Packing, Supply, most_sequences, passes_for, plan_passes
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


def test_max_is_the_most_that_is_not_refused() -> None:
    limits = {**dict.fromkeys(WEIGHTS, 2), "books": 20}
    most = most_sequences(WEIGHTS, SUPPLIES, Packing(), limits)
    passes = plan_passes(source_quotas(most, WEIGHTS), SUPPLIES, Packing(), limits)
    assert all(passes[name] <= limits[name] for name in WEIGHTS)
    assert any(passes[name] > limits[name] * Fraction(9, 10) for name in WEIGHTS)
    with pytest.raises(StageError, match="max_passes is 2"):
        plan_passes(source_quotas(most + 60, WEIGHTS), SUPPLIES, Packing(), limits)


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
        most_sequences(WEIGHTS, supplies, Packing(), NO_LIMIT)
    with pytest.raises(StageError, match="nothing is left of news"):
        plan_passes(source_quotas(100, WEIGHTS), supplies, Packing(), NO_LIMIT)


def test_a_source_without_weight_is_not_asked() -> None:
    weights = {"web": 1, "books": 0}
    supplies = {"web": SUPPLIES["web"], "books": Supply(0, 0, 0, 0, Fraction(0))}
    assert most_sequences(weights, supplies, Packing(), {"web": 1, "books": 1}) > 0
