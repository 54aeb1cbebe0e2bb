"""HTTP responses as crawlers archived them: status, header fields, and the body as transferred."""

import re
from typing import NamedTuple

from massivetext.errors import RecordError
from massivetext.limits import MAX_FIELD_BYTES, MAX_HEADER_BYTES
from massivetext.readers.warc.frames import parse_fields

_STATUS_LINE = re.compile(
    rb"\s{0,8}(?:(?:HTTP(?:/\d{1,2}(?:\.\d{1,2})?)?|ICY|H[23])[ \t]+|:status:[ \t]*)(\d{3})(?!\d)",
    re.I,
)
_HEAD_END = re.compile(rb"\n\r?\n")
_LONG_FIELD = re.compile(rb"^[^\n]{%d}[^\n]*+\n?" % MAX_FIELD_BYTES, re.M)
_LISTS = frozenset(("content-type", "content-encoding", "transfer-encoding"))


class Response(NamedTuple):
    """One HTTP response; the names of `fields` are in lower case."""

    status: int
    fields: dict[str, str]
    body: bytes


def is_response(block: bytes) -> bool:
    """Returns whether a block begins with an HTTP status line.

    >>> is_response(b"http/1.1 200 OK"), is_response(b"GET / HTTP/1.1")
    (True, False)
    """
    return _STATUS_LINE.match(block) is not None


def parse_response(block: bytes) -> Response:
    r"""Returns the parts of an archived response, its body as transferred.

    Fields over `MAX_FIELD_BYTES` are not read, nor what follows `MAX_HEADER_BYTES` of others.

    >>> parse_response(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<p>Hi")
    Response(status=200, fields={'content-type': 'text/html'}, body=b'<p>Hi')

    Raises:
      RecordError: the block does not begin with an HTTP status line.
    """
    status = _STATUS_LINE.match(block)
    if status is None:
        raise RecordError(f"no HTTP status line but {block[:40]!r}")
    found = _HEAD_END.search(block, status.end())
    head = block[status.start() : found.start() if found else len(block)]
    if len(head) > MAX_FIELD_BYTES:
        head = _LONG_FIELD.sub(b"", head)[:MAX_HEADER_BYTES]
    fields = parse_fields(head.replace(b"\r", b""), _LISTS)
    return Response(int(status[1]), fields, block[found.end() :] if found else b"")
