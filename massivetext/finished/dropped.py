"""Where the documents of a build are that a stage dropped, or that none did, and why."""

import difflib
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from massivetext.errors import ConfigError
from massivetext.finished.build import FILTERING, BuiltPart, FinishedBuild
from massivetext.reasons import Reason
from massivetext.shards.document_columns import read_rows
from massivetext.shards.parquet_files import open_parquet, read_column, read_table
from massivetext.storage.files import open_file

KEPT = "kept"  # instead of a stage
UNREADABLE = "unreadable"  # how the report calls records that are no documents at all
_TWIN = ("twin_part", "twin_row", "twin_id", "jaccard", "twin_build")
_KIND: dict[str, tuple[str, ...]] = {
    "duplicates": ("row", "kind", *_TWIN)
}  # the last where it was built against others
_KIND |= {"overlap": ("row", "kind", "set", "item", "jaccard", "containment")}


class Place(NamedTuple):
    """A document of a build: its file and row, and the stage that dropped it."""

    stage: str  # or KEPT
    part: BuiltPart
    row: int  # of the file of the kept documents, or of the dropped ones of stage 1
    reasons: tuple[str, ...] = ()
    match: dict[str, Any] | None = None  # with a twin or a held-out item

    @property
    def file(self) -> str:
        """The name of its file in ``documents/``."""
        return f"{'dropped-' * (self.stage == 'documents')}{self.part.stem}.parquet"


def find_dropped(
    build: FinishedBuild, stages: tuple[str, ...], sources: tuple[str, ...], reason: str = ""
) -> Iterator[Place]:
    """Yields the documents that the stages dropped, for their first reason where one is given.

    In the order of the stages, parts and rows.
    """
    for stage in stages:
        for part in build.parts:
            if part.source in sources and _counts(build, stage, part.source, reason):
                for place in _dropped(build, stage, part):
                    if not reason or place.reasons[0] == reason:
                        yield place


def _counts(build: FinishedBuild, stage: str, source: str, reason: str) -> int:
    found = build.facts(stage)[source]["dropped"]
    return int(found.get(reason, 0) if reason else sum(found.values()))


def count_dropped(
    build: FinishedBuild, stages: tuple[str, ...], sources: tuple[str, ...], reason: str = ""
) -> int:
    """Returns how many documents `find_dropped` yields, by the manifest."""
    return sum(_counts(build, stage, source, reason) for stage in stages for source in sources)


def _dropped(build: FinishedBuild, stage: str, part: BuiltPart) -> Iterator[Place]:
    if stage == "documents":
        with open_file(build.path(stage, f"dropped-{part.stem}.parquet")) as file:
            reasons = read_table(file, ["reasons"])["reasons"]
        for row, found in enumerate(reasons):
            yield Place(stage, part, row, tuple(found.as_py()))
        return
    with open_file(build.path(stage, f"{part.stem}.parquet")) as file:
        there = open_parquet(file).schema_arrow.names
        columns = [name for name in _KIND[stage] if name in there]
        found = sorted(read_table(file, columns).to_pylist(), key=lambda match: int(match["row"]))
    for match in found:
        yield Place(stage, part, match["row"], (match["kind"],), match)


def find_kept(build: FinishedBuild, sources: tuple[str, ...]) -> Iterator[Place]:
    """Yields the documents that survive, in the order of parts and rows."""
    for part in build.parts:
        if part.source in sources:
            gone = {p.row for stage in FILTERING[1:] for p in _dropped(build, stage, part)}
            with open_file(build.path("documents", f"{part.stem}.parquet")) as file:
                rows = open_parquet(file).metadata.num_rows
            yield from (Place(KEPT, part, row) for row in range(rows) if row not in gone)


def find_document(build: FinishedBuild, name: str) -> Place:
    """Returns the document with an id, dropped or kept.

    Raises:
      ConfigError: there is none.
    """
    for part in build.parts:
        for file in (f"{part.stem}.parquet", f"dropped-{part.stem}.parquet"):
            with open_file(build.path("documents", file)) as opened:
                ids = read_column(opened, "id")
            if name in ids:
                return _place(build, part, ids.index(name), file.startswith("dropped-"))
    raise ConfigError(f"no document {name} in {build.output}; --reason and --kept list ids")


def _place(build: FinishedBuild, part: BuiltPart, row: int, early: bool) -> Place:
    for stage in FILTERING[:1] if early else FILTERING[1:]:
        for place in _dropped(build, stage, part):
            if place.row == row:
                return place
    return Place(KEPT, part, row)


def read_place(build: FinishedBuild, file: str, row: int) -> dict[str, Any]:
    """Returns the values of a row of a file of documents, but for its hashes."""
    with open_file(build.path("documents", file)) as opened:
        names = open_parquet(opened).schema_arrow.names
        columns = [name for name in names if name not in ("content_hash", "signature")]
        ((_, values),) = read_rows(opened, columns, np.array([row], np.uint32))
    return values


def stages_of(build: FinishedBuild, reason: str) -> tuple[str, ...]:
    """Returns the stages that drop documents for a reason; all three where it is none of theirs.

    Raises:
      ConfigError: it is no reason; the message names the nearest.
    """
    found = {stage: set[str]() for stage in FILTERING}
    for stage, reasons in found.items():
        for facts in build.facts(stage).values():
            reasons.update(facts["dropped"])
    stages = tuple(stage for stage, reasons in found.items() if reason in reasons)
    if stages or not reason or reason in set(Reason):
        return stages or FILTERING
    if reason == UNREADABLE:
        raise ConfigError(
            f"records that cannot be read are no documents: see {build.output}/documents/errors-*"
        )
    known = sorted(set().union(Reason, *found.values()))
    close = difflib.get_close_matches(reason, known, 1)
    hint = f"did you mean {close[0]}?" if close else f"there are {', '.join(known)}"
    raise ConfigError(f"no reason {reason}; {hint}")
