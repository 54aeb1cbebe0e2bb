"""A rule as integers: a document exactly at a bound is kept, whatever floats make of 0.1."""

from collections.abc import Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple

from massivetext.config.recipe import Filters
from massivetext.measures import Measures
from massivetext.reasons import Reason
from massivetext.rules import Reading, Rule, rows


class Bound(NamedTuple):
    """One side of a rule; broken if ``part * part_factor + whole * whole_factor > 0``."""

    reason: Reason
    part: int  # places in Measures, with a 1 behind them
    part_factor: int
    whole: int
    whole_factor: int


@lru_cache
def bounds_of(rules: Any, reading: Reading = "later") -> tuple[Bound, ...]:
    """Returns the bounds of a dataclass of rules that are on, in its order, which is the paper's.

    Args:
      rules: `QualityRules`, `RepetitionRules`, or another of rows as `massivetext.rules` makes.
      reading: which copies count as duplicates.
    """
    found = rows(rules)
    return tuple(bound_of(rule, bound, reading) for rule, bound in found if bound is not None)


@lru_cache
def source_bounds(source: str, filters: Filters) -> tuple[Bound, ...]:
    """Returns the bounds of the quality and repetition rules that hold for a source."""
    found: tuple[Bound, ...] = ()
    if source in filters.quality_sources:
        found += bounds_of(filters.quality)
    if source in filters.repetition_sources:
        found += bounds_of(filters.repetition, filters.duplicates)
    return found


def bound_of(rule: Rule, bound: float, reading: Reading = "later") -> Bound:
    """Returns one rule as integers.

    `bound` is taken as the decimal number that it prints as, so 5 of 50 is at most 0.1.
    """
    numerator, denominator = Decimal(repr(bound)).as_integer_ratio()
    sign = 1 if rule.side == "at most" else -1
    part = rule.numerator(reading)
    return Bound(rule.reason, part, sign * denominator, rule.whole, -sign * numerator)


def broken(measures: Measures, bounds: Sequence[Bound]) -> tuple[Reason, ...]:
    """Returns the reasons of the bounds that `measures` breaks, each once, in the bounds' order.

    A fraction of nothing (no words, no lines) breaks no bound.
    """
    values = (*measures, 1)
    reasons = [
        reason
        for reason, part, part_factor, whole, whole_factor in bounds
        if values[part] * part_factor + values[whole] * whole_factor > 0
    ]
    return tuple(dict.fromkeys(reasons)) if reasons else ()
