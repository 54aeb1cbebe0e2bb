"""Third step: the held-out documents that are in neither split, since train has their text."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from massivetext.config.recipe import short_digest
from massivetext.finished.taken_out import read_taken_out
from massivetext.mixture.quotas import to_fraction
from massivetext.pipelines.folder.sums import Written
from massivetext.pipelines.stages.leakage_work import (
    FOUND,
    SUMS_OF_FOUND,
    LeakageWork,
    Table,
    load_table,
    read_held,
)
from massivetext.pipelines.stages.mapped import map_array
from massivetext.shards.parquet_files import write_parquet

SCHEMA = pa.schema([("row", pa.uint32()), ("kind", pa.string()), ("overlap", pa.float64())])
CONTENT, OVERLAP = "content", "overlap"  # the whole text stands in train, or too much of it


class Leakage(NamedTuple):
    """The keys of held-out documents, and which of them train has."""

    table: Table
    found: Any  # of each of the table's keys


def load_leakage(work: LeakageWork) -> Leakage:
    """Returns what the first two steps found."""
    found = map_array(work.found.path(FOUND), work.found.path(SUMS_OF_FOUND))
    return Leakage(load_table(work), found)


def write_left_out(
    written: Written, stem: str, work: LeakageWork, leakage: Leakage
) -> tuple[set[int], dict[str, int]]:
    """Writes the list of a part's held-out documents that are left out.

    Returns:
      Their rows, and how many there are of each kind.
    """
    listed = list(_left_out(stem, work, leakage)) if work.compares else []
    taken = read_taken_out(work.output, stem).rows  # their keys stay, so that train is as it was
    listed = [found for found in listed if found["row"] not in taken]
    with written.new_file(work.stage.path(f"left-out-{stem}.parquet")) as file:
        write_parquet(pa.Table.from_pylist(listed, schema=SCHEMA), file)
    kinds = Counter(found["kind"] for found in listed)
    return {found["row"] for found in listed}, {k: kinds[k] for k in (CONTENT, OVERLAP)}


def left_out_digests(work: LeakageWork, stems: Sequence[str]) -> dict[str, str]:
    """Returns a digest of what is left out of each part, "" for nothing."""
    leakage = load_leakage(work)
    found = {stem: list(_left_out(stem, work, leakage)) for stem in stems}
    return {stem: short_digest(listed) if listed else "" for stem, listed in found.items()}


def _left_out(stem: str, work: LeakageWork, leakage: Leakage) -> Iterator[dict[str, Any]]:
    most = to_fraction(work.max_overlap or 0)
    for held in read_held(work, stem):
        shared = int(_shared(held.keys, leakage))
        kind = CONTENT if _shared(np.array([held.content], np.uint64), leakage) else OVERLAP
        if kind == CONTENT or shared > most * len(held.keys):
            share = shared / len(held.keys) if len(held.keys) else 1.0
            yield {"row": held.row, "kind": kind, "overlap": share}


def _shared(keys: Any, leakage: Leakage) -> int:
    return int(np.count_nonzero(leakage.found[leakage.table.places(keys)]))
