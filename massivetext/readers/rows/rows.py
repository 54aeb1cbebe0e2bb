"""Rows of JSON lines and Parquet files as documents: which key holds what, and what is broken."""

import datetime
from collections.abc import Mapping
from typing import Final, NamedTuple

import orjson

from massivetext.document import Document, Dropped, Origin, Record
from massivetext.errors import RecordError
from massivetext.limits import MAX_DOCUMENT_BYTES
from massivetext.reasons import Reason


class Fields(NamedTuple):
    """The keys of a row: "" where there is none. A row without an optional key is fine.

    A key with dots that the row does not have as it stands leads into tables: `metadata.url`.
    The defaults read the rows of Hugging Face's sets, datatrove and Dolma as they are.
    """

    text: str = "text"
    url: tuple[str, ...] = ("url", "metadata.url")  # the first that the row has
    timestamp: tuple[str, ...] = ("timestamp", "date", "metadata.date", "created", "added")
    title: str = "title"
    id: str = ""  # of the row itself; "" makes ids from the position, as the pipelines need them
    source: str = ""  # key that may name another source than the file's
    source_id: tuple[str, ...] = ("id",)  # carried along, where it is a text or a whole number
    keep: tuple[str, ...] = ()  # carried along as JSON
    required: tuple[str, ...] = ()  # keys that a row must have, beside the text

    def columns(self) -> list[str]:
        """Returns all keys that are read."""
        named = (self.text, *self.url, *self.timestamp, self.title, self.id, self.source)
        every = (*named, *self.source_id, *self.keep)
        return list(dict.fromkeys(key for key in every if key))


_MISSING: Final = object()
_GUESSED: Final = frozenset(("metadata.url", "metadata.date", "created", "added"))
_SHOWN_KEYS = 8  # of a row, in a message
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
    for key in fields.required:
        if not optional_text(row, key):
            raise RecordError(f"no key {key!r}; {_keys_of(row)}")
    return Document(
        optional_text(row, fields.id) or origin.document_id(position),
        optional_text(row, fields.source) or origin.source,
        required_text(row, fields.text),
        _first(row, fields.url),
        _first(row, fields.timestamp),
        optional_text(row, fields.title),
        source_id=next(filter(None, (_scalar(find(row, key)) for key in fields.source_id)), ""),
        extra=_extra(row, fields.keep),
    )


def _first(row: Mapping[str, object], keys: tuple[str, ...]) -> str:
    """Returns the first text under the keys; other values of guessed keys are none of ours."""
    for key in keys:
        found = optional_text(row, key) if key not in _GUESSED else _guessed(row, key)
        if found:
            return found
    return ""


def _guessed(row: Mapping[str, object], key: str) -> str:
    value = find(row, key)
    return optional_text(row, key) if isinstance(value, str | datetime.date) else _scalar(value)


def _scalar(value: object) -> str:
    """Returns an id as text; "" for what is none, which breaks no row that says it otherwise."""
    if isinstance(value, str):
        return checked_text(value, "id")
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else ""


def _extra(row: Mapping[str, object], keep: tuple[str, ...]) -> str:
    """Returns the kept keys that the row has, as a JSON object; "" if it has none.

    Raises:
        RecordError: if a value is nested too deeply to be written.
    """
    found = {key: find(row, key) for key in keep}
    found = {key: value for key, value in found.items() if value is not _MISSING}
    if not found:
        return ""
    try:
        return orjson.dumps(found, _plain).decode()
    except orjson.JSONEncodeError as error:
        raise RecordError(f"keys to keep cannot be written as JSON: {error}") from error


def _plain(value: object) -> str:
    """Returns as text what JSON has no form for, such as a decimal; bytes as hexadecimal."""
    return value.hex() if isinstance(value, bytes) else str(value)


def find(row: Mapping[str, object], key: str) -> object:
    """Returns the value under a key, or under a path of keys with dots; a mark of its own for none.

    >>> find({"metadata": {"url": "u"}}, "metadata.url"), find({"a.b": 1}, "a.b")
    ('u', 1)
    """
    if key in row:
        return row[key]
    head, dot, rest = key.partition(".")
    inner = row.get(head) if dot else None
    return find(inner, rest) if isinstance(inner, Mapping) else _MISSING


def _keys_of(row: Mapping[str, object]) -> str:
    shown = [str(key)[:40] for key in list(row)[:_SHOWN_KEYS]]
    more = ", …" if len(row) > _SHOWN_KEYS else ""
    return f"the row has {', '.join(shown)}{more}" if shown else "the row is empty"


def required_text(row: Mapping[str, object], key: str) -> str:
    """Returns the text under `key`, without NUL characters.

    Raises:
        RecordError: if there is none, or it is no text.
    """
    value = find(row, key)
    if isinstance(value, str):
        return checked_text(value, key)
    if value is _MISSING:
        raise RecordError(f"no key {key!r}; {_keys_of(row)}")
    raise RecordError(f"key {key!r} holds no text but {type(value).__name__}")


def optional_text(row: Mapping[str, object], key: str) -> str:
    """Returns the text, whole number or time under an optional key, "" for none.

    Raises:
        RecordError: if it is something else.
    """
    value = find(row, key) if key else None
    if value is None or value is _MISSING:
        return ""
    if isinstance(value, str):
        return checked_text(value, key)
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if isinstance(value, datetime.date):  # of a Parquet column; a time is a date too
        return value.isoformat()
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
