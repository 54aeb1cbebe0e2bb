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
    MAX_PAGE_EXPANSION,
    MAX_ROWS_PER_BYTE,
)
from massivetext.readers.rows.cells import cells, is_readable, is_text, size_of, type_of
from massivetext.readers.rows.footer import Chunk, Group, dictionary_bytes, read_groups
from massivetext.readers.rows.jsonl import Row
from massivetext.readers.rows.rows import PLAIN, Fields, row_record

BATCH_BYTES = 8 << 20  # of a batch's rows, by the row group's mean
MAX_BATCH_ROWS = 1_024
LARGE_GROUP_BYTES = 128 << 20  # of this size rows may lie so far above the mean that few are
LARGE_GROUP_ROWS = 4  # decoded at a time
SHARED_BYTES = 32 << 20  # of a dictionary whose values are spread out: writers stop far below
_SHOWN_COLUMNS = 8  # of a file, in a message
BUFFER_BYTES = 1 << 20  # read ahead of each column, instead of its whole chunk
_DAMAGE = (pa.ArrowException, OSError, ValueError, LookupError, TypeError, OverflowError)


def read_parquet(
    file: BinaryIO,
    origin: Origin,
    start: int = 0,
    end: int | None = None,
    fields: Fields = PLAIN,
) -> Iterator[Record]:
    """Yields the records of the row groups whose first byte lies in [start, end).

    The position is the row's index in the file. A file that cannot be opened, or has no text
    column, is one `Broken` record of the slice that starts at 0; a row group that cannot be
    decoded is one `Broken` record at its first unread row, and the next one follows.
    """
    kept = None if fields.whole else fields.keep
    rows = parquet_rows(file, fields.columns(), (fields.text,), start, end, kept)
    for position, value in rows:
        if isinstance(value, RecordError):
            yield origin.broken(position, str(value))
        else:
            yield row_record(value, origin, position, fields)


def parquet_rows(
    file: BinaryIO,
    names: Sequence[str],
    required: Sequence[str],
    start: int,
    end: int | None,
    kept: Sequence[str] | None = (),
) -> Iterator[Row]:
    """Yields rows of the columns that the file has, or errors in their place.

    Args:
      file: of the rows.
      names: of columns, or paths with dots to fields of structures.
      required: those of them that must be there and hold text.
      start: of the slice; row groups belong to it whose first byte does.
      end: of the slice; None: the file's.
      kept: those of `names` that are read whatever their type; None: all columns.
    """
    try:
        parquet = _open(file)
        groups = read_groups(file)
        columns = _columns(parquet.schema_arrow, names, required, kept)
        shared = _dictionaries(parquet.schema_arrow, groups, columns)
        packed = _open(file, metadata=parquet.metadata, read_dictionary=shared) if shared else None
    except (*_DAMAGE, RecordError) as error:
        if start == 0 and not _is_empty(file):
            yield 0, RecordError(f"unreadable Parquet file: {error}")
        return
    row = 0
    for number, group in enumerate(groups):
        if group.offset() >= start and (end is None or group.offset() < end):
            largest = _largest(file, group.of(shared))
            read = parquet if packed is None or largest <= SHARED_BYTES else packed
            yield from _group_rows(read, number, group, columns, row, largest)
        row += group.rows


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


def _columns(
    schema: pa.Schema, names: Sequence[str], required: Sequence[str], kept: Sequence[str] | None
) -> list[str]:
    """Returns those of `names` that the file has, once, in a type that can be read.

    None of them lies inside another.
    """
    if kept is None:
        names, kept = [*names, *schema.names], schema.names
    types = {name: found for name in names if (found := type_of(schema, name)) is not None}
    missing = [name for name in required if name not in types]
    if missing:
        known = ", ".join(schema.names[:_SHOWN_COLUMNS])
        raise RecordError(f"no column {', '.join(missing)}; the file has {known}")
    for name in required:
        if not (is_text(types[name]) or pa.types.is_null(types[name])):
            raise RecordError(f"column {name} holds no text but {types[name]}")
    read = [name for name, type_ in types.items() if name in kept or is_readable(type_)]
    return [name for name in read if not any(name.startswith(f"{other}.") for other in read)]


def _dictionaries(schema: pa.Schema, groups: list[Group], columns: list[str]) -> list[str]:
    """Returns the text columns of which a page may hold values that its rows only point to.

    Spread out they can be any multiple of the file. So few rows are spread out at a time, or,
    where the values are more than `SHARED_BYTES`, none: they are read as dictionaries, which takes
    three times the memory of all values of a row group.
    """
    chunks = (chunk for group in groups for chunk in group.of(columns))
    found = dict.fromkeys(chunk.column for chunk in chunks if chunk.has_dictionary)
    types = {name: type_of(schema, name) for name in found}  # none: inside a list
    return [name for name, type_ in types.items() if type_ is not None and is_text(type_)]


def _largest(file: BinaryIO, chunks: list[Chunk]) -> int:
    """Returns the bytes of the largest dictionary; more than any where one cannot be told."""
    try:
        sizes = [dictionary_bytes(file, chunk) for chunk in chunks if chunk.has_dictionary]
    except RecordError:
        return LARGE_GROUP_BYTES
    return max(sizes, default=0)


def _group_rows(
    parquet: pq.ParquetFile, number: int, group: Group, columns: list[str], row: int, largest: int
) -> Iterator[Row]:
    """Yields the rows of one row group, the first of which is `row` of the file.

    `largest` is the size of its largest dictionary.
    """
    chunks = group.of(columns)
    try:
        _check_expansion(chunks, group.rows)
        left = FREE_COLUMN_BYTES + MAX_EXPANSION * sum(chunk.compressed for chunk in chunks)
        for batch in parquet.iter_batches(
            _batch_rows(group, chunks, largest),
            row_groups=[number],
            columns=columns,
            use_threads=False,
        ):
            found = [cells(column) for column in batch.columns]
            names = batch.schema.names
            size = sum(column.size for column in found)
            rows = zip(*(column.values for column in found), strict=True)
            for values in rows if size <= left else _until(rows, left):
                yield row, dict(zip(names, values, strict=True))
                row += 1
            left -= size
    except (*_DAMAGE, RecordError) as error:
        yield row, RecordError(f"unreadable row group {number}: {error}")


def _until(rows: Iterator[tuple[object, ...]], left: int) -> Iterator[tuple[object, ...]]:
    """Yields rows as long as their text is not more than `left` bytes."""
    for values in rows:
        left -= sum(map(size_of, values))
        if left < 0:
            raise RecordError(f"its rows are more than {MAX_EXPANSION} times its bytes")
        yield values


def _batch_rows(group: Group, chunks: list[Chunk], largest: int = 0) -> int:
    """Returns how many rows are decoded at a time: few where some could be far above the mean."""
    mean = max(group.bytes // max(group.rows, 1), 1)
    rows = min(max(BATCH_BYTES // mean, 1), MAX_BATCH_ROWS)
    if group.bytes > LARGE_GROUP_BYTES:
        rows = min(rows, LARGE_GROUP_ROWS)
    longest = max((chunk.uncompressed for chunk in chunks if chunk.has_prefixes), default=0)
    if largest <= SHARED_BYTES:  # each of the rows may be the longest value of a dictionary
        longest = max(longest, largest)
    return min(rows, max(LARGE_GROUP_BYTES // longest, 1)) if longest else rows


def _check_expansion(chunks: list[Chunk], rows: int) -> None:
    for chunk in chunks:
        bound = FREE_EXPANSION_BYTES + MAX_EXPANSION * chunk.compressed
        bound = min(bound, FREE_COLUMN_BYTES + MAX_PAGE_EXPANSION * chunk.compressed)
        if chunk.uncompressed > bound:
            times = chunk.uncompressed // max(chunk.compressed, 1)
            raise RecordError(f"column {chunk.column} expands {times} times")
    packed = sum(chunk.compressed for chunk in chunks)
    if rows > FREE_ROWS + MAX_ROWS_PER_BYTE * packed:
        raise RecordError(f"{rows} rows in {packed} bytes, more than {MAX_ROWS_PER_BYTE} a byte")
