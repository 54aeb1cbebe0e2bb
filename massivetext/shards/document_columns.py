"""Columns of kept documents as arrays: only what a pass over them needs, in bounded memory."""

from collections.abc import Iterator
from typing import Any, BinaryIO, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from massivetext.shards.parquet_files import open_parquet

_BATCH_ROWS = 256  # of text: a batch of long documents stays small
_SMALL_GROUP = 2 << 20  # bytes
_FIXED_ROWS = 1_024  # of signatures: half a megabyte, and 1 MB in each step of the arithmetic


class Fixed(NamedTuple):
    """A column of fixed-size binaries, each `width` numbers of `dtype`."""

    name: str
    dtype: str
    width: int


HASHES = Fixed("content_hash", "<u8", 2)
SIGNATURES = Fixed("signature", "<u4", 128)


def read_fixed(
    file: BinaryIO, column: str, dtype: str, width: int
) -> Iterator[tuple[int, NDArray[Any]]]:
    """Yields (first row, values as an array (rows, width) of `dtype`) of fixed-size binaries."""
    for row, (values,) in read_all_fixed(open_parquet(file), Fixed(column, dtype, width)):
        yield row, values


def read_all_fixed(
    parquet: pq.ParquetFile, *columns: Fixed
) -> Iterator[tuple[int, list[NDArray[Any]]]]:
    """Yields (first row, the values of each column as `read_fixed` has them)."""
    row = 0
    names = [column.name for column in columns]
    for group in range(parquet.num_row_groups):  # a batch across groups would be copied together
        batches = parquet.iter_batches(_FIXED_ROWS, [group], names, use_threads=False)
        for batch in batches:
            yield row, [_array(batch.column(column.name), column) for column in columns]
            row += len(batch)


def _array(values: pa.Array, column: Fixed) -> NDArray[Any]:
    size = np.dtype(column.dtype).itemsize * column.width
    data = memoryview(values.buffers()[1])  # knows nothing of the array's offset
    data = data[values.offset * size : (values.offset + len(values)) * size]
    return np.frombuffer(data, column.dtype).reshape(-1, column.width)


def read_strings(file: BinaryIO, column: str) -> list[str]:
    """Returns a column of short strings."""
    values: list[str] = open_parquet(file).read([column], use_threads=False).column(0).to_pylist()
    return values


def read_short(parquet: pq.ParquetFile, column: str, rows: NDArray[Any]) -> list[Any]:
    """Returns a column's short values in the rows named, which ascend."""
    found, begin = list[Any](), 0
    for group in range(parquet.num_row_groups):
        end = begin + parquet.metadata.row_group(group).num_rows
        first, last = np.searchsorted(rows, [begin, end]).tolist()
        if first < last:
            (values,) = parquet.read_row_group(group, [column], use_threads=False).columns
            here = (rows[first:last] - begin).tolist()
            many = values.to_pylist() if 4 * len(here) > len(values) else None
            found += [many[r] for r in here] if many else [values[r].as_py() for r in here]
        begin = end
    return found


def read_rows(
    file: BinaryIO, columns: list[str], rows: NDArray[np.uint32]
) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yields (row, values by column) of the rows named, which ascend, in one sequential pass.

    Row groups that hold none of them are not read.
    """
    parquet = open_parquet(file)
    begin = 0
    for group in range(parquet.num_row_groups):
        end = begin + parquet.metadata.row_group(group).num_rows
        if np.searchsorted(rows, begin) < np.searchsorted(rows, end):
            yield from _chosen(_batches(parquet, group, columns), rows, begin)
        begin = end


def _batches(parquet: pq.ParquetFile, group: int, columns: list[str]) -> Iterator[pa.RecordBatch]:
    """Yields a row group at once where it is small, which is faster."""
    metadata = parquet.metadata.row_group(group)
    found = [metadata.column(number) for number in range(metadata.num_columns)]
    size = sum(c.total_uncompressed_size for c in found if c.path_in_schema in columns)
    rows = metadata.num_rows if size <= _SMALL_GROUP else _BATCH_ROWS
    yield from parquet.iter_batches(rows, [group], columns, use_threads=False)


def _chosen(
    batches: Iterator[pa.RecordBatch], rows: NDArray[np.uint32], begin: int
) -> Iterator[tuple[int, dict[str, Any]]]:
    for batch in batches:
        first, last = np.searchsorted(rows, [begin, begin + len(batch)])
        here = rows[first:last]
        values = dict(zip(batch.schema.names, batch.columns, strict=True))
        for row in here.tolist():  # `take` would import all of Arrow's functions: 0.1 s
            yield row, {name: column[row - begin].as_py() for name, column in values.items()}
        begin += len(batch)
