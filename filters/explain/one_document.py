"""The one document that ``massivetext explain`` is asked about, out of whatever holds it."""

import io
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from massivetext.cli.files import read_inputs
from massivetext.document import Broken, Document, Dropped, Origin, Record
from massivetext.errors import ConfigError, RecordError
from massivetext.limits import MAX_DOCUMENT_BYTES
from massivetext.readers.formats import NAMES
from massivetext.readers.rows.jsonl import read_jsonl
from massivetext.readers.rows.rows import COMMAND, Fields, row_record
from massivetext.readers.warc.http import read_page, response_of
from massivetext.reasons import Reason

_JSON = re.compile(rb"(?:\xef\xbb\xbf)?\s*+\{\s*+\"")
_HTML = re.compile(rb"(?:\xef\xbb\xbf)?\s*+<(?:!doctype\s+html|\?xml|html|head|body)\b", re.I)
_HTML_NAME: Final = re.compile(r"\.x?html?$", re.I)


def read_document(
    path: str, source: str, url: str = "", id: str = "", fields: Fields = COMMAND
) -> Document | Dropped:
    """Returns the one document of a file, or the one with this id, as `filter` reads it.

    Args:
      path: a file of any format that `filter` reads, an HTML page, a plain text, or ``-`` for
        standard input: JSON lines, an HTML page or a plain text, by how it begins.
      source: of a document that does not name its own.
      url: of a document that does not name its own.
      id: as `filter` prints it; "" where there is but one document.
      fields: the keys of rows.

    Raises:
      ConfigError: there is no document, none with that id, or several.
    """
    name = "standard input" if path == "-" else path
    file = Path(path)
    if path != "-" and (_known(path) or file.is_dir() or not file.exists()):
        records = read_inputs([path], source, fields)
    else:
        records = _sniffed(_bytes(path), Origin(source, Path(name).name), name, fields)
    found = _only(records, name, id)
    document = found.document if isinstance(found, Dropped) else found
    document = document._replace(url=document.url or url)
    return found._replace(document=document) if isinstance(found, Dropped) else document


def _known(path: str) -> bool:
    return any(pattern.search(path) for pattern, _ in NAMES)


def _bytes(path: str) -> bytes:
    if path == "-":
        return sys.stdin.buffer.read(MAX_DOCUMENT_BYTES + 1)
    with Path(path).open("rb") as file:
        return file.read(MAX_DOCUMENT_BYTES + 1)


def _sniffed(data: bytes, origin: Origin, name: str, fields: Fields) -> Iterator[Record]:
    document = Document(origin.document_id(0), origin.source, "")
    if len(data) > MAX_DOCUMENT_BYTES and _JSON.match(data):
        yield origin.broken(0, f"more than {MAX_DOCUMENT_BYTES:,} bytes; give it one line")
    elif len(data) > MAX_DOCUMENT_BYTES:
        yield Dropped(document, (Reason.TOO_LARGE,))
    elif _HTML_NAME.search(name) or _HTML.match(data):
        yield _page(document, data, origin)
    elif _JSON.match(data):
        yield from read_jsonl(io.BytesIO(data), origin, fields=fields)
    else:
        try:
            yield row_record({"text": data.decode("utf-8-sig")}, origin, 0, COMMAND)
        except UnicodeDecodeError as error:
            yield origin.broken(error.start, "no UTF-8 text; convert it, as with iconv")


def _page(document: Document, data: bytes, origin: Origin) -> Record:
    try:
        return read_page(document, response_of(200, {"content-type": "text/html"}, data))
    except RecordError as error:
        return origin.broken(0, str(error))


def _only(records: Iterator[Record], name: str, id: str) -> Document | Dropped:
    """Returns the document with an id, or the only one; what readers drop if there is nothing else.

    Raises:
      ConfigError: there is none, or there are several.
    """
    found: Document | None = None
    other: Dropped | Broken | None = None
    for record in records:
        if isinstance(record, Broken):
            other = other or record
        elif id:
            document = record.document if isinstance(record, Dropped) else record
            if document.id == id:
                return record
        elif isinstance(record, Dropped):
            other = record if other is None or isinstance(other, Broken) else other
        elif found is not None:
            raise ConfigError(
                f"{name} holds several documents; name one with --id, as `massivetext filter`"
                " prints them"
            )
        else:
            found = record
    if id:
        raise ConfigError(f"{name} holds no document with the id {id}")
    return found or _without_document(other, name)


def _without_document(other: Dropped | Broken | None, name: str) -> Dropped:
    if isinstance(other, Dropped):
        return other
    why = f"at {other.position}: {other.message}" if other else "holds no document"
    raise ConfigError(f"{name} {why}")
