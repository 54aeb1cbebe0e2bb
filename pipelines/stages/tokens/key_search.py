"""Second step: which of the held-out documents' keys the train documents of each part have."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from massivetext.corpus.parts import Part
from massivetext.pipelines.engine.run_parts import summary_of
from massivetext.pipelines.flow import flow
from massivetext.pipelines.folder.interrupts import check_interrupt
from massivetext.pipelines.folder.sums import Written
from massivetext.pipelines.stages.leakage_work import (
    FOUND,
    LEFT_OUT,
    LIGHT,
    SUMS_OF_FOUND,
    LeakageWork,
    Table,
    content_key,
    load_table,
    text_keys,
)
from massivetext.pipelines.stages.mapped import map_array
from massivetext.pipelines.stages.survivors import dropped_rows, read_wanted
from massivetext.pipelines.stages.tokens.left_out import left_out_digests

RANGE_PLACES = 1 << 24  # of the table that are put together at a time
_COMPACT = 1 << 22  # places of a part that are found, with repetitions, before they are made unique


def add_search(parts: flow.Elements, work: LeakageWork) -> None:
    """Adds the second step to the pipeline of a collection of parts."""
    _ = parts | "search keys" >> flow.do(_Search(work))


class _Search:
    def __init__(self, work: LeakageWork) -> None:
        self._work = work

    def setup(self) -> None:
        self._table = load_table(self._work)

    def process(self, part: Part) -> None:
        write_found(part, self._work, self._table)


def write_found(part: Part, work: LeakageWork, table: Table) -> None:
    """Writes the places of the table that one part's train documents have, ascending."""
    places = _places(part.stem, work, table) if len(table.keys) else np.empty(0, np.int64)
    written, path = Written(), work.found.path(part.stem)
    with written.new_file(f"{path}.npy") as file:
        np.save(file, places.astype("<i8", copy=False), allow_pickle=False)
    summary = summary_of(work.found, part)
    written.write_summary(f"{path}.json", summary | {"found": len(places)})


def _places(stem: str, work: LeakageWork, table: Table) -> NDArray[np.int64]:
    dropped = dropped_rows(work.output, stem)

    def trained(row: dict[str, Any]) -> bool:
        return not work.is_held(row)

    waiting, size = [np.empty(0, np.int64)], 0
    for row in read_wanted(work.output, stem, LIGHT, trained, dropped):
        content = np.array([content_key(row["content_hash"])], np.uint64)
        for keys in (content, text_keys(row["text"])):
            waiting.append(table.places(keys))
            size += len(waiting[-1])
        if size > _COMPACT:
            waiting = [np.unique(np.concatenate(waiting))]
            size = 0
    return np.unique(np.concatenate(waiting))


def write_union(work: LeakageWork, stems: Sequence[str]) -> None:
    """Writes, for each key of the table, whether any part has it."""
    size = len(load_table(work).keys)
    paths = [work.found.path(stem) for stem in stems]
    found = [map_array(f"{path}.npy", f"{path}.json") for path in paths]
    written = Written()
    with written.new_file(work.found.path(FOUND)) as file:
        header = {"descr": "|b1", "fortran_order": False, "shape": (size,)}
        np.lib.format.write_array_header_1_0(file, header)
        for marks in _marks(found, size):
            file.write(marks.tobytes())
    facts: dict[str, Any] = {"key": work.found.key, "keys": size}
    written.write_summary(work.found.path(SUMS_OF_FOUND), facts)
    facts[LEFT_OUT] = left_out_digests(work, stems) if work.compares else {}
    written.write_summary(work.found.path(SUMS_OF_FOUND), facts)


def _marks(found: list[Any], size: int) -> Iterator[NDArray[np.bool_]]:
    for first in range(0, size, RANGE_PLACES):
        check_interrupt()
        marks = np.zeros(min(RANGE_PLACES, size - first), bool)
        for places in found:
            low, high = np.searchsorted(places, [first, first + len(marks)])
            marks[places[low:high] - first] = True
        yield marks
