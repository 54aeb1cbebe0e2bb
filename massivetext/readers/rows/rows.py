"""Rows of JSON lines and Parquet files as documents: which key holds what, and what is broken."""

from collections.abc import Mapping
from typing import NamedTuple

from massivetext.document import Document, Dropped, Origin, Record
from massivetext.errors import RecordError
from massivetext.limits import MAX_DOCUMENT_BYTES
from massivetext.reasons import Reason


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
    """Returns the text under `key`, without NUL characters.

    Raises:
        RecordError: if there is none, or it is no text.
    """
    value = row.get(key)
    if isinstance(value, str):
        return checked_text(value, key)
    if key not in row:
        raise RecordError(f"no key {key!r}")
    raise RecordError(f"key {key!r} holds no text but {type(value).__name__}")


def optional_text(row: Mapping[str, object], key: str) -> str:
    """Returns the text or whole number under an optional key, "" for none.

    Raises:
        RecordError: if it is something else.
    """
    value = row.get(key) if key else None
    if value is None:
        return ""
    if isinstance(value, str):
        return checked_text(value, key)
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    raise RecordError(f"key {key!r} holds no text but {type(value).__name__}")


def checked_text(value: str, key: str) -> str:
    """Returns `value` without NUL characters.

    Raises:
        RecordError: if it has a lone surrogate, which UTF-8 cannot hold.
    """
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError as error:
            raise RecordError(f"lone surrogate in key {key!r}") from error
    return value.replace("\0", "") if "\0" in value else value
