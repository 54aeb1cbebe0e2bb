"""WARC and WET archives: every record is a page as text, or left out for a reason, or broken."""

from collections.abc import Iterator
from functools import partial
from itertools import count
from typing import BinaryIO

from massivetext.document import Document, Dropped, Origin, Record
from massivetext.errors import RecordError
from massivetext.limits import MAX_ERROR_CHARACTERS
from massivetext.readers.rows.rows import clean_text
from massivetext.readers.warc.frames import Frame, read_frames
from massivetext.readers.warc.http import is_response, parse_response, read_page, response_of
from massivetext.reasons import Reason


def read_warc(
    file: BinaryIO, origin: Origin, start: int = 0, end: int | None = None
) -> Iterator[Record]:
    """Returns every record of a WARC or WET file in order: a record's position is its number.

    Pages (responses with status 200 and HTML) are `Document`s with their main text, conversions
    (WET) with the text they hold; other records are `Dropped`, unreadable ones `Broken`. The file
    may be plain or gzip, by record or whole, of any WARC version. It cannot be divided: the slice
    from 0 holds all its records, others (`start` > 0) none.
    """
    frames = () if start else read_frames(file)
    return map(partial(_read_frame, origin), count(), frames)


def _read_frame(origin: Origin, number: int, frame: Frame) -> Record:
    try:
        return _read_record(frame, origin, number)
    except RecordError as error:
        message = f"record {number}, at byte {frame.offset}: {error}"
        return origin.broken(number, message[:MAX_ERROR_CHARACTERS])


def _read_record(frame: Frame, origin: Origin, number: int) -> Record:
    if frame.problem:
        raise RecordError(frame.problem)
    fields = frame.fields
    url = fields.get("warc-target-uri", "").removeprefix("<").removesuffix(">")
    date = fields.get("warc-date", "")
    document = Document(origin.document_id(number), origin.source, "", url, date)
    kind = fields.get("warc-type", "").lower()
    if kind in ("", "response"):  # the block, not the fields, says whether it is one of HTTP
        is_http = is_response(frame.block) or _names_http(fields)
        kind = "response" if is_http else ""
    if kind not in ("response", "conversion", "resource"):
        return Dropped(document, (Reason.RECORD_TYPE,))
    if frame.oversized:
        return Dropped(document, (Reason.TOO_LARGE,))
    if kind == "conversion":
        return _read_conversion(document, frame.block)
    if kind == "response":
        return read_page(document, parse_response(frame.block))
    return read_page(document, response_of(200, fields, frame.block))


def _names_http(fields: dict[str, str]) -> bool:
    return fields.get("content-type", "").lower().startswith("application/http")


def _read_conversion(document: Document, block: bytes) -> Record:
    try:
        text = clean_text(block.decode()).strip()
    except UnicodeDecodeError as error:
        raise RecordError(f"text is not UTF-8: {error}") from error
    if not text:
        return Dropped(document, (Reason.EMPTY,))
    return document._replace(text=text)
