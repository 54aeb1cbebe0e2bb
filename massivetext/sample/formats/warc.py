"""WARC and WET files of the sample: the bytes of each record, and the files in several manners."""

import gzip
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

import xxhash

from massivetext.document import Origin
from massivetext.sample.material.deal import Deal
from massivetext.sample.material.pages import Page
from massivetext.sample.material.truth import Placed, Written

_FIRST_DATE = datetime(2023, 3, 20, 8, 0, 0, tzinfo=UTC)
_INFO = b"software: massivetext sample\r\nformat: WARC File Format 1.0\r\n"


class Manner(NamedTuple):
    """How a crawler wrote its file."""

    version: str = "WARC/1.0"
    brackets: bool = False  # <...> around target URIs, as wget writes them
    one_member: bool = False  # the whole file is one gzip member


COMMON = Manner()  # as Common Crawl writes


def write_warc(path: Path, pages: Iterable[Page], manner: Manner = COMMON) -> Written:
    """Writes a warcinfo record, then each page with its request; returns what is where.

    A page's position is the number of its record, from 0.
    """
    records: list[bytes] = []
    placed: list[Placed] = []
    for page, record in _records(pages, manner):
        if page and page.plant:
            placed.append(Placed(page.plant, len(records), page.url))
        records.append(record)
    members = [b"".join(records)] if manner.one_member else records
    path.write_bytes(b"".join(compress(member) for member in members))
    return Written(path.parent.name, path.name, len(records), 0, tuple(placed))


def dealt_pages(origin: Origin, deal: Deal[Page], requests: bool = True) -> Iterator[Page]:
    """Yields the pages of a WARC file, each as its place in the file has it.

    Args:
      origin: source and name of the file.
      deal: what is to stand where, until its pages for training are dealt.
      requests: whether the pages are responses, with a request before each.
    """
    number = 1  # the record of the file itself is the first
    while deal:
        page = deal.take(origin.document_id(number + requests))
        number += 1 + (page.record == "response")
        yield page


def compress(data: bytes) -> bytes:
    """Returns a gzip member without a date, so that equal data gives equal bytes."""
    return gzip.compress(data, 6, mtime=0)


def page_record(page: Page, number: int, manner: Manner = COMMON) -> bytes:
    """Returns the WARC record of a page: its response, revisit or conversion."""
    if page.record == "conversion":
        return _record("conversion", page.url, "text/plain", page.body, number, manner)
    lines = [f"HTTP/1.1 {page.status}", f"Content-Type: {page.content_type}", *page.headers]
    head = "\r\n".join([*lines, f"Content-Length: {len(page.body)}", "", ""]).encode("latin-1")
    kind = "application/http; msgtype=response"
    return _record(page.record, page.url, kind, head + page.body, number, manner)


def _records(pages: Iterable[Page], manner: Manner) -> Iterator[tuple[Page | None, bytes]]:
    yield None, _record("warcinfo", "", "application/warc-fields", _INFO, 0, manner)
    for number, page in enumerate(pages, start=1):
        if page.record == "response":
            yield None, _request(page.url, number, manner)
        yield page, page_record(page, number, manner)


def _request(url: str, number: int, manner: Manner) -> bytes:
    host, _, path = url.removeprefix("http://").removeprefix("https://").partition("/")
    http = f"GET /{path} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: sample\r\n\r\n".encode()
    return _record("request", url, "application/http; msgtype=request", http, number, manner)


def _record(
    kind: str, url: str, content_type: str, block: bytes, number: int, manner: Manner
) -> bytes:
    identity = UUID(bytes=xxhash.xxh3_128_digest(f"{kind}\0{url}\0{number}".encode()))
    date = (_FIRST_DATE + timedelta(seconds=7 * number)).strftime("%Y-%m-%dT%H:%M:%SZ")
    lines = [
        manner.version,
        f"WARC-Type: {kind}",
        f"WARC-Record-ID: <urn:uuid:{identity}>",
        f"WARC-Date: {date}",
        *([f"WARC-Target-URI: {f'<{url}>' if manner.brackets else url}"] if url else []),
        f"Content-Type: {content_type}",
        f"Content-Length: {len(block)}",
    ]
    return "\r\n".join([*lines, "", ""]).encode() + block + b"\r\n\r\n"
