"""First step: the keys of each part's held-out documents, and all parts' in one sorted table."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from massivetext.corpus.parts import Part
from massivetext.pipelines.engine.run_parts import summary_of
from massivetext.pipelines.flow import flow
from massivetext.pipelines.folder.interrupts import check_interrupt
from massivetext.pipelines.folder.sums import Written, open_part_file
from massivetext.pipelines.stages.leakage_work import (
    HELD_BATCH,
    KEYS,
    LIGHT,
    SUMS_OF_KEYS,
    LeakageWork,
    content_key,
    text_keys,
)
from massivetext.pipelines.stages.survivors import dropped_rows, read_wanted
from massivetext.shards.parquet_files import open_parquet, write_parquet

SCHEMA = pa.schema(
    [("row", pa.uint32()), ("content", pa.uint64()), ("keys", pa.list_(pa.uint64()))]
)
RANGE_KEYS = 1 << 24  # that are sorted at a time: 128 MB


def add_keys(parts: flow.Elements, work: LeakageWork) -> None:
    """Adds the first step to the pipeline of a collection of parts."""
    _ = parts | "write keys" >> flow.do(_WriteKeys(work))


class _WriteKeys:
    def __init__(self, work: LeakageWork) -> None:
        self._work = work

    def process(self, part: Part) -> None:
        write_keys(part, self._work)


def write_keys(part: Part, work: LeakageWork) -> None:
    """Writes the keys of one part's held-out documents and their number."""
    rows = list(_rows(part.stem, work)) if work.compares else []
    written, path = Written(), work.held.path(part.stem)
    with written.new_file(f"{path}.parquet") as file:
        write_parquet(pa.Table.from_pylist(rows, schema=SCHEMA), file)
    summary = summary_of(work.held, part)
    summary |= {"held": len(rows), "keys": sum(1 + len(row["keys"]) for row in rows)}
    written.write_summary(f"{path}.json", summary)


def _rows(stem: str, work: LeakageWork) -> Iterator[dict[str, Any]]:
    dropped = dropped_rows(work.output, stem)
    for row in read_wanted(work.output, stem, LIGHT, work.is_held, dropped):
        keys = text_keys(row["text"])
        yield {"row": row["row"], "content": content_key(row["content_hash"]), "keys": keys}


def write_table(work: LeakageWork, stems: Sequence[str], total: int) -> None:
    """Writes the table of all parts' keys in ascending order, some of them in memory at a time."""
    ranges = max(1, -(-total // RANGE_KEYS))
    edges = [(1 << 64) * number // ranges for number in range(ranges + 1)]
    written = Written()
    with written.new_file(work.held.path(KEYS)) as file:
        header = {"descr": "<u8", "fortran_order": False, "shape": (total,)}
        np.lib.format.write_array_header_1_0(file, header)
        for low, high in pairwise(edges):
            check_interrupt()
            chosen = [_between(keys, low, high) for stem in stems for keys in _all_keys(work, stem)]
            if chosen:
                file.write(np.sort(np.concatenate(chosen)).astype("<u8", copy=False).tobytes())
    written.write_summary(work.held.path(SUMS_OF_KEYS), {"key": work.held.key, "keys": total})


def _all_keys(work: LeakageWork, stem: str) -> Iterator[NDArray[np.uint64]]:
    """Yields the keys of a part's documents, some at a time."""
    with open_part_file(work.held.path(f"{stem}.parquet")) as file:
        for batch in open_parquet(file).iter_batches(HELD_BATCH, columns=["content", "keys"]):
            yield batch.column("content").to_numpy(zero_copy_only=False)
            yield batch.column("keys").flatten().to_numpy(zero_copy_only=False)


def _between(keys: NDArray[np.uint64], low: int, high: int) -> NDArray[np.uint64]:
    if low == 0 and high == 1 << 64:
        return keys
    return keys[(keys >= np.uint64(low)) & (keys <= np.uint64(high - 1))]
