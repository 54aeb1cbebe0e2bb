"""Rows of JSON lines and Parquet files as documents: which key holds what, and what is broken."""

import math
import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from massivetext.document import Document, Dropped, Origin, Record
from massivetext.errors import RecordError
from massivetext.limits import MAX_DOCUMENT_BYTES
from massivetext.reasons import Reason
from massivetext.text.newlines import unix_newlines

_LONE_SURROGATE = re.compile("[\ud800-\udfff]")  # UTF-8 cannot hold them


class Fields(NamedTuple):
    """The keys of a row: "" where there is none. A row without an optional key is fine."""

    text: str = "text"
    url: str = "url"
    timestamp: tuple[str, ...] = ("timestamp", "date")  # the first that the row has; news: date
    title: str = "title"
    id: str = ""  # of the row itself; "" makes ids from the position, as the pipelines need them
    source: str = ""  # key that may name another source than the file's

    def columns(self) -> list[str]:
        """Returns all keys that are read."""
        named = (self.text, self.url, *self.timestamp, self.title, self.id, self.source)
        return [key for key in named if key]


PLAIN = Fields()
COMMAND = Fields(id="id", source="source")  # what the single-file commands read


def row_record(row: object, origin: Origin, position: int, fields: Fields) -> Record:
    """Returns the document of one row; `Broken` without text, `Dropped` if it is blank or huge.

    >>> row_record({"text": "a"}, Origin("c4", "x.json"), 0, Fields()).text
    'a'
    """
    try:
        document = _document(row, origin, position, fields)
    except RecordError as error:
        return origin.broken(position, str(error))
    return judge_text(document)


def judge_text(document: Document) -> Document | Dropped:
    """Returns the document, dropped if it has no text or more than `MAX_DOCUMENT_BYTES`."""
    text = document.text
    if not text or text.isspace():
        return Dropped(document, (Reason.EMPTY,))
    if len(text) * 4 > MAX_DOCUMENT_BYTES and len(text.encode()) > MAX_DOCUMENT_BYTES:
        return Dropped(document._replace(text=""), (Reason.TOO_LARGE,))
    return document


def _document(row: object, origin: Origin, position: int, fields: Fields) -> Document:
    if not isinstance(row, Mapping):
        raise RecordError("not an object with keys")
    return Document(
        optional_text(row, fields.id) or origin.document_id(position),
        optional_text(row, fields.source) or origin.source,
        required_text(row, fields.text),
        optional_text(row, fields.url),
        next(filter(None, (optional_text(row, key) for key in fields.timestamp)), ""),
        optional_text(row, fields.title),
    )


def required_text(row: Mapping[str, object], key: str) -> str:
    """Returns the text under `key` as `clean_text` leaves it; "" for null, which is no error.

    Raises:
        RecordError: if the key is missing, or its value is no text or bytes that are no UTF-8.
    """
    value = row.get(key)
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, bytes):
        return clean_text(_decoded(value, key))
    if isinstance(value, RecordError):
        raise value
    if key not in row:
        raise RecordError(f"no key {key!r}")
    if value is None or (isinstance(value, float) and math.isnan(value)):  # tables' null
        return ""
    raise RecordError(f"key {key!r} holds no text but {type(value).__name__}")


def _decoded(value: bytes, key: str) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError as error:
        raise RecordError(f"invalid UTF-8 in key {key!r}: {error}") from error


def optional_text(row: Mapping[str, object], key: str) -> str:
    """Returns what stands under an optional key as text, "" for none; it never costs the record.

    Numbers are written as such, dates by ISO 8601, a list of one value as that value; what is
    neither (objects, longer lists, bytes that are no UTF-8, NaN) is as good as absent.
    """
    value = row.get(key) if key else None
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if isinstance(value, str):
        return clean_text(value)
    if value is None or isinstance(value, bool):
        return ""
    if isinstance(value, bytes):
        return _text_of_bytes(value)
    if isinstance(value, float):
        return _number_text(value)
    if isinstance(value, int | Decimal):
        return _digits(value)
    return value.isoformat() if isinstance(value, date) else ""  # of dates, with a time or not


def _text_of_bytes(value: bytes) -> str:
    try:
        return clean_text(value.decode())
    except UnicodeDecodeError:
        return ""


def _number_text(value: float) -> str:
    """Returns a number as a person writes it: whole ones, which passed through floats, as whole."""
    if not math.isfinite(value):
        return ""
    return str(int(value)) if value.is_integer() and abs(value) < 1e18 else repr(value)


def _digits(value: int | Decimal) -> str:
    try:
        return str(value)
    except ValueError:  # of more digits than Python converts
        return ""


def clean_text(value: str) -> str:
    r"""Returns text as documents hold it: lines end with "\n", and nothing UTF-8 cannot hold.

    NUL characters go; U+FFFD stands for halves of surrogate pairs.

    >>> clean_text("half \ud83d\r\nof it\0") == "half \ufffd\nof it"
    True
    """
    if not value.isascii() and not _is_unicode(value):
        value = _LONE_SURROGATE.sub("\ufffd", value)
    if "\r" in value:
        value = unix_newlines(value)
    return value.replace("\0", "") if "\0" in value else value


def _is_unicode(value: str) -> bool:
    try:
        value.encode()  # ten times as fast as a search
    except UnicodeEncodeError:
        return False
    return True
