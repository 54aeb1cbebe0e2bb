"""The sample's self-check: a build's output against the truth that was written before it.

It shares no code with what it checks, apart from the rank that decides which copy survives.
"""

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from massivetext.sample.check.copies import (
    justified,
    near_pairs,
    overlaps,
    planted_jaccard,
    survives_once,
)
from massivetext.sample.check.planted import Failures, Sample, name_of


class Check(NamedTuple):
    """One line of the self-check."""

    name: str
    cases: int
    failures: tuple[str, ...]

    def __str__(self) -> str:
        verdict = f"FAILED in {len(self.failures)}" if self.failures else "passed"
        return f"{self.name:<58}{self.cases:>7,} cases  {verdict}"


def check_sample(output: Path, truth: Path) -> list[Check]:
    """Returns the checks of a finished build, each with its failures.

    Raises:
      StageError: if the build is not finished.
    """
    sample = Sample(output, truth)
    return [Check(name, cases(sample), tuple(check(sample))) for name, cases, check in _CHECKS]


def _records(sample: Sample) -> Failures:
    """Every record of the input is kept, dropped or broken."""
    expected = Counter[str]()
    for file in sample.files:
        expected[file["source"]] += file["records"]
    for source, count in expected.items():
        found = sample.outcome.records[source]
        if found != count:
            yield f"{source}: {count:,} records went in, {found:,} are accounted for"


def _dropped(sample: Sample) -> Failures:
    for entry in sample.of_outcome("dropped"):
        reasons = sample.reasons(entry)
        if reasons is None or not set(entry["reasons"]).intersection(reasons):
            yield f"{name_of(entry)}: {' or '.join(entry['reasons'])} expected, found {reasons}"


def _stays(sample: Sample) -> Failures:
    for entry in sample.of_outcome("kept"):
        reasons = sample.reasons(entry)
        if reasons != ():
            yield f"{name_of(entry)}: must stay, found {reasons}"


def _broken(sample: Sample) -> Failures:
    by_file = Counter[str]()
    for (path, _), count in sample.outcome.broken.items():
        by_file[path] += count
    for file in sample.files:
        found = by_file.pop(file["path"], 0)
        if found != file["broken"]:
            yield f"{file['path']}: {file['broken']} broken records, {found} counted"
    for path, found in by_file.items():
        yield f"{path}: {found} broken records in a file that the sample has not"
    for entry in sample.of_outcome("broken"):
        place = (entry["path"], entry["position"])
        if entry["position"] is not None and place not in sample.outcome.broken:
            yield f"{name_of(entry)}: not counted at {entry['position']}"


def _nowhere(sample: Sample) -> Failures:
    for entry in sample.of_outcome("any"):
        place = (entry["path"], entry["position"])
        if sample.reasons(entry) is None and place not in sample.outcome.broken:
            yield f"{name_of(entry)}: neither kept nor dropped nor broken"


def _count(outcome: str) -> Callable[[Sample], int]:
    return lambda sample: len(sample.of_outcome(outcome))


def _count_twins(reason: str) -> Callable[[Sample], int]:
    return lambda sample: sum(1 for _ in sample.removals(reason))


def _count_records(sample: Sample) -> int:
    return sum(sample.outcome.records.values())


_CHECKS: tuple[tuple[str, Callable[[Sample], int], Callable[[Sample], Failures]], ...] = (
    ("every record is kept, dropped or broken", _count_records, _records),
    ("every broken record is counted, where it is", _count("broken"), _broken),
    ("hostile pages do no harm", _count("any"), _nowhere),
    ("spam, adult, foreign, copyleft, test sets: right reason", _count("dropped"), _dropped),
    ("what must stay stays, also pairs below 0.8", _count("kept"), _stays),
    ("of exact copies the first by rank stays", _count("duplicate"), survives_once),
    ("no planted pair of 0.82 or more is kept twice", _count("near"), near_pairs),
    ("pairs are as like each other as planted", _count("near"), planted_jaccard),
    ("exact drops have an equal twin before them", _count_twins("exact"), justified("exact")),
    ("near drops have a twin above 0.8 before them", _count_twins("near"), justified("near")),
    ("test-set drops are above 0.8 with their item", _count_twins("overlap"), overlaps),
)
