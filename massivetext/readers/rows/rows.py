"""Rows of JSON lines and Parquet files as documents: which key holds what, and what is broken."""

import math
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Final, NamedTuple

import orjson

from massivetext.document import Document, Dropped, Origin, Record, Signals
from massivetext.errors import RecordError
from massivetext.limits import MAX_DOCUMENT_BYTES
from massivetext.reasons import Reason
from massivetext.text.newlines import unix_newlines
from massivetext.text.surrogates import LONE_SURROGATE


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
    source_id: tuple[str, ...] = ("id",)  # carried along
    keep: tuple[str, ...] = ()  # carried along as JSON
    required: tuple[str, ...] = ()  # keys that a row must have, besides the text
    whole: bool = False  # carried along as JSON with all its keys, instead of `keep`

    def columns(self) -> list[str]:
        """Returns all keys that are read."""
        named = (self.text, *self.url, *self.timestamp, self.title, self.id, self.source)
        every = (*named, *self.source_id, *self.keep, *self.required)
        return list(dict.fromkeys(key for key in every if key))

    def members(self) -> list[str]:
        """Returns the keys of a row below which all keys that are read stand.

        >>> Fields(url=("m.url",), timestamp=(), title="", source_id=()).members()
        ['text', 'm.url', 'm']
        """
        read = self.columns()
        heads = (key.partition(".")[0] for key in read)
        return list(dict.fromkeys((*read, *heads)))


_MISSING: Final = object()
_NO_SIGNALS: Final = Signals()
_GUESSED: Final = frozenset(("metadata.url", "metadata.date", "created", "added"))
_SHOWN_KEYS = 8  # of a row, in a message
_MAX_KEPT_DEPTH = 250  # of values, as orjson writes them
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
    if not (type(row) is dict or isinstance(row, Mapping)):  # the second takes longer
        raise RecordError("not an object with keys")
    for key in fields.required:
        if not optional_text(row, key):
            raise RecordError(_why_none(row, key))
    return Document(
        (fields.id and optional_text(row, fields.id)) or origin.document_id(position),
        (fields.source and optional_text(row, fields.source)) or origin.source,
        required_text(row, fields.text),
        _first(row, fields.url) if fields.url else "",
        _first(row, fields.timestamp) if fields.timestamp else "",
        optional_text(row, fields.title) if fields.title else "",
        _NO_SIGNALS,
        _first(row, fields.source_id) if fields.source_id else "",
        _carried(row, fields),
    )


def _first(row: Mapping[str, object], keys: tuple[str, ...]) -> str:
    """Returns the first text under the keys; other values of guessed keys are none of ours."""
    for key in keys:
        value = row.get(key)
        if value is None and _first_key(key) not in row:
            continue
        if type(value) is str:
            found = clean_text(value)
        else:
            found = optional_text(row, key) if key not in _GUESSED else _guessed(row, key)
        if found:
            return found
    return ""


@cache
def _first_key(path: str) -> str:
    return path.partition(".")[0]


def _guessed(row: Mapping[str, object], key: str) -> str:
    plain = isinstance(find(row, key), str | bytes | int | date)
    return optional_text(row, key) if plain else ""


def _carried(row: Mapping[str, object], fields: Fields) -> str:
    if not fields.whole:
        return kept_keys(row, fields.keep) if fields.keep else ""
    for key, value in row.items():
        if isinstance(value, RecordError):
            raise RecordError(f"the row cannot be written whole, for its key {key!r}: {value}")
    plain = {key: _text_or_hex(value) for key, value in row.items()}
    return _json(plain)


def _text_or_hex(value: object) -> object:
    """Returns bytes as the text that they are, else in hexadecimal; other values as they are."""
    return (_text_of_bytes(value) or value.hex()) if isinstance(value, bytes) else value


def kept_keys(row: Mapping[str, object], keep: tuple[str, ...]) -> str:
    """Returns the kept keys that the row has, as a JSON object; "" if it has none.

    Raises:
      RecordError: if a value is nested too deeply to be written.
    """
    found = {key: find(row, key) for key in keep}
    found = {key: value for key, value in found.items() if value is not _MISSING}
    return _json(found) if found else ""


def _json(found: Mapping[str, object]) -> str:
    try:
        return orjson.dumps(found, _plain).decode()
    except orjson.JSONEncodeError:  # perhaps for half a surrogate pair, or a number of 20 digits
        return _lenient_json(found)


def _lenient_json(found: Mapping[str, object]) -> str:
    try:
        written = orjson.dumps(_writable(found, 0), _plain)
    except orjson.JSONEncodeError as error:
        raise RecordError(f"keys to keep cannot be written as JSON: {error}") from error
    return written.decode()


def _writable(value: object, depth: int) -> object:
    """Returns a value with what JSON's writer refuses in a form that it takes."""
    if depth > _MAX_KEPT_DEPTH:
        raise RecordError("keys to keep cannot be written as JSON: nested too deeply")
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, int) and not -(1 << 63) <= value < 1 << 64:
        return _digits(value)
    if isinstance(value, Mapping):
        return {clean_text(str(k)): _writable(v, depth + 1) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_writable(item, depth + 1) for item in value]
    return value


def _plain(value: object) -> str | None:
    """Returns as text what JSON has no form for, such as a decimal; bytes as hexadecimal."""
    if isinstance(value, RecordError):  # in the place of a value that cannot be read
        return None
    return value.hex() if isinstance(value, bytes) else str(value)


def find(row: Mapping[str, object], key: str) -> object:
    """Returns the value under a key, or under a path of keys with dots; a mark of its own for none.

    >>> find({"metadata": {"url": "u"}}, "metadata.url"), find({"a.b": 1}, "a.b")
    ('u', 1)
    """
    if key in row:
        return row[key]
    if "." not in key:
        return _MISSING
    head, _, rest = key.partition(".")
    inner = row.get(head)
    if isinstance(inner, RecordError):  # in the place of a table that cannot be read
        return inner
    return find(inner, rest) if isinstance(inner, Mapping) else _MISSING


def _why_none(row: Mapping[str, object], key: str) -> str:
    """Returns why nothing stands under a key that a row must have."""
    value = find(row, key)
    if value is _MISSING:
        return f"no key {key!r}; {_keys_of(row)}"
    kinds = {dict: "an object", list: "a list", bool: "no text", float: "no number"}
    kind = "nothing" if value is None or value == "" else kinds.get(type(value), "no text")
    return f"key {key!r} holds {kind}, where every row must have a text or number"


def _keys_of(row: Mapping[str, object]) -> str:
    shown = [str(key)[:40] for key in list(row)[:_SHOWN_KEYS]]
    more = ", …" if len(row) > _SHOWN_KEYS else ""
    return f"the row has {', '.join(shown)}{more}" if shown else "the row is empty"


def required_text(row: Mapping[str, object], key: str) -> str:
    """Returns the text under `key` as `clean_text` leaves it; "" for null, which is no error.

    Raises:
      RecordError: if the key is missing, or its value is no text or bytes that are no UTF-8.
    """
    value = row.get(key)
    if type(value) is str:
        return clean_text(value)
    value = find(row, key)
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, bytes):
        return clean_text(_decoded(value, key))
    if isinstance(value, RecordError):
        raise value
    if value is _MISSING:
        raise RecordError(f"no key {key!r}; {_keys_of(row)}")
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
    if type(value) is str:
        return clean_text(value)
    if value is None:
        if not key or _first_key(key) not in row:
            return ""
        value = find(row, key)
        if type(value) is str:
            return clean_text(value)
    return "" if value is None or value is _MISSING else _as_text(value)


def _as_text(value: object) -> str:
    """Returns what is no text as text, "" where nothing says how."""
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if value is None or isinstance(value, bool):
        return ""
    if isinstance(value, str):
        return clean_text(value)
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
    if not value.isascii():
        return _clean_unicode(value)
    if "\r" in value:
        value = unix_newlines(value)
    return value.replace("\0", "") if "\0" in value else value


def _clean_unicode(value: str) -> str:
    try:
        data = value.encode()  # whose searches are several times as fast as the text's
    except UnicodeEncodeError:
        value = LONE_SURROGATE.sub("\ufffd", value)
        data = value.encode()
    if b"\r" in data:
        value = unix_newlines(value)
    return value.replace("\0", "") if b"\0" in data else value
