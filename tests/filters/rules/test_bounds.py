"""Every rule at its bound, from the rows themselves: exact rationals, both sides, both readings."""

import dataclasses
from dataclasses import dataclass
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from massivetext.errors import ConfigError
from massivetext.filters.rules.bounds import bounds_of, broken
from massivetext.measures import Measures
from massivetext.paper import QualityRules, RepetitionRules
from massivetext.reasons import Reason
from massivetext.rules import AT, ONE, Reading, Rule, at_least, at_most, ranges, rows
from massivetext.text.kernels import check_measures, find_kernels

ZERO = Measures(*[0] * len(Measures._fields))
TABLE = [(kind, rule) for kind in (QualityRules, RepetitionRules) for rule, _ in rows(kind())]
READINGS: tuple[Reading, ...] = ("later", "all")


def alone(kind: type, rule: Rule, bound: float) -> object:
    """The rules of a kind with all but one turned off."""
    off = dict.fromkeys((field.name for field in dataclasses.fields(kind)), None)
    return kind(**(off | {rule.key: bound}))


def counted(rule: Rule, part: int, whole: int, reading: Reading) -> Measures:
    values = list(ZERO)
    if rule.whole != ONE:
        values[rule.whole] = whole
    values[rule.numerator(reading)] = part
    return Measures(*values)


@pytest.mark.parametrize(("kind", "rule"), TABLE, ids=[rule.key for _, rule in TABLE])
@given(st.data())
def test_each_rule_is_an_exact_inequality_of_two_integers(kind, rule, data):
    bound = data.draw(st.integers(0, 1000)) / 1000
    whole = 1 if rule.whole == ONE else data.draw(st.integers(1, 10**9))
    at = int(Fraction(repr(bound)) * whole)  # the largest part at or below the bound
    part = data.draw(st.one_of(st.integers(max(0, at - 1), at + 1), st.integers(0, 10**9)))
    reading = data.draw(st.sampled_from(READINGS))
    value, limit = Fraction(part, whole), Fraction(repr(bound))
    wrong = value < limit if rule.side == "at least" else value > limit
    found = broken(
        counted(rule, part, whole, reading), bounds_of(alone(kind, rule, bound), reading)
    )
    assert found == ((rule.reason,) if wrong else ())


@pytest.mark.parametrize("reading", READINGS)
@pytest.mark.parametrize(("kind", "rule"), TABLE, ids=[rule.key for _, rule in TABLE])
def test_each_rule_of_the_paper_at_its_bound_and_one_beyond(kind, rule, reading):
    whole = 1 if rule.whole == ONE else 1000
    at = int(Fraction(repr(rule.default)) * whole)
    step = -1 if rule.side == "at least" else 1
    bounds = bounds_of(alone(kind, rule, rule.default), reading)
    assert broken(counted(rule, at, whole, reading), bounds) == ()
    assert broken(counted(rule, at + step, whole, reading), bounds) == (rule.reason,)


@pytest.mark.parametrize(("kind", "rule"), TABLE, ids=[rule.key for _, rule in TABLE])
def test_a_fraction_of_nothing_breaks_no_rule(kind, rule):
    if rule.whole != ONE:
        assert broken(ZERO, bounds_of(alone(kind, rule, rule.default))) == ()


def test_the_rows_are_in_the_order_of_the_reasons_and_name_each_once():
    for kind in (QualityRules, RepetitionRules):
        rules = [rule for rule, _ in rows(kind())]
        order = list(dict.fromkeys(rule.reason for rule in rules))
        assert order == sorted(order, key=list(Reason).index)
        sides = [(rule.reason, rule.side) for rule in rules]
        assert len(set(sides)) == len(sides)
        assert [rule.default for rule in rules] == list(dataclasses.asdict(kind()).values())
        assert all(0 < rule.default <= rule.largest for rule in rules)


def test_a_key_says_on_which_side_its_bound_is():
    for _, rule in TABLE:
        assert rule.key.startswith({"at least": "min_", "at most": "max_"}[rule.side])


@dataclass(frozen=True)
class ToyRules:
    """A kind of rule that the paper does not have: one row."""

    max_paragraph_ratio: float | None = at_most(
        0.5, Reason.DUPLICATE_PARAGRAPHS, "a test", AT.paragraphs, AT.words
    )
    min_characters: int | None = at_least(3, Reason.TOO_LARGE, "a test", AT.characters, largest=9)


def test_a_new_rule_is_one_row():
    assert list(ranges(ToyRules(min_characters=None))) == [
        ("max_paragraph_ratio", (0.5, 0, float("inf"))),
        ("min_characters", (None, 0, 9)),
    ]
    bounds = bounds_of(ToyRules())
    assert broken(ZERO._replace(words=2, paragraphs=1, characters=3), bounds) == ()
    assert broken(ZERO._replace(words=3, paragraphs=2, characters=2), bounds) == (
        Reason.DUPLICATE_PARAGRAPHS,
        Reason.TOO_LARGE,
    )


def test_kernels_of_another_order_are_refused():
    kernels = find_kernels()
    if kernels is not None:
        assert Measures._fields == kernels.MEASURES
    check_measures(Measures._fields)
    swapped = ("words", "characters", *Measures._fields[2:])
    for names in ((), swapped, Measures._fields[:-1], (*Measures._fields, "more")):
        with pytest.raises(ConfigError, match="the native kernels are from another version"):
            check_measures(names)
