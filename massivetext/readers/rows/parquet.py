"""Documents of Parquet files, by row groups, in batches of bounded size."""

from collections.abc import Iterator, Sequence
from typing import BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from massivetext.document import Origin, Record
from massivetext.errors import RecordError
from massivetext.limits import FREE_EXPANSION_BYTES, MAX_EXPANSION
from massivetext.readers.rows.jsonl import Row
from massivetext.readers.rows.rows import PLAIN, Fields, row_record

BATCH_BYTES = 8 << 20  # of a batch's rows, by the row group's mean
MAX_BATCH_ROWS = 1_024
_SHOWN_COLUMNS = 8  # of a file, in a message
BUFFER_BYTES = 1 << 20  # read ahead of each column, instead of its whole chunk


def read_parquet(
    file: BinaryIO,
    origin: Origin,
    start: int = 0,
    end: int | None = None,
    fields: Fields = PLAIN,
) -> Iterator[Record]:
    """Returns the records of the row groups whose first byte lies in [start, end).

    The position is the row's index in the file. A file that cannot be opened, or has no text
    column, is one `Broken` record of the slice that starts at 0; a row group that cannot be
    decoded is one `Broken` record at its first unread row, and the next one follows.
    """
    for position, value in parquet_rows(file, fields.columns(), (fields.text,), start, end):
        if isinstance(value, RecordError):
            yield origin.broken(position, str(value))
        else:
            yield row_record(value, origin, position, fields)


def parquet_rows(
    file: BinaryIO, names: Sequence[str], required: Sequence[str], start: int, end: int | None
) -> Iterator[Row]:
    """Returns rows of the columns `names` that the file has, or errors in their place."""
    try:
        parquet = pq.ParquetFile(
            file, buffer_size=BUFFER_BYTES, pre_buffer=False, page_checksum_verification=True
        )
        columns = _columns(parquet, names, required)
    except (pa.ArrowException, OSError, RecordError) as error:
        if start == 0 and not _is_empty(file):
            yield Row(0, RecordError(f"unreadable Parquet file: {error}"))
        return
    row = 0
    for group in range(parquet.num_row_groups):
        metadata = parquet.metadata.row_group(group)
        first = _first_byte(metadata)
        if first >= start and (end is None or first < end):
            yield from _group_rows(parquet, group, columns, row)
        row += metadata.num_rows


def _is_empty(file: BinaryIO) -> bool:
    file.seek(0)
    return not file.read(1)


def _columns(parquet: pq.ParquetFile, names: Sequence[str], required: Sequence[str]) -> list[str]:
    """Returns which of the keys, perhaps paths with dots, to read: none lies inside another."""
    tops = parquet.schema_arrow.names
    paths = [*tops, *(parquet.schema.column(i).path for i in range(len(parquet.schema)))]
    present = {name for name in names if any(f"{path}.".startswith(f"{name}.") for path in paths)}
    missing = [name for name in required if name not in present]
    if missing:
        known = ", ".join(tops[:_SHOWN_COLUMNS])
        raise RecordError(f"no column {', '.join(missing)}; the file has {known}")
    return [name for name in names if name in present and not _is_inside(name, present)]


def _is_inside(name: str, others: set[str]) -> bool:
    return any(name.startswith(f"{other}.") for other in others)


def _first_byte(group: pq.RowGroupMetaData) -> int:
    """Returns the offset of a row group's first page; writers leave `file_offset` unset."""
    offsets: list[int] = []
    for index in range(group.num_columns):
        column = group.column(index)
        offsets.append(column.data_page_offset)
        if column.has_dictionary_page and column.dictionary_page_offset:
            offsets.append(column.dictionary_page_offset)
    return min(offsets, default=0)


def _group_rows(parquet: pq.ParquetFile, group: int, columns: list[str], row: int) -> Iterator[Row]:
    """Returns the rows of one row group, the first of which is `row` of the file."""
    metadata = parquet.metadata.row_group(group)
    size = max(metadata.total_byte_size // max(metadata.num_rows, 1), 1)
    batch_rows = min(max(BATCH_BYTES // size, 1), MAX_BATCH_ROWS)
    try:
        _check_expansion(metadata)
        for batch in parquet.iter_batches(
            batch_rows, row_groups=[group], columns=columns, use_threads=False
        ):
            yield from _batch_rows(batch, row)
            row += batch.num_rows
    except (pa.ArrowException, OSError, RecordError) as error:
        yield Row(row, RecordError(f"unreadable row group {group}: {error}"))


def _check_expansion(group: pq.RowGroupMetaData) -> None:
    for index in range(group.num_columns):
        column = group.column(index)
        bound = FREE_EXPANSION_BYTES + MAX_EXPANSION * column.total_compressed_size
        if column.total_uncompressed_size > bound:
            raise RecordError(f"column {index} expands more than {MAX_EXPANSION} times")


def _batch_rows(batch: pa.RecordBatch, row: int) -> Iterator[Row]:
    """Returns a batch's rows; text that is no UTF-8 breaks its own row only."""
    names = batch.schema.names
    try:
        values = [column.to_pylist() for column in batch.columns]
    except UnicodeDecodeError:
        for index in range(batch.num_rows):
            yield Row(row + index, _single_row(batch, index))
        return
    for index, cells in enumerate(zip(*values, strict=True), row):
        yield Row(index, dict(zip(names, cells, strict=True)))


def _single_row(batch: pa.RecordBatch, index: int) -> object | RecordError:
    try:
        return {name: batch.column(name)[index].as_py() for name in batch.schema.names}
    except UnicodeDecodeError as error:
        return RecordError(f"invalid UTF-8: {error}")
