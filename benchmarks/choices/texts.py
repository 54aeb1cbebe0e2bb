"""The documents on which readings of the paper are compared, and how many verdicts turn."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow.parquet as pq

from massivetext.filters.rules.quality import judge_quality
from massivetext.filters.rules.repetition import judge_repetition
from massivetext.measures import Measures
from massivetext.paper import QualityRules, RepetitionRules
from massivetext.reasons import Reason
from massivetext.text.units import split_words

Reasons = frozenset[Reason]
GROUPS = ("web", "other prose", "github")


class Text(NamedTuple):
    """A document that passed the content filter: what it says and what was counted in it."""

    source: str
    text: str
    measures: Measures
    words: list[str]


class Reading(NamedTuple):
    """Another reading of the paper: other counts, which some of the rules see."""

    question: str
    name: str
    rules: Reasons
    measure: Callable[[Text], Measures]


class Row(NamedTuple):
    """One line of the printed tables."""

    question: str
    reading: str
    counts: list[str]


def read_rows(build: Path, columns: list[str]) -> Iterator[dict[str, Any]]:
    """Yields these columns of all documents of stage 1, and whether it kept them, as `kept`."""
    for path in sorted((build / "documents").glob("*part-*.parquet")):
        names = [name for name in columns if name in pq.read_schema(path).names]
        for batch in pq.ParquetFile(path).iter_batches(256, columns=names):
            for row in batch.to_pylist():
                yield row | {"kept": not path.name.startswith("dropped-")}


def read_texts(build: Path) -> Iterator[Text]:
    """Yields the documents that have measures: those that passed language and safety."""
    for row in read_rows(build, ["source", "text", *Measures._fields]):
        if row["words"] is not None:
            measures = Measures(*(row[name] for name in Measures._fields))
            yield Text(row["source"], row["text"], measures, split_words(row["text"]))


def find_reasons(measures: Measures) -> Reasons:
    """Returns the paper's quality and repetition rules that these counts break."""
    quality = judge_quality(measures, QualityRules())
    return frozenset(quality + judge_repetition(measures, RepetitionRules()))


def read_otherwise(text: Text, reading: Reading) -> Reasons:
    """Returns the rules that a document breaks if some of them see another reading's counts."""
    others = find_reasons(text.measures) - reading.rules
    return others | find_reasons(reading.measure(text)) & reading.rules


def compare(texts: list[Text], reading: Reading) -> Row:
    """Returns the flips by `GROUPS`, were all sources judged like the web."""
    verdicts: dict[str, list[tuple[bool, bool]]] = {name: [] for name in GROUPS}
    for text in texts:
        pair = (not find_reasons(text.measures), not read_otherwise(text, reading))
        verdicts[group(text.source)].append(pair)
    return Row(reading.question, reading.name, list(map(show_flips, verdicts.values())))


def group(source: str) -> str:
    """Returns in which column a source is counted: by itself, or among the other prose."""
    return source if source in GROUPS else "other prose"


def show_flips(pairs: Iterable[tuple[bool, bool]]) -> str:
    """Returns documents dropped and kept by the other reading alone, of (ours, other) verdicts.

    >>> show_flips([(True, False), (False, False), (True, False)])
    '−2 +0'
    """
    pairs = list(pairs)
    dropped = sum(ours and not other for ours, other in pairs)
    kept = sum(other and not ours for ours, other in pairs)
    return f"−{dropped:,} +{kept:,}" if dropped or kept else "0"
