"""The surviving documents of a part, by their places among them, without reading other text."""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from massivetext.finished.build import FinishedBuild
from massivetext.finished.taken_out import read_taken_out
from massivetext.measures import Measures
from massivetext.mixture.quotas import is_validation, split_unit
from massivetext.shards.document_files import ASKED
from massivetext.shards.parquet_files import open_parquet, read_column
from massivetext.storage.files import exists, open_file

_COMPARING = ("duplicates", "overlap")  # stages that list the rows that go
_NOT_ABOUT = {
    "text_bytes",
    "content_hash",
    "signature",
    *Measures._fields,
    *ASKED,
}  # a document itself


class Survivors:
    """The documents of one part that no stage dropped, of one split, in the order of the file."""

    def __init__(self, build: FinishedBuild, stem: str, split: str) -> None:
        self._build, self._stem, self._split = build, stem, split
        recipe = build.manifest["recipe"]
        self._seed, self._share = recipe["seed"], recipe["sequences"]["validation_fraction"]

    def read(
        self, columns: list[str], first: int = 0, last: int | None = None
    ) -> Iterator[pa.Table]:
        """Yields the columns of the survivors from number `first` up to, not with, `last`.

        One table a row group; groups with none of them are read but for the ids.
        """
        gone = self._dropped()
        begin = number = 0
        with open_file(self._build.path("documents", f"{self._stem}.parquet")) as file:
            parquet = open_parquet(file)
            for group in range(parquet.num_row_groups):
                if last is not None and number >= last:
                    return
                rows = self._chosen(parquet, group, gone - begin)
                begin += parquet.metadata.row_group(group).num_rows
                end = None if last is None else last - number
                wanted = rows[max(0, first - number) : end]
                number += len(rows)
                if len(wanted):
                    yield parquet.read_row_group(group, columns, use_threads=False).take(
                        pa.array(wanted)
                    )

    def _dropped(self) -> NDArray[np.int64]:
        rows: list[int] = []
        paths = [self._build.path(stage, f"{self._stem}.parquet") for stage in _COMPARING]
        if self._split == "validation":  # a source that is not in the mixture has no tokens
            left_out = self._build.path("tokens", f"left-out-{self._stem}.parquet")
            paths += [left_out] if exists(left_out) else []
        for path in paths:
            with open_file(path) as file:
                rows += read_column(file, "row")
        rows += read_taken_out(self._build.output, self._stem).rows
        return np.array(sorted(set(rows)), np.int64)

    def _chosen(
        self, parquet: pq.ParquetFile, group: int, gone: NDArray[np.int64]
    ) -> NDArray[np.int64]:
        table = parquet.read_row_group(group, ["id", "repository"], use_threads=False)
        rows = np.setdiff1d(np.arange(len(table)), gone)
        if self._split == "all":
            return rows
        names, units = (table[name].to_pylist() for name in ("id", "repository"))
        held = [self._held(split_unit(names[row], units[row])) for row in rows]
        keep = np.array(held, bool) == (self._split == "validation")
        chosen: NDArray[np.int64] = rows[keep]
        return chosen

    def _held(self, unit: str) -> bool:
        return is_validation(self._seed, unit, self._share)


def document_schema(build: FinishedBuild) -> pa.Schema:
    """Returns the columns of kept documents that tell of the document: no measures, no hashes."""
    with open_file(build.path("documents", f"{build.parts[0].stem}.parquet")) as file:
        schema = open_parquet(file).schema_arrow
    fields = [field for field in schema if field.name not in _NOT_ABOUT]
    return pa.schema(fields)
