"""What other thresholds would do, from stored measures: no text is read, a column at a time.

The measures of every document that passed the content filter are stored, whether it was kept or
not; what the content filter or a reader dropped stays dropped whatever the thresholds are.
"""

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from massivetext.filters.rules.bounds import Bound
from massivetext.measures import Measures
from massivetext.paper import QualityRules, RepetitionRules
from massivetext.rules import rows

KEPT = "kept"
NAMES = list(Measures._fields)
THRESHOLDS = frozenset(
    str(rule.reason) for rules in (QualityRules(), RepetitionRules()) for rule, _ in rows(rules)
)
_SAFE = 1 << 62  # sums below it are exact in 64 bits


class Fates(NamedTuple):
    """The first reason of each document, or "kept", before and after."""

    old: NDArray[np.object_]
    new: NDArray[np.object_]

    def changes(self) -> Counter[tuple[str, str]]:
        """Returns how many documents have each pair of an old and another new fate."""
        other = np.flatnonzero(self.old != self.new)
        return Counter(zip(self.old[other].tolist(), self.new[other].tolist(), strict=True))


def rejudge_kept(table: pa.Table, bounds: tuple[Bound, ...]) -> Fates:
    """Returns the fates of kept documents.

    Args:
      table: has the columns of `Measures`.
      bounds: of the new thresholds, as `source_bounds` gives them.
    """
    old = np.full(len(table), KEPT, object)
    new = old.copy()
    first = first_broken(table, bounds)
    for place, bound in enumerate(bounds):
        new[first == place] = str(bound.reason)
    return Fates(old, new)


def rejudge_dropped(table: pa.Table, bounds: tuple[Bound, ...]) -> Fates:
    """Returns the fates of dropped documents; `table` has `reasons` besides.

    The user's own reasons come behind those of the thresholds, and stay.
    """
    old, others = _reasons(table["reasons"].combine_chunks())
    new = old.copy()
    measured = np.flatnonzero(pc.is_valid(table["words"]).to_numpy(zero_copy_only=False))
    chosen = table.take(pa.array(measured))
    first = first_broken(chosen, bounds)
    found = others[measured]
    for place, bound in enumerate(bounds):
        found[first == place] = str(bound.reason)
    new[measured] = found
    return Fates(old, new)


def _reasons(lists: pa.ListArray) -> tuple[NDArray[np.object_], NDArray[np.object_]]:
    """Returns each row's first reason, and its first that is no threshold's, "kept" for none."""
    lengths = pc.list_value_length(lists).to_numpy(zero_copy_only=False)
    values = lists.flatten().to_numpy(zero_copy_only=False)
    row = np.repeat(np.arange(len(lists)), lengths)
    old, others = np.full(len(lists), KEPT, object), np.full(len(lists), KEPT, object)
    old[row[::-1]] = values[::-1]  # the first comes last, and stays
    fixed = ~np.isin(values.astype(str), sorted(THRESHOLDS)) if len(values) else np.empty(0, bool)
    others[row[fixed][::-1]] = values[fixed][::-1]
    return old, others


def first_broken(table: pa.Table, bounds: tuple[Bound, ...]) -> NDArray[np.int64]:
    """Returns the place of the first bound that each document breaks, or the number of bounds."""
    first = np.full(len(table), len(bounds), np.int64)
    columns: dict[int, NDArray[np.int64]] = {len(NAMES): np.ones(len(table), np.int64)}
    for place in reversed(range(len(bounds))):
        first[_breaks(table, columns, bounds[place])] = place
    return first


def _breaks(
    table: pa.Table, columns: dict[int, NDArray[np.int64]], bound: Bound
) -> NDArray[np.bool_]:
    for place in (bound.part, bound.whole):
        if place not in columns:
            columns[place] = table[NAMES[place]].to_numpy(zero_copy_only=False)
    part, whole = columns[bound.part], columns[bound.whole]
    largest = [int(values.max(initial=0)) for values in (part, whole)]
    factors = (bound.part_factor, bound.whole_factor)
    if sum(n * abs(factor) for n, factor in zip(largest, factors, strict=True)) >= _SAFE:
        part, whole = part.astype(object), whole.astype(object)
    found: NDArray[np.bool_] = (part * factors[0] + whole * factors[1] > 0).astype(bool)
    return found


def used_columns(bounds: tuple[Bound, ...]) -> list[str]:
    """Returns the measures that the bounds look at, `words` among them."""
    places = {place for bound in bounds for place in (bound.part, bound.whole)}
    return sorted({"words", *(NAMES[place] for place in places if place < len(NAMES))})


def gained_and_lost(
    changes: Counter[tuple[str, str]],
) -> Iterator[tuple[str, str, int]]:
    """Yields (gained, the old reason, documents), then (lost, the new reason, documents)."""
    for (old, new), count in sorted(changes.items()):
        if new == KEPT:
            yield "gained", old, count
    for (old, new), count in sorted(changes.items()):
        if old == KEPT:
            yield "lost", new, count
