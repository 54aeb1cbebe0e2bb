"""Source files of the BigQuery `github_repos` export: JSON lines and Parquet."""

import math
import re
from collections.abc import Iterator, Mapping
from typing import BinaryIO

from massivetext.document import Broken, Document, Dropped, Origin, Record, Signals
from massivetext.errors import RecordError
from massivetext.limits import MAX_CODE_BYTES
from massivetext.paper import GITHUB_LICENCES
from massivetext.readers.code.generated import is_generated
from massivetext.readers.code.licences import licence_id
from massivetext.readers.rows.jsonl import Row, json_rows
from massivetext.readers.rows.parquet import parquet_rows
from massivetext.readers.rows.rows import Fields, find, optional_text, required_text, row_record
from massivetext.reasons import Reason

COLUMNS = (
    "repo_name", "ref", "path", "mode", "symlink_target", "size", "content", "binary", "license",
)  # fmt: skip
_LICENCE_KEYS = ("spdx_id", "key", "name")  # of an object
SYMLINK_MODE = 0o120000  # of git
_NUMBER = re.compile(r"[0-9]{1,19}(?:\.0*)?")  # also as tables of floats write it
BINARY_HEAD = 8_000  # git takes a file with a NUL byte in its first 8,000 bytes as binary


def read_github_jsonl(
    file: BinaryIO,
    origin: Origin,
    start: int = 0,
    end: int | None = None,
    fields: Fields | None = None,
) -> Iterator[Record]:
    """Returns the records of the lines in [start, end), as `read_jsonl` cuts them.

    Where keys are named, rows are `named_record`s.
    """
    keys = COLUMNS if fields is None else (*COLUMNS, *fields.members())
    return _records(json_rows(file, keys, start, end), origin, fields)


def read_github_parquet(
    file: BinaryIO,
    origin: Origin,
    start: int = 0,
    end: int | None = None,
    fields: Fields | None = None,
) -> Iterator[Record]:
    """Returns the records of the row groups in [start, end), as `read_parquet` cuts them.

    Where keys are named, rows are `named_record`s.
    """
    if fields is None:
        rows = parquet_rows(file, COLUMNS, ("content", "license"), start, end)
    else:
        names = list(dict.fromkeys((*COLUMNS, *fields.columns())))
        rows = parquet_rows(file, names, (fields.text,), start, end, fields.keep)
    return _records(rows, origin, fields)


def _records(rows: Iterator[Row], origin: Origin, fields: Fields | None) -> Iterator[Record]:
    for position, value in rows:
        if isinstance(value, RecordError):
            yield origin.broken(position, str(value))
            continue
        try:
            if fields is None:
                yield github_record(value, origin, position)
            else:
                yield named_record(value, origin, position, fields)
        except RecordError as error:
            yield origin.broken(position, str(error))


def named_record(row: object, origin: Origin, position: int, fields: Fields) -> Record:
    """Returns the document of a row whose keys a recipe names, judged as `github_record` does.

    Repository, path and licence are read as in the export. A row without a key for its licence is
    not judged by it: whoever names keys may have chosen the files already.

    Raises:
      RecordError: as `github_record`.
    """
    found = row_record(row, origin, position, fields)
    if isinstance(found, Broken) or not isinstance(row, Mapping):
        return found
    document = found.document if isinstance(found, Dropped) else found
    of_export = _document(row, document.id, document.source)
    signals, url = of_export.signals, document.url or of_export.url
    document = document._replace(signals=signals, url=url)
    if "license" not in row:
        signals = signals._replace(licence=GITHUB_LICENCES[0])
    content = required_text(row, fields.text)
    reason = _reason(row, signals, content, find(row, fields.text))
    return document if reason is None else _dropped(document, reason, content)


def github_record(row: object, origin: Origin, position: int) -> Document | Dropped:
    """Returns the document of one row of the export, dropped with the first reason that holds.

    In this order: a licence that the paper does not take; no text at all (binary files, whose
    content is null); more than `MAX_CODE_BYTES`; nothing but white space, or a symbolic link,
    whose content is a path; generated (see `generated`).

    Raises:
      RecordError: if the row is no object, or content, path or licence are no text.
    """
    if not isinstance(row, Mapping):
        raise RecordError("not an object with keys")
    if "content" not in row:
        raise RecordError("no key 'content'")
    document = _document(row, origin.document_id(position), origin.source)
    content = "" if row.get("content") is None else required_text(row, "content")
    reason = _reason(row, document.signals, content, row["content"])
    if reason is None:
        return document._replace(text=content)
    return _dropped(document, reason, content)


def _dropped(document: Document, reason: Reason, content: str) -> Dropped:
    kept = content if reason is not Reason.TOO_LARGE else ""
    return Dropped(document._replace(text=kept), (reason,))


def _document(row: Mapping[str, object], document_id: str, source: str) -> Document:
    path, repository = optional_text(row, "path"), optional_text(row, "repo_name")
    revision = optional_text(row, "ref").removeprefix("refs/heads/").removeprefix("refs/tags/")
    url = f"https://github.com/{repository}/blob/{revision}/{path}" if repository else ""
    licence = licence_id(_licence(row))
    signals = Signals(licence=licence, repository=repository, path=path)
    return Document(document_id, source, "", url, signals=signals)


def _licence(row: Mapping[str, object]) -> str | list[str]:
    """Returns the licence or licences of a row.

    Raises:
      RecordError: if it is something else.
    """
    value = row.get("license")
    names = [value.get(key) for key in _LICENCE_KEYS] if isinstance(value, Mapping) else []
    for name in names:  # as GitHub's own interface has it
        if isinstance(name, str):
            return name
    if isinstance(value, list) and all(isinstance(name, str) for name in value):
        return value
    return "" if value is None else required_text(row, "license")


def _reason(
    row: Mapping[str, object], signals: Signals, content: str, value: object
) -> Reason | None:
    if signals.licence not in GITHUB_LICENCES:
        return Reason.LICENCE
    if value is None or _is_true(row, "binary") or _has_nul(value):
        return Reason.BINARY
    if max(_number(row, "size"), len(content.encode())) > MAX_CODE_BYTES:
        return Reason.TOO_LARGE
    if not content or content.isspace() or _is_link(row):
        return Reason.EMPTY
    return Reason.GENERATED if is_generated(signals.path, content) else None


def _has_nul(content: object) -> bool:
    return isinstance(content, str) and "\0" in content[:BINARY_HEAD]


def _is_link(row: Mapping[str, object]) -> bool:
    return bool(optional_text(row, "symlink_target")) or _number(row, "mode") == SYMLINK_MODE


def _is_true(row: Mapping[str, object], key: str) -> bool:
    return row.get(key) in (True, "true")


def _number(row: Mapping[str, object], key: str) -> int:
    """Returns a whole number, which BigQuery's JSON holds as text; 0 for none.

    Raises:
      RecordError: if it is something else.
    """
    value = row.get(key)
    if value is None:
        return 0
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        value = float(value) if "." in value else int(value)
    if isinstance(value, float) and not math.isfinite(value):
        return 0  # a table's null
    if isinstance(value, int) or (isinstance(value, float) and value.is_integer()):
        return int(value)
    raise RecordError(f"key {key!r} holds no whole number")
