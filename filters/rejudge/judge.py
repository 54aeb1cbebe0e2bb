"""What other thresholds would do, from stored measures: no text is read, a column at a time.

The measures of every document that passed the content filter are stored, whether it was kept or
not; what else the content filter or a reader dropped stays dropped whatever the thresholds are.
"""

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from massivetext.filters.rejudge.language import LANGUAGE_COLUMNS, LanguageDrops, language_drops
from massivetext.filters.rejudge.thresholds import Thresholds
from massivetext.filters.rules.bounds import Bound
from massivetext.measures import Measures
from massivetext.paper import QualityRules, RepetitionRules
from massivetext.reasons import Reason
from massivetext.rules import rows
from massivetext.shards.document_files import ASKED

KEPT = "kept"
# Why what is stored does not tell what becomes of a document, or is too little to keep it.
TEXT, MEASURES = "text not kept", "not measured"
OWN, SCORES = "own rules not asked", "language scores not stored"
NAMES = list(Measures._fields)
THRESHOLDS = frozenset(
    str(rule.reason) for rules in (QualityRules(), RepetitionRules()) for rule, _ in rows(rules)
)
CONTENT = frozenset(map(str, Reason)) - THRESHOLDS - {Reason.LANGUAGE}  # and a reader's
_SAFE = 1 << 62  # sums below it are exact in 64 bits

Bools = NDArray[np.bool_]
Words = NDArray[np.object_]


class Fates(NamedTuple):
    """The first reason of each document, or "kept", before and after, and what is missing."""

    old: Words
    new: Words
    missing: Words  # "", or why it cannot be told, or not be kept; then `old` if it cannot be told

    def changes(self) -> Counter[tuple[str, str]]:
        """Returns how many documents have each pair of an old and another new fate."""
        other = np.flatnonzero(self.old != self.new)
        return Counter(zip(self.old[other].tolist(), self.new[other].tolist(), strict=True))

    def causes(self) -> Counter[str]:
        """Returns how many documents lack what, by cause."""
        return Counter(self.missing[self.missing != ""].tolist())


class _Stored(NamedTuple):
    """The first of each kind of stored reasons of each document, "kept" where there is none."""

    first: Words
    content: Words  # of a reader, or of the content filter but for the language
    own: Words  # the user's
    language: Bools  # whether the language is one


def rejudge(table: pa.Table, thresholds: Thresholds) -> Fates:
    """Returns the fates of the documents of a table.

    Args:
      table: has the columns of `used_columns`, and `reasons` and `text_bytes` if they are dropped.
      thresholds: the new ones.
    """
    stored = _stored(table)
    language = LanguageDrops(stored.language, np.zeros(len(table), bool))
    if thresholds.language is not None:
        language = language_drops(table, stored.language, thresholds.language)
    passes = ~language.drops & ~language.unknown & (stored.content == KEPT)
    missing = np.full(len(table), "", object)
    missing[language.unknown] = SCORES
    missing[passes & ~_measured(table)] = MEASURES
    missing[passes & _measured(table) & stored.language & thresholds.own] = OWN
    new = np.where(
        missing == "", np.where(language.drops, Reason.LANGUAGE.value, stored.content), stored.first
    )
    judged = np.flatnonzero(passes & (missing == ""))
    new[judged] = _judged(table, judged, stored.own, thresholds.bounds)
    if "text_bytes" in table.column_names:
        empty = table["text_bytes"].to_numpy() == 0
        missing[empty & (new == KEPT) & (stored.first != KEPT)] = TEXT
    return Fates(stored.first, new, missing)


def _measured(table: pa.Table) -> Bools:
    found: Bools = pc.is_valid(table["words"]).to_numpy(zero_copy_only=False)
    return found


def _judged(
    table: pa.Table, judged: NDArray[np.int64], own: Words, bounds: tuple[Bound, ...]
) -> Words:
    """Returns the fates of those that pass the content filter; the user's reasons come last."""
    chosen = table if len(judged) == len(table) else table.take(pa.array(judged))
    first, found = first_broken(chosen, bounds), own[judged]
    for place, bound in enumerate(bounds):
        found[first == place] = str(bound.reason)
    return found


def _stored(table: pa.Table) -> _Stored:
    size = len(table)
    if "reasons" not in table.column_names:
        kept = np.full(size, KEPT, object)
        return _Stored(kept, kept, kept, np.zeros(size, bool))
    lists = table["reasons"].combine_chunks()
    row = np.repeat(np.arange(size), pc.list_value_length(lists).to_numpy(zero_copy_only=False))
    values = lists.flatten().dictionary_encode()
    names = values.dictionary.to_pylist()
    codes = values.indices.to_numpy(zero_copy_only=False)

    def first(wanted: set[str]) -> Words:
        found = np.full(size, KEPT, object)
        places = np.flatnonzero(np.array([name in wanted for name in names], bool)[codes])[::-1]
        found[row[places]] = np.array(names, object)[codes[places]]  # the first comes last
        return found

    every = set(names)
    own = every - CONTENT - THRESHOLDS - {Reason.LANGUAGE}
    language = first({Reason.LANGUAGE.value}) != KEPT
    return _Stored(first(every), first(every & CONTENT), first(own), language)


def first_broken(table: pa.Table, bounds: tuple[Bound, ...]) -> NDArray[np.int64]:
    """Returns the place of the first bound that each document breaks, or the number of bounds."""
    first = np.full(len(table), len(bounds), np.int64)
    columns: dict[int, NDArray[np.int64]] = {len(NAMES): np.ones(len(table), np.int64)}
    for place in reversed(range(len(bounds))):
        first[_breaks(table, columns, bounds[place])] = place
    return first


def _breaks(table: pa.Table, columns: dict[int, NDArray[np.int64]], bound: Bound) -> Bools:
    for place in (bound.part, bound.whole):
        if place not in columns:
            columns[place] = table[NAMES[place]].to_numpy(zero_copy_only=False)
    part, whole = columns[bound.part], columns[bound.whole]
    largest = [int(values.max(initial=0)) for values in (part, whole)]
    factors = (bound.part_factor, bound.whole_factor)
    if sum(n * abs(factor) for n, factor in zip(largest, factors, strict=True)) >= _SAFE:
        part, whole = part.astype(object), whole.astype(object)
    found: Bools = (part * factors[0] + whole * factors[1] > 0).astype(bool)
    return found


def used_columns(thresholds: Thresholds) -> list[str]:
    """Returns what thresholds look at: measures, `words` among them, and scores of the language."""
    places = {place for bound in thresholds.bounds for place in (bound.part, bound.whole)}
    names = {"words", *(NAMES[place] for place in places if place < len(NAMES))}
    if thresholds.language is not None:
        names.update(LANGUAGE_COLUMNS, ASKED if thresholds.measured_drops else ())
    return sorted(names)


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
