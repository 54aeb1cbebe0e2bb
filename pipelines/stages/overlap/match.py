"""Stage 3, first half: what each surviving document shares with items, in one pass over text.

How famous an n-gram is shows only when all documents are read, so nothing is judged here.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa

from massivetext.corpus.parts import Part
from massivetext.decontaminate.detect import Found, find
from massivetext.decontaminate.held_out import title_key
from massivetext.decontaminate.overlap import Match
from massivetext.pipelines.engine.run_parts import summary_of
from massivetext.pipelines.flow import flow
from massivetext.pipelines.folder.interrupts import check_interrupt
from massivetext.pipelines.folder.sums import Written, open_part_file
from massivetext.pipelines.stages.overlap.table import HeldOut, load_held_out
from massivetext.pipelines.stages.overlap.work import OverlapWork, count_rows
from massivetext.pipelines.stages.survivors import dropped_rows
from massivetext.shards.document_columns import read_rows
from massivetext.shards.parquet_files import open_parquet, write_parquet

_MATCH = pa.struct([(name, pa.int64()) for name in Match._fields])
SCHEMA = pa.schema(
    [
        ("row", pa.uint32()),
        ("title", pa.string()),  # its key, if the page is held out for it
        ("paper", _MATCH),
        ("reported", _MATCH),
        ("positions", pa.map_(pa.int32(), pa.list_(pa.int64()))),
    ]
)


def add_matches(parts: flow.Elements, work: OverlapWork) -> None:
    """Adds the first half to the pipeline of a collection of parts; the tables come before."""
    _ = parts | "write matches" >> flow.do(_WriteMatches(work))


class _WriteMatches:
    def __init__(self, work: OverlapWork) -> None:
        self._work = work

    def setup(self) -> None:
        self._held_out = load_held_out(self._work.matches)

    def process(self, part: Part) -> None:
        write_matches(part, self._work, self._held_out)


def write_matches(part: Part, work: OverlapWork, held_out: HeldOut) -> None:
    """Writes what the documents of one part share with items, and how many documents it has."""
    gone = dropped_rows(work.output, part.stem, ("duplicates",))
    rows = np.arange(count_rows(work.documents(part.stem)), dtype=np.uint32)
    left = np.setdiff1d(rows, np.array(sorted(gone), np.uint32))
    found = list(_match(part, left, work, held_out))
    table = pa.Table.from_pylist(found, schema=SCHEMA)
    path = work.matches.path(part.stem)
    written = Written()
    with written.new_file(f"{path}.parquet") as file:
        write_parquet(table, file)
    summary = summary_of(work.matches, part)
    written.write_summary(f"{path}.json", summary | {"records": len(left), "matched": len(found)})


def _match(part: Part, left: Any, work: OverlapWork, held_out: HeldOut) -> Iterator[dict[str, Any]]:
    if part.source not in work.rules.sources or held_out.is_empty:
        return
    titles = held_out.titles if part.source in work.titled else {}
    with open_part_file(work.documents(part.stem)) as file:
        for row, document in read_rows(file, ["title", "text"], left):
            check_interrupt()
            key = title_key(document["title"] or "")
            found = find(document["text"], held_out.lookup, work.bounds)
            if found is not None or key in titles:
                yield _values(row, key if key in titles else None, found)


def _values(row: int, title: str | None, found: Found | None) -> dict[str, Any]:
    values: dict[str, Any] = {"row": row, "title": title, "positions": []}
    if found is not None:
        values["paper"] = found.paper._asdict() if found.paper else None
        values["reported"] = found.reported._asdict() if found.reported else None
        values["positions"] = [(n, p.tolist()) for n, p in found.positions.items() if len(p)]
    return values


def read_matches(work: OverlapWork, stem: str) -> Iterator[tuple[int, str | None, Found]]:
    """Yields (row, title's key, what is shared) of the documents of a part that share anything."""
    with open_part_file(work.matches.path(f"{stem}.parquet")) as file:
        for batch in open_parquet(file).iter_batches(256, use_threads=False):
            for row in batch.to_pylist():
                positions = {n: np.array(p, np.int64) for n, p in row["positions"]}
                found = Found(_read(row["paper"]), _read(row["reported"]), positions)
                yield row["row"], row["title"], found


def _read(value: dict[str, int] | None) -> Match | None:
    return None if value is None else Match(**value)
