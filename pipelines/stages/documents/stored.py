"""The documents of a finished part, kept and dropped, in the order in which they were read."""

import heapq
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from massivetext.corpus.parts import Part
from massivetext.errors import StageError
from massivetext.filters.rejudge.language import language_drops
from massivetext.filters.rejudge.thresholds import Thresholds
from massivetext.measures import Measures
from massivetext.pipelines.folder.sums import open_part_file
from massivetext.reasons import Reason
from massivetext.shards.document_files import ABOUT, Row
from massivetext.shards.parquet_files import open_parquet
from massivetext.storage.paths import join

_MEASURES = len(Measures._fields)


class StoredDocument(NamedTuple):
    """A row of a finished part, taken apart."""

    place: tuple[int, int]  # the number of its file among the part's, its position there
    about: Row
    reasons: tuple[str, ...]  # none: it was kept
    signature: tuple[bytes, bytes] | None
    measures: Measures | None
    asked: Row
    language_drops: bool  # at the new thresholds
    unknown: bool


def stored_documents(folder: str, part: Part, thresholds: Thresholds) -> Iterator[StoredDocument]:
    """Yields the documents of a part in the order of its files and of their places in them.

    Raises:
      StageError: their places do not tell the order.
    """
    before = (-1, -1)
    rows = (_rows(folder, part, prefix, thresholds) for prefix in ("", "dropped-"))
    for document in heapq.merge(*rows, key=lambda found: found.place):
        if document.place <= before:
            raise StageError(
                f"{folder}/{part.stem}.parquet: rows are not in the order of the input, so the"
                " part cannot be rejudged; build with the changed recipe instead"
            )
        before = document.place
        yield document


def _rows(folder: str, part: Part, prefix: str, thresholds: Thresholds) -> Iterator[StoredDocument]:
    numbers: dict[str, int] = {}
    for number, piece in enumerate(part.slices):
        numbers.setdefault(piece.name, number)
    with open_part_file(join(folder, f"{prefix}{part.stem}.parquet")) as file:
        parquet = open_parquet(file)
        for group in range(parquet.num_row_groups):
            table = parquet.read_row_group(group, use_threads=False)
            yield from _of_group(table, numbers, thresholds)


def _of_group(
    table: pa.Table, numbers: Mapping[str, int], thresholds: Thresholds
) -> Iterator[StoredDocument]:
    names = table.column_names
    file, position = names.index("file"), names.index("position")
    columns = [column.to_pylist() for column in table.columns]
    reasons = columns[names.index("reasons")] if "reasons" in names else [[]] * len(table)
    was = np.array([Reason.LANGUAGE in found for found in reasons], bool)
    drops, unknown = was, np.zeros(len(table), bool)
    if thresholds.language is not None:
        drops, unknown = language_drops(table, was, thresholds.language)
    first = names.index(Measures._fields[0])
    for row, found, *language in zip(
        zip(*columns, strict=True), reasons, drops.tolist(), unknown.tolist(), strict=True
    ):
        place = numbers.get(row[file], -1), row[position]
        yield _taken_apart(row, place, found, first, *language)


def _taken_apart(
    row: tuple[Any, ...],
    place: tuple[int, int],
    reasons: list[str],
    first: int,
    drops: bool,
    unknown: bool,
) -> StoredDocument:
    measures, asked = row[first : first + _MEASURES], row[first + _MEASURES :]
    signature = None if reasons else (row[ABOUT], row[ABOUT + 1])
    found = None if measures[0] is None else Measures(*measures)
    return StoredDocument(
        place, row[:ABOUT], tuple(reasons), signature, found, asked, drops, unknown
    )
