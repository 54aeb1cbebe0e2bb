"""Documents of JSON lines: books, C4, news, and what the single-file commands read."""

from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

import orjson

from massivetext.document import Origin, Record
from massivetext.errors import RecordError
from massivetext.readers.bytes.lines import read_lines
from massivetext.readers.rows.rows import PLAIN, Fields, row_record

BOM = b"\xef\xbb\xbf"


class Row(NamedTuple):
    """One row of a file: its position, and its value or why it has none."""

    position: int
    value: object | RecordError


def read_jsonl(
    file: BinaryIO,
    origin: Origin,
    start: int = 0,
    end: int | None = None,
    fields: Fields = PLAIN,
) -> Iterator[Record]:
    """Returns the records of the lines whose first byte lies in [start, end).

    Plain files can be cut anywhere; .gz and .zst are read whole, by the slice from 0. The position
    is the line's offset in the expanded bytes. The shape of allenai/c4 (text, timestamp, url) is
    the default; blank lines are no records. JSON is strict: NaN, invalid UTF-8, lone surrogates and
    deep nesting make a line `Broken`.
    """
    for position, value in json_rows(file, start, end):
        if isinstance(value, RecordError):
            yield origin.broken(position, str(value))
        else:
            yield row_record(value, origin, position, fields)


def json_rows(file: BinaryIO, start: int = 0, end: int | None = None) -> Iterator[Row]:
    """Returns the JSON value, or the error, of each line that is not blank."""
    for position, line in read_lines(file, start, end):
        if isinstance(line, RecordError):
            yield Row(position, line)
            continue
        if position == 0:
            line = line.removeprefix(BOM)
        if line and not line.isspace():
            yield Row(position, _parse(line))


def _parse(line: bytes) -> object | RecordError:
    try:
        value: object = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        return RecordError(f"invalid JSON: {error}")
    return value
