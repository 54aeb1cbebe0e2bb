"""Columns of kept documents as arrays: only what a pass over them needs, in bounded memory."""

from collections.abc import Iterator
from typing import Any, BinaryIO

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from massivetext.shards.parquet_files import open_parquet

_BATCH_ROWS = 256  # of text: a batch of long documents stays small
_FIXED_ROWS = 1_024  # of signatures: half a megabyte, and 1 MB in each step of the arithmetic


def read_fixed(
    file: BinaryIO, column: str, dtype: str, width: int
) -> Iterator[tuple[int, NDArray[Any]]]:
    """Yields (first row, values as an array (rows, width) of `dtype`) of fixed-size binaries."""
    size = np.dtype(dtype).itemsize * width
    row = 0
    for batch in open_parquet(file).iter_batches(_FIXED_ROWS, columns=[column]):
        values = batch.column(0)
        data = memoryview(values.buffers()[1])  # knows nothing of the array's offset
        data = data[values.offset * size : (values.offset + len(values)) * size]
        yield row, np.frombuffer(data, dtype).reshape(-1, width)
        row += len(values)


def read_strings(file: BinaryIO, column: str) -> list[str]:
    """Returns a column of short strings."""
    values: list[str] = open_parquet(file).read([column]).column(0).to_pylist()
    return values


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
            batches = parquet.iter_batches(_BATCH_ROWS, row_groups=[group], columns=columns)
            yield from _chosen(batches, rows, begin)
        begin = end


def _chosen(
    batches: Iterator[pa.RecordBatch], rows: NDArray[np.uint32], begin: int
) -> Iterator[tuple[int, dict[str, Any]]]:
    for batch in batches:
        first, last = np.searchsorted(rows, [begin, begin + len(batch)])
        here = rows[first:last]
        values = batch.take(pa.array(here.astype(np.int64) - begin)).to_pylist()
        yield from zip(here.tolist(), values, strict=True)
        begin += len(batch)
