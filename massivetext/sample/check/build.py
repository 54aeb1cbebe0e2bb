"""What a build of the sample says became of each document, read from its stage files alone."""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow.parquet as pq

from massivetext.errors import StageError
from massivetext.sample.planted.jaccard import shingles_of

Pointer = tuple[str, int]  # name of the part, and row, of a kept document


class Kept(NamedTuple):
    """A document that passed stage 1."""

    id: str
    source: str
    url: str
    text: str


class Removal(NamedTuple):
    """Why stage 2 or 3 removed a document; `twin` is the document or test item that it is like."""

    reason: str
    twin: str
    jaccard: float


class Outcome(NamedTuple):
    """The files of a build's first three stages."""

    kept: dict[Pointer, Kept]  # by stage 1
    dropped: dict[str, tuple[str, ...]]  # by stage 1: reasons by id
    broken: Counter[tuple[str, int]]  # by path and position
    removed: dict[Pointer, list[Removal]]  # by stages 2 and 3
    records: Counter[str]  # rows of all kinds by source
    seed: int


def read_build(output: Path) -> Outcome:
    """Returns the outcome of a finished build.

    Raises:
      StageError: if the build is not finished.
    """
    manifest = output / "manifest.json"
    if not manifest.is_file():
        raise StageError(f"{output} holds no finished build: there is no manifest.json")
    recipe = json.loads(manifest.read_bytes())["recipe"]
    outcome = Outcome({}, {}, Counter(), {}, Counter(), int(recipe["seed"]))
    for path in sorted((output / "documents").glob("part-*.parquet")):
        _read_part(path, outcome)
    for stage in ("duplicates", "overlap"):
        for path in sorted((output / stage).glob("part-*.parquet")):
            _read_removals(path, outcome)
    return outcome


def twin_jaccard(first: str, second: str) -> float:
    """Returns the 13-gram Jaccard of two texts, by this check's own function."""
    left, right = shingles_of(first), shingles_of(second)
    return len(left & right) / max(1, len(left | right))


def _read_part(path: Path, outcome: Outcome) -> None:
    part = path.stem
    summary = json.loads(path.with_suffix(".json").read_bytes())
    for row, values in enumerate(_rows(path, list(Kept._fields))):
        outcome.kept[part, row] = Kept(**values)
        outcome.records[values["source"]] += 1
    for values in _rows(path.with_name("dropped-" + path.name), ["id", "source", "reasons"]):
        outcome.dropped[values["id"]] = tuple(values["reasons"])
        outcome.records[values["source"]] += 1
    errors = path.with_name(f"errors-{path.stem}.jsonl")
    for line in errors.read_text("utf-8").splitlines() if errors.exists() else ():
        error = json.loads(line)
        outcome.broken[error["path"], error["position"]] += 1
        outcome.records[summary["source"]] += 1


def _read_removals(path: Path, outcome: Outcome) -> None:
    part = path.stem
    for values in pq.read_table(path).to_pylist():
        twin = values.get("twin_id") or values.get("item") or ""
        removal = Removal(values["kind"], twin, values["jaccard"] or 0.0)
        outcome.removed.setdefault((part, values["row"]), []).append(removal)


def _rows(path: Path, columns: list[str]) -> Iterator[dict[str, Any]]:
    for batch in pq.ParquetFile(path).iter_batches(1000, columns=columns, use_threads=False):
        yield from batch.to_pylist()
