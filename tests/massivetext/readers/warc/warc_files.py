"""WARC records and files for tests, byte by byte."""

import gzip
import io
from collections import Counter
from collections.abc import Iterable

from massivetext.document import Broken, Document, Dropped, Origin, Record
from massivetext.readers.warc.read import read_warc

ORIGIN = Origin("web", "a/test.warc.gz")
PROSE = b"<p>Bread is made of flour, water, salt and yeast, and it needs time more than work.</p>"


def record(kind: str, block: bytes, *fields: str, version: str = "WARC/1.0") -> bytes:
    lines = [version, f"WARC-Type: {kind}", *fields, f"Content-Length: {len(block)}", "", ""]
    return "\r\n".join(lines).encode() + block + b"\r\n\r\n"


def response(
    body: bytes = PROSE,
    url: str = "http://a.example/",
    headers: Iterable[str] = ("Content-Type: text/html",),
    status: str = "HTTP/1.1 200 OK",
) -> bytes:
    head = "\r\n".join([status, *headers, "", ""]).encode()
    fields = (
        f"WARC-Target-URI: {url}",
        "WARC-Date: 2020-02-03T04:05:06Z",
        "Content-Type: application/http; msgtype=response",
    )
    return record("response", head + body, *fields)


def pages(count: int) -> list[bytes]:
    """Returns responses of different length, incompressible enough that damage is damage."""
    filler = [" ".join(str(hash((n, i)) % 10**9) for i in range(60 + 7 * n)) for n in range(count)]
    return [
        response(PROSE + f"<p>Page {n} counts {filler[n]}.</p>".encode(), f"http://a.example/{n}")
        for n in range(count)
    ]


def members(records: Iterable[bytes]) -> bytes:
    return b"".join(gzip.compress(data, mtime=0) for data in records)


def read(data: bytes) -> list[Record]:
    return list(read_warc(io.BytesIO(data), ORIGIN))


def kinds(records: Iterable[Record]) -> dict[str, int]:
    """Returns how many records there are of each outcome: kept, broken, or the first reason."""
    return dict(Counter(map(outcome, records)))


def outcome(item: Record) -> str:
    if isinstance(item, Broken):
        return "broken"
    return item.reasons[0].value if isinstance(item, Dropped) else "kept"


def urls(records: Iterable[Record]) -> list[str]:
    return [item.url for item in records if isinstance(item, Document)]
