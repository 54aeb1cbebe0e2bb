"""HTTP responses as crawlers archived them: status, header fields, and the body as a page."""

import io
import re
import zlib
from typing import NamedTuple

import zstandard
from fastwarc.stream_io import BrotliReader

from massivetext.errors import RecordError
from massivetext.limits import MAX_HEADER_BYTES, MAX_HTML_BYTES, MAX_ZSTD_WINDOW
from massivetext.readers.warc.frames import parse_fields

_STATUS_LINE = re.compile(rb"\s{0,8}HTTP/\d(?:\.\d)?[ \t]+(\d{3})(?!\d)")
_HEAD_END = re.compile(rb"\n\r?\n")
_CHUNK_LINE = re.compile(rb"\s{0,8}([0-9A-Fa-f]{1,8})[ \t]*(?:;[^\n]{0,1000})?\r?\n")
_BOUND = MAX_HTML_BYTES + 1  # one byte more shows that there is more
_MAX_CODINGS = 3  # of one body, as in browsers no more than one is met


class Response(NamedTuple):
    """One HTTP response; the names of `fields` are in lower case."""

    status: int
    fields: dict[str, str]
    body: bytes


def parse_response(block: bytes) -> Response:
    r"""Returns the parts of an archived response, its body as transferred.

    >>> parse_response(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<p>Hi")
    Response(status=200, fields={'content-type': 'text/html'}, body=b'<p>Hi')

    Raises:
      RecordError: the block does not begin with an HTTP status line.
    """
    status = _STATUS_LINE.match(block)
    if status is None:
        raise RecordError(f"no HTTP status line but {block[:40]!r}")
    found = _HEAD_END.search(block, 0, status.end() + MAX_HEADER_BYTES)
    end = found.start() if found else min(len(block), status.end() + MAX_HEADER_BYTES)
    fields = parse_fields(block[status.start() : end].replace(b"\r", b""))
    return Response(int(status[1]), fields, block[found.end() :] if found else b"")


def decode_body(response: Response) -> bytes:
    """Returns the body without its transfer and content codings, at most `MAX_HTML_BYTES` + 1.

    Crawlers often store the decoded body beside the fields of the coded one, so what is plainly
    not coded is taken as it is.

    Raises:
      RecordError: a coding is unknown or its data is broken from the first byte.
    """
    body = response.body
    if "chunked" in response.fields.get("transfer-encoding", "").lower():
        body = _join_chunks(body)
    codings = response.fields.get("content-encoding", "").lower().split(",")
    for coding in reversed(codings[:_MAX_CODINGS]):
        body = _decode(body, coding.strip())
    return body


def _join_chunks(body: bytes) -> bytes:
    """Returns a chunked body joined, as far as its chunks can be followed."""
    parts, at = [], 0
    while found := _CHUNK_LINE.match(body, at):
        size = int(found[1], 16)
        if size == 0:
            break
        at = found.end() + size
        parts.append(body[found.end() : at])
    return b"".join(parts) or body


def _decode(body: bytes, coding: str) -> bytes:
    if coding in ("", "identity", "none") or body.lstrip()[:1] in (b"<", b""):
        return body
    try:
        if coding in ("gzip", "x-gzip"):
            return _inflate(body, 31) if body.startswith(b"\x1f\x8b") else body
        if coding == "deflate":
            return _inflate(body, 15 if body[0] & 15 == 8 else -15)
        if coding == "br":
            return bytes(BrotliReader(io.BytesIO(body)).read(_BOUND))
        if coding == "zstd":
            expander = zstandard.ZstdDecompressor(max_window_size=MAX_ZSTD_WINDOW)
            return expander.stream_reader(body).read(_BOUND)
    except (zlib.error, zstandard.ZstdError, OSError) as error:
        raise RecordError(f"Content-Encoding {coding}: {error}") from error
    raise RecordError(f"Content-Encoding {coding[:30]!r} is unknown")


def _inflate(body: bytes, wbits: int) -> bytes:
    """Returns what a body cut short by the crawler gives, too, as browsers show it."""
    return zlib.decompressobj(wbits=wbits).decompress(body, _BOUND)
