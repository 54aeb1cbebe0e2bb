"""Files of every format around a pumped text, and how each is read."""

import io
import json
import zipfile
from collections.abc import Callable, Iterator
from typing import NamedTuple
from xml.sax.saxutils import escape

import pyarrow as pa
import pyarrow.parquet as pq

from massivetext.decontaminate.held_out import read_test_set
from massivetext.document import Origin, Record
from massivetext.errors import ConfigError
from massivetext.limits import MAX_HTML_BYTES
from massivetext.readers.formats import reader_for

READERS = "massivetext.readers"
SPOKEN = (f"{READERS}.markup", "massivetext.text.newlines")
ROWS = (f"{READERS}.rows", f"{READERS}.bytes", "massivetext.text.newlines")
EPUB = (f"{READERS}.books.epub", f"{READERS}.books.package")
BOOKS = (f"{READERS}.books", f"{READERS}.bytes.charset", *SPOKEN)
WARC = (f"{READERS}.warc", f"{READERS}.bytes")
HTML = (f"{READERS}.html", f"{READERS}.bytes.charset", *SPOKEN)
WIKI = (f"{READERS}.wikipedia",)


class Place(NamedTuple):
    """A place of a file where text is pumped in."""

    packages: tuple[str, ...]  # whose regular expressions see it
    source: str
    format: str  # "test set" for the forms of held-out sets
    make: Callable[[str], bytes]


def raw(text: str) -> bytes:
    return text.encode("utf-8", "replace")


def line(**row: str) -> bytes:
    return json.dumps(row).encode() + b"\n"


def parquet(text: str) -> bytes:
    file = io.BytesIO()
    clean = raw(text).decode()
    pq.write_table(pa.table({"text": [clean, clean], "title": [clean, None]}), file)
    return file.getvalue()


def record(block: bytes, kind: bytes = b"response", more: bytes = b"") -> bytes:
    head = b"WARC/1.0\r\nWARC-Type: %b\r\nContent-Type: application/http\r\n%b" % (kind, more)
    return head + b"Content-Length: %d\r\n\r\n%b\r\n\r\n" % (len(block), block)


def response(body: bytes, more: bytes = b"") -> bytes:
    return record(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n%b\r\n%b" % (more, body))


def page(text: str) -> bytes:
    head = b"<html><head><title>T</title></head><body><article><p>Some words stand here.</p>"
    return response(head + raw(text)[:MAX_HTML_BYTES])


def fragment(text: str) -> bytes:
    body = raw(text)[:MAX_HTML_BYTES] + b"\xff"
    return record(b"HTTP/1.1 200 OK\r\nServer: x\r\n\r\n" + body)  # no type, no character set


CONTAINER = '<container><rootfiles><rootfile full-path="a.opf"/></rootfiles></container>'
OPF = (
    "<package><metadata><title>%s</title></metadata><manifest>"
    '<item id="a" href="a.xhtml" media-type="application/xhtml+xml"/></manifest>'
    '<spine><itemref idref="a"/></spine></package>'
)


def epub(chapter: str, title: str = "T") -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("META-INF/container.xml", CONTAINER)
        archive.writestr("a.opf", raw(OPF.replace("%s", title)))
        archive.writestr("a.xhtml", raw(chapter))
    return file.getvalue()


def wiki(text: str) -> bytes:
    return raw(
        "<mediawiki><page><title>T</title><ns>0</ns><revision>"
        f"<text>{text}</text></revision></page></mediawiki>"
    )


def escaped(text: str) -> str:
    return escape("".join(c for c in text if c >= " " or c in "\n\t"))


PLACES = {
    "JSON line, text": Place(ROWS, "c4", "jsonl", lambda t: line(text=t, url=t[:9])),
    "JSON line, value": Place(ROWS, "c4", "jsonl", lambda t: b'{"text":"a","m":' + raw(t) + b"}"),
    "JSON line, bare": Place(ROWS, "c4", "jsonl", raw),
    "Parquet": Place(ROWS, "c4", "parquet", parquet),
    "code": Place((f"{READERS}.code",), "github", "jsonl",
                  lambda t: line(content=t, license="mit", path="a/vendor/x.js")),
    "code, path and licence": Place((f"{READERS}.code",), "github", "jsonl",
                                    lambda t: line(content="a", license=t, path=t)),
    "book": Place(BOOKS, "books", "text", raw),
    "book, Latin": Place(BOOKS, "books", "text", lambda t: t.encode("cp1252", "replace") + b"\xff"),
    "EPUB, chapter": Place(BOOKS, "books", "epub", epub),
    "EPUB, title": Place(EPUB, "books", "epub",
                         lambda t: epub("a", escaped(t)[: 4_000_000])),
    "EPUB, package": Place(EPUB, "books", "epub",
                           lambda t: epub("a", t[:4_000_000])),
    "page": Place(HTML, "web", "warc", page),
    "page, unnamed": Place(WARC, "web", "warc", fragment),
    "page, header": Place(WARC, "web", "warc", lambda t: response(b"<p>a", raw(t) + b"\r\n")),
    "page, chunks": Place(WARC, "web", "warc",
                          lambda t: response(raw(t), b"Transfer-Encoding: chunked\r\n")),
    "WARC, header": Place(WARC, "web", "warc", lambda t: record(b"a", more=raw(t) + b"\r\n")),
    "WARC, bare": Place(WARC, "web", "warc", lambda t: record(b"a") + raw(t) + record(b"b")),
    "WET": Place(WARC, "web", "warc", lambda t: record(raw(t), b"conversion")),
    "wiki": Place(WIKI, "wikipedia", "wiki-xml", lambda t: wiki(escaped(t))),
    "wiki, XML": Place(WIKI, "wikipedia", "wiki-xml", wiki),
    "WikiText": Place(("massivetext.decontaminate.held_out",), "", "wikitext",
                      lambda t: b" = T = \n" + raw(t)),
}  # fmt: skip


def read(place: Place, data: bytes) -> list[Record]:
    """Returns the records of a file; those of a held-out set, or its error, are none."""
    if place.source:
        return list(records(place, data))
    try:
        for _ in read_test_set(io.BytesIO(data), place.format):
            pass
    except ConfigError:
        pass
    return []


def records(place: Place, data: bytes) -> Iterator[Record]:
    reader = reader_for(place.source, place.format)
    return reader(io.BytesIO(data), Origin(place.source, "a"), 0, None)
