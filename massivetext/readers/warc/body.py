"""Bodies of HTTP responses without their transfer and content codings, named rightly or not.

Crawlers store decoded bodies beside the fields of the coded ones, servers name codings that they
do not use. So the bytes decide: what begins like a page is one, what begins with a coding's mark
is in that coding, and only what has no mark is believed its field.
"""

import io
import re
import zlib
from collections.abc import Mapping

import zstandard
from fastwarc.stream_io import BrotliReader

from massivetext.errors import RecordError
from massivetext.limits import MAX_HTML_BYTES, MAX_ZSTD_WINDOW

_CHUNK_LINE = re.compile(rb"\s{0,8}([0-9A-Fa-f]{1,8})[ \t]*(?:;[^\n]{0,1000})?\r?\n")
_BOUND = MAX_HTML_BYTES + 1  # one byte more shows that there is more
_MAX_CODINGS = 3  # of one body, as in browsers no more than one is met
_MAX_MEMBERS = 10_000  # of one gzip body
_STEP = 1 << 16
_BEGINS_PAGE = re.compile(rb"(?:\xef\xbb\xbf)?+\s*+(?:<|\Z)")
_BINARY = re.compile(rb"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f]")  # MIME sniffing: binary data bytes
_SNIFF_BYTES = 512
_TEXT_BYTES = 1 << 12
_GZIP, _ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
_DAMAGE = (zlib.error, zstandard.ZstdError, OSError)


def decode_body(body: bytes, fields: Mapping[str, str]) -> bytes:
    """Returns a body without its transfer and content codings, at most `MAX_HTML_BYTES` + 1.

    `fields` are the response's, with names in lower case.

    Raises:
      RecordError: a coding is unknown or its data is broken from the first byte.
    """
    if "chunked" in fields.get("transfer-encoding", "").lower() or _is_chunked(body):
        body = _join_chunks(body)
    named = fields.get("content-encoding", "").lower().split(",")[:_MAX_CODINGS]
    for coding in reversed([name.strip(" \t\"'") for name in named]):
        body = _decode(body, coding)
    return _decode(body, "")


def _is_chunked(body: bytes) -> bool:
    """Returns whether a body without a field that says so begins with two chunks."""
    first = _CHUNK_LINE.match(body)
    if first is None or not int(first[1], 16):
        return False
    second = _CHUNK_LINE.match(body, first.end() + int(first[1], 16))
    return second is not None and second[0][:1] in b"\r\n"


def _join_chunks(body: bytes) -> bytes:
    """Returns a chunked body joined, as far as its chunks can be followed."""
    joined, at = bytearray(), 0
    while found := _CHUNK_LINE.match(body, at):
        size = int(found[1], 16)
        if size == 0:
            break
        at = found.end() + size
        joined += body[found.end() : at]
    return bytes(joined) or body


def _decode(body: bytes, coding: str) -> bytes:
    coding = _marked(body) or coding.removeprefix("x-")
    if coding in ("", "identity", "none") or _BEGINS_PAGE.match(body):
        return body
    try:
        return _expand(body, coding)
    except _DAMAGE as error:
        if _is_markup(body):
            return body  # decoded by the crawler, or never coded
        raise RecordError(f"Content-Encoding {coding[:30]}: {error}") from error


def _is_markup(body: bytes) -> bool:
    """Returns whether a body is text with tags in it, whatever its first words."""
    return b"<" in body[:_TEXT_BYTES] and not _BINARY.search(body, 0, _SNIFF_BYTES)


def _marked(body: bytes) -> str:
    """Returns the coding whose mark a body begins with."""
    if body.startswith(_GZIP):
        return "gzip"
    return "zstd" if body.startswith(_ZSTD) else ""


def _expand(body: bytes, coding: str) -> bytes:
    """Returns the bytes of a body in a coding; raises one of `_DAMAGE` if it is not in it."""
    if _marked(body) == "gzip":
        return _members(body)
    if coding in ("deflate", "gzip"):  # of gzip without its mark: many servers mix the two up
        is_zlib = body[0] & 15 == 8 and int.from_bytes(body[:2], "big") % 31 == 0
        return zlib.decompressobj(wbits=15 if is_zlib else -15).decompress(body, _BOUND)
    if coding == "br":
        return bytes(BrotliReader(io.BytesIO(body)).read(_BOUND))
    if coding == "zstd":
        expander = zstandard.ZstdDecompressor(max_window_size=MAX_ZSTD_WINDOW)
        return expander.stream_reader(body, read_across_frames=True).read(_BOUND)
    raise OSError("this coding is unknown")


def _members(body: bytes) -> bytes:
    """Returns what all gzip members give; one cut short by the crawler, too, as browsers show it.

    What follows them and is no member is left out.

    Raises:
      zlib.error: the first member is broken from its first byte.
    """
    expanded, at, members = bytearray(), 0, 0
    while body.startswith(_GZIP, at) and len(expanded) < _BOUND and members < _MAX_MEMBERS:
        members += 1
        inflate = zlib.decompressobj(wbits=31)
        try:
            while not inflate.eof and at < len(body) and len(expanded) < _BOUND:
                data = body[at : at + _STEP]
                expanded += inflate.decompress(data, _BOUND - len(expanded))
                at += len(data) - len(inflate.unused_data) - len(inflate.unconsumed_tail)
        except zlib.error:
            if not expanded:
                raise
            break
    return bytes(expanded)
