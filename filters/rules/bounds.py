"""A rule as integers: a document exactly at a bound is kept, whatever floats make of 0.1."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Final, NamedTuple

from massivetext.filters.rules.counts import Measures
from massivetext.reasons import Reason

# Stands for "one" as the whole of a rule that bounds a count and not a fraction.
COUNT: Final = "count"
_PLACES: Final = {name: place for place, name in enumerate((*Measures._fields, COUNT))}


class Bound(NamedTuple):
    """One side of a rule; broken if ``part * part_factor + whole * whole_factor > 0``."""

    reason: Reason
    part: int  # places in Measures
    part_factor: int
    whole: int
    whole_factor: int


def at_most(reason: Reason, part: str, whole: str, bound: float | None) -> list[Bound]:
    """Returns the bound ``part / whole <= bound``, or none if `bound` is None.

    `bound` is taken as the decimal number that it prints as, so 5 of 50 is at most 0.1.
    """
    if bound is None:
        return []
    numerator, denominator = Decimal(repr(bound)).as_integer_ratio()
    return [Bound(reason, _PLACES[part], denominator, _PLACES[whole], -numerator)]


def at_least(reason: Reason, part: str, whole: str, bound: float | None) -> list[Bound]:
    """Returns the bound ``part / whole >= bound``, or none if `bound` is None."""
    return [
        upper._replace(part_factor=-upper.part_factor, whole_factor=-upper.whole_factor)
        for upper in at_most(reason, part, whole, bound)
    ]


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
