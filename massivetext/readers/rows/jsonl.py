"""Documents of JSON lines: books, C4, news, and what the single-file commands read."""

from collections.abc import Collection, Iterator
from typing import BinaryIO

import orjson

from massivetext.document import Origin, Record
from massivetext.errors import RecordError
from massivetext.readers.bytes.lines import read_lines
from massivetext.readers.rows.rows import PLAIN, Fields, row_record
from massivetext.readers.rows.scan import scan_object

SMALL_BYTES = 1 << 20  # a line up to here is parsed whole; beyond, only the keys that are read
BOM = b"\xef\xbb\xbf"
_ROUNDED = 2.0**63  # whole numbers beyond 64 bits come from the parser as floats of this or more


Row = tuple[int, object | RecordError]  # its position; its value, or why it has none


def read_jsonl(
    file: BinaryIO,
    origin: Origin,
    start: int = 0,
    end: int | None = None,
    fields: Fields = PLAIN,
) -> Iterator[Record]:
    """Yields the records of the lines whose first byte lies in [start, end).

    Plain files can be cut anywhere; .gz and .zst are read whole, by the slice from 0. The position
    is the line's offset in the expanded bytes. The shape of allenai/c4 (text, timestamp, url) is
    the default; blank lines are no records. A value that is not read never costs a line, whatever
    it is; a text with half a surrogate pair has U+FFFD in its place; text that is no UTF-8, and
    lines that are no object, are `Broken`.
    """
    keys = None if fields.whole else fields.members()
    for position, value in json_rows(file, keys, start, end):
        if isinstance(value, RecordError):
            yield origin.broken(position, str(value))
        else:
            yield row_record(value, origin, position, fields)


def json_rows(
    file: BinaryIO, keys: Collection[str] | None, start: int = 0, end: int | None = None
) -> Iterator[Row]:
    """Yields the JSON value, or the error, of each line that is not blank.

    An object holds at least those of `keys` (None: all) that the line has, with a `RecordError` in
    place of a value that is no JSON. A byte order mark may begin any line, and an object may follow
    another in its line: files are joined as they are.
    """
    for position, line in read_lines(file, start, end):
        if isinstance(line, RecordError):
            yield position, line
            continue
        bare = line.removeprefix(BOM)
        if bare and not bare.isspace():
            if len(bare) <= SMALL_BYTES:
                try:
                    whole: object = orjson.loads(bare)
                except orjson.JSONDecodeError:
                    pass  # `_values` says why, or finds the objects in it
                else:
                    yield position, _exact(whole, bare)
                    continue
            for at, value in _values(bare, keys):
                yield position + (at and at + len(line) - len(bare)), value


def _exact(value: object, line: bytes) -> object:
    """Returns a parsed line with its whole numbers of more than 64 bits, which come as floats."""
    if not isinstance(value, dict):
        return value
    rounded = [key for key, one in value.items() if type(one) is not str and _is_rounded(one)]
    if not rounded:
        return value
    try:
        exact, _ = scan_object(line, rounded)
    except RecordError:  # of more members than it steps over
        return value
    return value | {key: one for key, one in exact.items() if not isinstance(one, RecordError)}


def _is_rounded(value: object) -> bool:
    """Tells whether a value is, or holds, a float that no integer of 64 bits reaches."""
    open_: list[object] = [value]
    while open_:
        inner = open_.pop()
        if type(inner) is float and not -_ROUNDED < inner < _ROUNDED:
            return True
        if type(inner) is dict:
            open_ += inner.values()
        elif type(inner) is list:
            open_ += inner
    return False


def _values(line: bytes, keys: Collection[str] | None) -> Iterator[Row]:
    """Yields the value of a line; each of its objects where files were joined in its middle."""
    problem: RecordError | None = None
    if len(line) <= SMALL_BYTES:
        try:
            value: object = orjson.loads(line)
        except orjson.JSONDecodeError as error:
            problem = RecordError(f"invalid JSON: {error}")
        else:
            yield 0, value
            return
    at = 0
    while at < len(line):
        try:
            value, end = scan_object(line, keys, at)
        except RecordError as error:
            yield at, (not at and problem) or error
            return
        yield at, value
        at = end
