"""Documents of Parquet files, by row groups, in batches of bounded size."""

from collections.abc import Iterator, Sequence
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from massivetext.document import Origin, Record
from massivetext.errors import RecordError
from massivetext.limits import (
    FREE_COLUMN_BYTES,
    FREE_EXPANSION_BYTES,
    FREE_ROWS,
    MAX_EXPANSION,
    MAX_ROWS_PER_BYTE,
)
from massivetext.readers.rows.cells import cells, is_readable, is_text
from massivetext.readers.rows.jsonl import Row
from massivetext.readers.rows.rows import PLAIN, Fields, row_record

BATCH_BYTES = 8 << 20  # of a batch's rows, by the row group's mean
MAX_BATCH_ROWS = 1_024
LARGE_GROUP_BYTES = 128 << 20  # of this size rows may lie so far above the mean that few are
LARGE_GROUP_ROWS = 4  # decoded at a time
BUFFER_BYTES = 1 << 20  # read ahead of each column, instead of its whole chunk
_DAMAGE = (pa.ArrowException, OSError, ValueError, LookupError, TypeError, OverflowError)


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
        parquet = _open(file)
        columns = _columns(parquet, names, required)
        if packed := _dictionaries(parquet, columns):
            parquet = _open(file, metadata=parquet.metadata, read_dictionary=packed)
    except (*_DAMAGE, RecordError) as error:
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


def _open(file: BinaryIO, **options: Any) -> pq.ParquetFile:
    return pq.ParquetFile(
        file,
        buffer_size=BUFFER_BYTES,
        pre_buffer=False,
        page_checksum_verification=True,
        **options,
    )


def _is_empty(file: BinaryIO) -> bool:
    file.seek(0)
    return not file.read(1)


def _columns(parquet: pq.ParquetFile, names: Sequence[str], required: Sequence[str]) -> list[str]:
    """Returns those of `names` that the file has, once, in a type that can be read."""
    schema = parquet.schema_arrow
    present = {name for name in schema.names if len(schema.get_all_field_indices(name)) == 1}
    missing = [name for name in required if name not in present]
    if missing:
        raise RecordError(f"no column {', '.join(missing)}")
    for name in required:
        if not (is_text(type_ := schema.field(name).type) or pa.types.is_null(type_)):
            raise RecordError(f"column {name} holds no text but {type_}")
    return [name for name in names if name in present and is_readable(schema.field(name).type)]


def _dictionaries(parquet: pq.ParquetFile, columns: list[str]) -> list[str]:
    """Returns the text columns of which a page may hold values that its rows only point to.

    Spread out they can be any multiple of the file: so they are read as dictionaries.
    """
    types = {name: parquet.schema_arrow.field(name).type for name in columns}
    packed = set()
    for group in range(parquet.num_row_groups):
        for chunk in _chunks(parquet.metadata.row_group(group), columns):
            if chunk.has_dictionary_page:
                packed.add(chunk.path_in_schema)
    return sorted(name for name in packed if name in types and is_text(types[name]))


def _chunks(group: pq.RowGroupMetaData, columns: Sequence[str]) -> list[pq.ColumnChunkMetaData]:
    """Returns a row group's chunks of the columns that are read."""
    chunks = (group.column(index) for index in range(group.num_columns))
    return [chunk for chunk in chunks if chunk.path_in_schema.partition(".")[0] in columns]


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
    chunks = _chunks(metadata, columns)
    try:
        _check_expansion(chunks, metadata.num_rows)
        left = FREE_COLUMN_BYTES + MAX_EXPANSION * sum(c.total_compressed_size for c in chunks)
        for batch in parquet.iter_batches(
            _batch_rows(metadata), row_groups=[group], columns=columns, use_threads=False
        ):
            for values in zip(*map(cells, batch.columns), strict=True):
                left -= sum(len(value) for value in values if isinstance(value, str | bytes))
                if left < 0:
                    raise RecordError(f"its rows are more than {MAX_EXPANSION} times its bytes")
                yield Row(row, dict(zip(batch.schema.names, values, strict=True)))
                row += 1
    except (*_DAMAGE, RecordError) as error:
        yield Row(row, RecordError(f"unreadable row group {group}: {error}"))


def _batch_rows(group: pq.RowGroupMetaData) -> int:
    """Returns how many rows are decoded at a time: few where some could be far above the mean."""
    mean: int = max(group.total_byte_size // max(group.num_rows, 1), 1)
    rows: int = min(max(BATCH_BYTES // mean, 1), MAX_BATCH_ROWS)
    return rows if group.total_byte_size <= LARGE_GROUP_BYTES else min(rows, LARGE_GROUP_ROWS)


def _check_expansion(chunks: list[pq.ColumnChunkMetaData], rows: int) -> None:
    for chunk in chunks:
        bound = FREE_EXPANSION_BYTES + MAX_EXPANSION * chunk.total_compressed_size
        if chunk.total_uncompressed_size > bound:
            name = chunk.path_in_schema
            raise RecordError(f"column {name} expands more than {MAX_EXPANSION} times")
    packed = sum(chunk.total_compressed_size for chunk in chunks)
    if rows > FREE_ROWS + MAX_ROWS_PER_BYTE * packed:
        raise RecordError(f"{rows} rows in {packed} bytes, more than {MAX_ROWS_PER_BYTE} a byte")
