"""HTTP responses as crawlers archived them: status, header fields, and the page in the body, read.

Crawlers store decoded bodies beside the fields of the coded ones, and servers name types and
codings that they do not use. So the bytes decide: what begins like a page is one, what begins with
a coding's mark is in that coding, and only what has no mark is believed its field.
"""

import io
import re
import zlib
from collections.abc import Collection, Mapping
from typing import Final, NamedTuple

import zstandard
from fastwarc.stream_io import BrotliReader

from massivetext.document import Document, Dropped, Record, Signals
from massivetext.errors import RecordError
from massivetext.limits import MAX_FIELD_BYTES, MAX_HEADER_BYTES, MAX_HTML_BYTES, MAX_ZSTD_WINDOW
from massivetext.readers.bytes.charset import decode_page
from massivetext.readers.html.extract import text_of
from massivetext.readers.html.guard import parse_html
from massivetext.readers.html.opt_outs import NOTHING
from massivetext.readers.html.signals import read_signals
from massivetext.reasons import Reason

_STATUS_LINE = re.compile(
    rb"\s{0,8}(?:(?:HTTP(?:/\d{1,2}(?:\.\d{1,2})?)?|ICY|H[23])[ \t]+|:status:[ \t]*)(\d{3})(?!\d)",
    re.I,
)
_MAX_INTERIM = 4  # responses of status 1xx before the one
_HEAD_END = re.compile(rb"\n\r?\n")
_LONG_FIELD = re.compile(rb"^[^\n]{%d}[^\n]*+\n?" % MAX_FIELD_BYTES, re.M)
_LISTS = frozenset(
    ("content-type", "content-encoding", "transfer-encoding", "tdm-reservation", "content-usage")
)
_LINES = frozenset(("x-robots-tag",))  # a robot's name holds to the end of its own field

# What kind of thing a body is.
_HTML_TYPES: Final = frozenset(("text/html", "application/xhtml+xml"))
_UNKNOWN: Final = frozenset(("*/*", "unknown/unknown", "application/unknown"))
_TYPE = re.compile(r"[\s\"']*([a-z0-9!#$&^_.+*-]{1,127}/[a-z0-9!#$&^_.+*-]{1,127})(?=[\s;:\"']|$)")
_QUOTED = re.compile(r'(?<!=)"[^"]*+"|="[^"]*+"')
# WHATWG MIME sniffing, "identifying a resource with an unknown MIME type"; and the tags with which
# pages without a head begin today.
_LOOKS_HTML = re.compile(
    rb"(?:\xef\xbb\xbf)?+\s*+(?:<\?xml[^>]*+>\s*+)?+(?:<!--(?:(?!-->).)*+-->\s*+)*+"
    rb"<(?:!--|(?:!doctype\s+html|html|head|script|iframe|h[1-6]|div|font|table|a|style|title|b|body"
    rb"|br|p|article|section|main|header|nav|meta|link|ul|ol|dl|span|center|form|img|pre|i|strong"
    rb"|blockquote|noscript)(?=[\s/>]))",
    re.I | re.S,
)
_LOOKS_BINARY = (b"%PDF-", b"\x89PNG", b"GIF8", b"\xff\xd8\xff", b"PK\x03\x04", b"\x1f\x8b")
_SNIFF_BYTES = 1024

# What a body is coded in.
_CHUNK_LINE = re.compile(rb"\s{0,8}([0-9A-Fa-f]{1,8})[ \t]*(?:;[^\n]{0,1000})?\r?\n")
_BOUND = MAX_HTML_BYTES + 1  # one byte more shows that there is more
_MAX_CODINGS = 3  # of one body, as in browsers no more than one is met
_MAX_MEMBERS = 10_000  # of one gzip body
_STEP = 1 << 16
_BEGINS_PAGE = re.compile(rb"(?:\xef\xbb\xbf)?+\s*+(?:<|\Z)")
_BINARY = re.compile(rb"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f]")  # MIME sniffing: binary data bytes
_BINARY_BYTES = 512
_TEXT_BYTES = 1 << 12
_NO_CONTROL = bytes(set(range(256)).difference(b"".join(_BINARY.findall(bytes(range(1, 256))))))
_MANY_CONTROLS = 16  # of the first 512 bytes; compressed ones have about 48, text has none
_WIDE = (b"\xff\xfe", b"\xfe\xff", b"<\0", b"\0<")  # UTF-16: half a character may be any byte
_GZIP, _ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
_DAMAGE = (zlib.error, zstandard.ZstdError, OSError)


class Response(NamedTuple):
    """One HTTP response; the names of `fields` are in lower case."""

    status: int
    fields: Mapping[str, str]
    body: bytes  # without transfer and content codings, if it may be a page
    is_page: bool  # with status 200, and a browser would show it


def is_response(block: bytes) -> bool:
    """Returns whether a block begins with an HTTP status line.

    >>> is_response(b"http/1.1 200 OK"), is_response(b"GET / HTTP/1.1")
    (True, False)
    """
    return _STATUS_LINE.match(block) is not None


def parse_response(block: bytes) -> Response:
    r"""Returns the parts of an archived response.

    Fields over `MAX_FIELD_BYTES` are not read, nor what follows `MAX_HEADER_BYTES` of others.

    >>> parse_response(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<p>Hi")
    Response(status=200, fields={'content-type': 'text/html'}, body=b'<p>Hi', is_page=True)

    Raises:
      RecordError: the block does not begin with an HTTP status line, or `decode_body` raises.
    """
    status = _STATUS_LINE.match(block, _behind_interim(block))
    if status is None:
        raise RecordError(f"no HTTP status line but {block[:40]!r}")
    found = _HEAD_END.search(block, status.end())
    head = block[status.start() : found.start() if found else len(block)]
    if len(head) > MAX_FIELD_BYTES:
        head = _LONG_FIELD.sub(b"", head)[:MAX_HEADER_BYTES]
    fields = parse_fields(head.replace(b"\r", b""), _LISTS, _LINES)
    return response_of(int(status[1]), fields, block[found.end() :] if found else b"")


def _behind_interim(block: bytes) -> int:
    """Returns where the response begins behind those of status 1xx, as "100 Continue"."""
    at = 0
    for _ in range(_MAX_INTERIM):
        status = _STATUS_LINE.match(block, at)
        found = status and status[1][:1] == b"1" and _HEAD_END.search(block, status.end())
        if not found or not _STATUS_LINE.match(block, found.end()):
            break
        at = found.end()
    return at


def parse_fields(
    head: bytes, joined: Collection[str] = (), apart: Collection[str] = ()
) -> dict[str, str]:
    r"""Returns header fields by lower-case name; lines may be folded.

    Of several the first holds, but the values of those in `joined` are joined by commas, and of
    those in `apart` by newlines.

    >>> parse_fields(b"WARC/1.0\r\nWARC-Type: response\r\nX-Long: a\r\n b")
    {'warc-type': 'response', 'x-long': 'a b'}
    """
    values: dict[str, list[list[str]]] = {}
    parts: list[str] | None = None  # of the field that a folded line continues with
    for line in head.decode("utf-8", "replace").split("\n")[1:]:
        if line[:1] in (" ", "\t"):
            if parts is not None:
                parts.append(line.strip())
            continue
        key, colon, value = line.partition(":")
        name, parts = key.strip().lower(), None
        if colon and name and (name not in values or name in joined or name in apart):
            parts = [value.strip()]
            values.setdefault(name, []).append(parts)
    return {
        name: ("\n" if name in apart else ", ").join(map(" ".join, found))
        for name, found in values.items()
    }


def response_of(status: int, fields: Mapping[str, str], body: bytes) -> Response:
    """Returns the response of a status, fields and a body as transferred.

    Raises:
      RecordError: it may be a page, but `decode_body` raises.
    """
    content_type = fields.get("content-type", "")
    if status != 200 or not may_be_html(content_type):
        return Response(status, fields, b"", is_page=False)
    body = decode_body(body, fields)
    return Response(status, fields, body, is_html(content_type, body))


def read_page(document: Document, response: Response) -> Record:
    """Returns the document with the main text, title and signals of a response's page.

    It is `Dropped` if it is no page, too large, or has no text.

    Raises:
      RecordError: it is over a bound of `massivetext.limits`.
    """
    signals = Signals(status=response.status)
    document = document._replace(signals=signals)
    if response.status != 200:
        return Dropped(document, (Reason.HTTP_STATUS,))
    if not response.is_page:
        return Dropped(document, (Reason.NOT_HTML,))
    if len(response.body) > MAX_HTML_BYTES:
        return Dropped(document, (Reason.TOO_LARGE,))
    html = decode_page(response.body, response.fields.get("content-type", ""))
    tree = parse_html(html)
    page = read_signals(tree, response.fields)
    signals = signals._replace(rating=page.rating, language=page.language)
    if page.opt_outs is not NOTHING:
        signals = signals._replace(**page.opt_outs._asdict())
    document = document._replace(text=text_of(tree, html), title=page.title, signals=signals)
    return document if document.text else Dropped(document, (Reason.EMPTY,))


def may_be_html(content_type: str) -> bool:
    """Returns whether the type is HTML's, or none, so that the body's look decides."""
    mime = media_type(content_type)
    return not mime or mime in _HTML_TYPES


def is_html(content_type: str, body: bytes) -> bool:
    """Returns whether a browser would show the body as a page: by its type, else by its look.

    >>> is_html("text/plain, text/html", b"Hi"), is_html("html", b"<p>Hi"), is_html("", b"Hi")
    (True, True, False)
    """
    controls = body[:_BINARY_BYTES].translate(None, _NO_CONTROL)
    if body.startswith(_LOOKS_BINARY) or (
        len(controls) > _MANY_CONTROLS and not body.startswith(_WIDE)
    ):
        return False
    mime = media_type(content_type)
    return mime in _HTML_TYPES if mime else _LOOKS_HTML.match(_head(body)) is not None


def media_type(content_type: str) -> str:
    """Returns the last valid type of a Content-Type, which may be several joined by commas.

    WHATWG Fetch, "extract a MIME type"; a valid type with something behind it counts, too.

    >>> media_type("text/plain, Text/HTML charset=utf-8"), media_type("html")
    ('text/html', '')
    """
    parts = _QUOTED.sub("=", content_type.lower()).split(",")
    types = [found[1] for part in parts if (found := _TYPE.match(part))]
    return next((name for name in reversed(types) if name not in _UNKNOWN), "")


def _head(body: bytes) -> bytes:
    head = body[:_SNIFF_BYTES]
    if not head.startswith(_WIDE):
        return head
    return head.removeprefix(b"\xff\xfe").removeprefix(b"\xfe\xff").replace(b"\0", b"")


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
    body = _decode(body, "")
    if len(body[:_BINARY_BYTES].translate(None, _NO_CONTROL)) > _MANY_CONTROLS:
        body = _unnamed_brotli(body)
    return body


def _unnamed_brotli(body: bytes) -> bytes:
    """Returns the page in a body of a coding that has no mark and was not named; else the body."""
    try:
        page = _expand(body, "br")
    except _DAMAGE:
        return body
    return page if _BEGINS_PAGE.match(page) and page else body


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
    return b"<" in body[:_TEXT_BYTES] and not _BINARY.search(body, 0, _BINARY_BYTES)


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
