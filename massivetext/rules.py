"""A rule of the paper is one row: the field of a dataclass of bounds, with all that belongs to it.

The rows stand in `massivetext.paper`. Bounds, the recipe's ranges, the list of rules in
docs/recipe.md and ``massivetext explain`` are read from them; no name is spelled twice.
"""

import math
from collections.abc import Iterator
from dataclasses import field, fields
from typing import Any, Final, Literal, NamedTuple

from massivetext.measures import Measures
from massivetext.reasons import Reason

# Which copies count as duplicates, which the paper leaves open: "later" copies alone (datatrove's
# reading, our default) or "all" copies of a unit that stands in the document twice (DCLM's).
Reading = Literal["later", "all"]
Side = Literal["at least", "at most"]

AT: Final = Measures(*range(len(Measures._fields)))  # the place of each count: Measures[AT.words]
ONE: Final = len(Measures._fields)  # the place of a 1 behind them, which bounds a count itself
ANY: Final = math.inf  # the largest bound of a count, a ratio or a mean; of a fraction it is 1
_ROW: Final = "rule"


class Copies(NamedTuple):
    """The place of a numerator in each reading of what a duplicate is."""

    later: int
    all: int


class Rule(NamedTuple):
    """One side of a rule: a document breaks it with ``part / whole`` beyond the recipe's bound."""

    key: str  # of the recipe, in the table of its kind
    reason: Reason
    side: Side
    default: float  # the paper's bound
    place: str  # in Rae et al. 2021
    part: Copies  # places in Measures
    whole: int  # place in Measures, or ONE
    largest: float  # that the bound can be; the smallest is 0

    def numerator(self, reading: Reading) -> int:
        """Returns the place of the numerator in `Measures`."""
        return self.part.later if reading == "later" else self.part.all


def at_least(
    bound: float, reason: Reason, place: str, part: int, whole: int = ONE, largest: float = ANY
) -> Any:
    """Returns the field of a rule that keeps documents with ``part / whole >= bound``.

    Args:
      bound: the paper's, and the field's default.
      reason: why a document beyond it is dropped.
      place: in the paper.
      part: the numerator's place in `Measures`, a field of `AT`.
      whole: the denominator's; without one the count itself is bounded.
      largest: what a recipe may set at most.
    """
    rule = Rule("", reason, "at least", bound, place, Copies(part, part), whole, largest)
    return field(default=bound, metadata={_ROW: rule})


def at_most(
    bound: float,
    reason: Reason,
    place: str,
    part: int | Copies,
    whole: int = ONE,
    largest: float = ANY,
) -> Any:
    """Returns the field of a rule that keeps documents with ``part / whole <= bound``.

    `part` may differ by what counts as a duplicate; all else is as in `at_least`.
    """
    copies = part if isinstance(part, Copies) else Copies(part, part)
    rule = Rule("", reason, "at most", bound, place, copies, whole, largest)
    return field(default=bound, metadata={_ROW: rule})


def rows(bounds: Any) -> Iterator[tuple[Rule, float | None]]:
    """Yields the rules of a dataclass of bounds, in its order, each with its bound there.

    Args:
      bounds: an instance; a bound of None is a rule that is off.
    """
    for row in fields(bounds):
        rule: Rule = row.metadata[_ROW]
        yield rule._replace(key=row.name), getattr(bounds, row.name)


def ranges(bounds: Any) -> Iterator[tuple[str, tuple[float | None, float, float]]]:
    """Yields each rule's key with its bound, and the smallest and largest that it may be.

    A bound at least of a count that has one at most may not be above that: nothing would pass.
    """
    found = list(rows(bounds))
    most = {(r.part, r.whole): b for r, b in found if r.side == "at most" and b is not None}
    for rule, bound in found:
        beside = most.get((rule.part, rule.whole)) if rule.side == "at least" else None
        yield rule.key, (bound, 0, rule.largest if beside is None else min(rule.largest, beside))
