"""Stage 3, overlap: which surviving documents are held-out items, in one pass over their text.

The driver writes one sorted table of all items' shingles; a worker maps it once. So a set more or
less costs this pass only, and nothing is missed for want of a candidate.
"""

from collections import Counter
from typing import Any, NamedTuple

import apache_beam as beam
import numpy as np
import pyarrow as pa
from apache_beam.metrics.metric import Metrics
from apache_beam.pvalue import PCollection

from massivetext.config.recipe import Overlap
from massivetext.corpus.parts import Part
from massivetext.decontaminate.held_out import title_key
from massivetext.decontaminate.overlap import (
    Bounds,
    Match,
    by_containment,
    find_matches,
    is_reported,
    judge,
)
from massivetext.dedup.signature import shingle_hashes
from massivetext.mixture.quotas import exact
from massivetext.pipelines.folder.interrupts import check_interrupt
from massivetext.pipelines.folder.stage import Stage
from massivetext.pipelines.folder.sums import Written, open_part_file
from massivetext.pipelines.stages.overlap.table import HeldOut, load_held_out
from massivetext.pipelines.stages.survivors import SplitRules, count_survivors, dropped_rows
from massivetext.reasons import Reason
from massivetext.shards.document_columns import read_rows
from massivetext.shards.parquet_files import open_parquet, write_parquet
from massivetext.storage.paths import join

TITLE_SOURCE = "wikipedia"  # whose titles are those of test pages, and what is like it

SCHEMA = pa.schema(
    [
        ("row", pa.uint32()),
        ("kind", pa.string()),
        ("set", pa.string()),
        ("item", pa.string()),
        ("jaccard", pa.float64()),
        ("containment", pa.float64()),
    ]
)


class OverlapWork(NamedTuple):
    """What a worker needs to compare parts with the held-out sets."""

    stage: Stage
    output: str  # the build's folder
    rules: Overlap  # with resolved paths
    split: SplitRules
    titled: tuple[str, ...] = (TITLE_SOURCE,)

    @property
    def bounds(self) -> Bounds:
        """Returns the bounds as exact fractions."""
        most = self.rules.max_containment
        return Bounds(exact(self.rules.max_jaccard), None if most is None else exact(most))


def add_overlap(parts: PCollection[Part], work: OverlapWork) -> None:
    """Adds stage 3 to the pipeline of a PCollection of parts; `write_held_out` comes before."""
    _ = parts | "write overlap" >> beam.ParDo(_WriteOverlap(work))


class _WriteOverlap(beam.DoFn):
    def __init__(self, work: OverlapWork) -> None:
        self._work = work
        reasons = (Reason.OVERLAP, Reason.TEST_TITLE)
        self._dropped = {str(reason): Metrics.counter("dropped", str(reason)) for reason in reasons}

    def setup(self) -> None:
        self._held_out = load_held_out(self._work.stage)

    def process(self, part: Part) -> None:
        summary = write_overlap(part, self._work, self._held_out)
        for reason, count in summary["dropped"].items():
            self._dropped[reason].inc(count)


def write_overlap(part: Part, work: OverlapWork, held_out: HeldOut) -> dict[str, Any]:
    """Writes the two lists and the summary of one part; returns the summary.

    ``part-NNNNN.parquet`` lists dropped documents; ``contained-part-NNNNN.parquet`` those that
    stay although they hold half of an item or more.
    """
    stage = work.stage
    gone = dropped_rows(work.output, part.stem, ("duplicates",))
    with open_part_file(join(work.output, "documents", f"{part.stem}.parquet")) as file:
        rows = open_parquet(file).metadata.num_rows
    left = np.setdiff1d(np.arange(rows, dtype=np.uint32), np.array(sorted(gone), np.uint32))
    dropped, contained = _compare(part, left, work, held_out)
    written = Written()
    _write_list(written, stage.path(f"{part.stem}.parquet"), dropped)
    _write_list(written, stage.path(f"contained-{part.stem}.parquet"), contained)
    summary: dict[str, Any] = {"key": stage.key, "part": part.number, "source": part.source}
    summary |= {"records": len(left), "kept": len(left) - len(dropped)}
    summary["dropped"] = _counts(dropped, "kind")
    summary |= {"contained": len(contained), "sets": _counts(dropped, "set")}
    gone.update(row["row"] for row in dropped)
    summary |= count_survivors(work.output, part.stem, gone, work.split)
    written.write_summary(stage.path(f"{part.stem}.json"), summary)
    return summary


Listed = list[dict[str, Any]]


def _counts(listed: Listed, column: str) -> dict[str, int]:
    return dict(sorted(Counter(row[column] for row in listed).items()))


def _compare(part: Part, left: Any, work: OverlapWork, held_out: HeldOut) -> tuple[Listed, Listed]:
    found: tuple[Listed, Listed] = ([], [])
    if part.source not in work.rules.sources or not (held_out.names or held_out.titles):
        return found
    if part.source not in work.titled:
        held_out = held_out._replace(titles={})
    with open_part_file(join(work.output, "documents", f"{part.stem}.parquet")) as file:
        for row, document in read_rows(file, ["title", "text"], left):
            check_interrupt()
            listed = _find(row, document, work.bounds, held_out)
            if listed is not None:
                stays, values = listed
                found[stays].append(values)
    return found


def _find(
    row: int, document: dict[str, Any], bounds: Bounds, held_out: HeldOut
) -> tuple[bool, dict[str, Any]] | None:
    """Returns whether a document stays, and its row of the list, if it is in one."""
    matches = find_matches(shingle_hashes(document["text"]), held_out.table)
    match = judge(matches, bounds)
    if match is not None:
        return False, _listed(row, match, held_out)
    title = held_out.titles.get(title_key(document["title"] or ""))
    if title is not None:
        values = (row, str(Reason.TEST_TITLE), *title, None, None)
        return False, dict(zip(SCHEMA.names, values, strict=True))
    most = by_containment(matches) if matches else None
    if most is not None and is_reported(most):
        return True, _listed(row, most, held_out)
    return None


def _listed(row: int, match: Match, held_out: HeldOut) -> dict[str, Any]:
    values = (row, str(Reason.OVERLAP), *held_out.names[match.item])
    return dict(zip(SCHEMA.names, (*values, match.jaccard, match.containment), strict=True))


def _write_list(written: Written, path: str, rows: Listed) -> None:
    with written.new_file(path) as file:
        write_parquet(pa.Table.from_pylist(rows, schema=SCHEMA), file)
