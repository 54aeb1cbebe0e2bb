"""Two crawls and a source of papers, with a rule and a transform; from rows back to their input."""

import gzip
import json
import zlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from tests.support.commands import prose
from tests.support.own_sources import SMALL

FILES = {
    "web": {"first.warc.gz": (0, 30)},
    "forum": {"2023/posts.warc.gz": (1_000, 30), "2024/posts.warc.gz": (1_030, 30)},
    "papers": {"a.parquet": (2_000, 25), "more/b.parquet": (2_025, 15)},
}

RULES = '''
"""A rule and a transform of the forum."""


def judge(document, measures):
    return "closed" if "This thread is closed." in document.text else None


def clean(text):
    return text.replace(" Best wishes, the author.", "")
'''

RECIPE = """
root = "{root}"
mixture = {{web = 0.4, forum = 0.4, papers = 0.2}}
[parts]
batch_bytes = 1
[filters]
keep_dropped_text = "all"
[sources.web]
files = ["web/*.warc.gz"]
[sources.forum]
like = "web"
files = ["forum/**/*.warc.gz"]
[sources.forum.rules]
own = ["my_rules.py:judge"]
transform = ["my_rules.py:clean"]
quality = {{min_words = 20}}
[sources.papers]
like = "books"
files = ["papers"]
text_key = "abstract.text"
id_key = "doi"
keep = ["license"]
"""
RECIPE += SMALL

_HEAD = "WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Record-ID: <urn:uuid:{number:032x}>\r\n"
GERMAN = "Der Fluss fließt seit alter Zeit durch das Tal, und die Leute nennen ihn Nachbar. "


class Record(NamedTuple):
    """What a row must come from: a record of a WARC file, or a row of a Parquet file."""

    url: str
    text: str
    id: str | None = None
    license: str | None = None


def text_of(number: int) -> str:
    """Paragraphs: most are kept, some are German, short, closed, or a copy of another."""
    if number % 10 == 3:
        return GERMAN * 8
    if number % 10 == 5:
        return "A short note of ours.\n"
    text = prose(number - 1 if number % 10 == 7 else number)
    return text + ("This thread is closed.\n" if number % 10 == 8 else "")


def write_inputs(folder: Path) -> None:
    for source, files in FILES.items():
        for name, (first, count) in files.items():
            path = folder / source / name
            path.parent.mkdir(parents=True, exist_ok=True)
            numbers = range(first, first + count)
            if source == "papers":
                rows = [
                    {"doi": f"10.5/{n}", "abstract": {"text": text_of(n)}, "license": f"l{n % 3}"}
                    for n in numbers
                ]
                pq.write_table(pa.Table.from_pylist(rows), path, row_group_size=7)
            else:
                path.write_bytes(b"".join(map(gzip.compress, _warc(source, numbers))))


def _warc(source: str, numbers: range) -> Iterator[bytes]:
    """Yields records: before each page its request, and here and there one that is not found."""
    yield _record("warcinfo", 0, "", b"software: by hand\r\n")
    for n in numbers:
        url = f"https://{source}{n % 7}.example/{n}"
        yield _record("request", n, url, b"GET / HTTP/1.1\r\n\r\n")
        if n % 4 == 1:
            yield _record("response", n + 10**6, url + "/gone", b"HTTP/1.1 404 No\r\n\r\nnothing")
        text = text_of(n).rstrip() + " Best wishes, the author."
        page = "".join(f"<p>{line}</p>\n" for line in text.splitlines())
        html = f"<html><body><h1>Page</h1><main>{page}</main></body></html>"
        head = "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
        yield _record("response", n + 10**9, url, (head + html).encode())


def _record(kind: str, number: int, url: str, body: bytes) -> bytes:
    head = _HEAD.format(kind=kind, number=number) + "WARC-Date: 2024-05-01T00:00:00Z\r\n"
    head += f"WARC-Target-URI: {url}\r\n" if url else ""
    head += f"Content-Length: {len(body)}\r\n\r\n"
    return head.encode() + body + b"\r\n\r\n"


def read_inputs(folder: Path) -> dict[tuple[str, str, int], Record]:
    """Returns what stands at (source, file, position), read without the readers under test."""
    found: dict[tuple[str, str, int], Record] = {}
    for source, files in FILES.items():
        for name in files:
            path = folder / source / name
            read = _rows(path) if source == "papers" else _records(path.read_bytes())
            found |= {(source, name, place): record for place, record in enumerate(read)}
    return found


def _rows(path: Path) -> Iterator[Record]:
    for row in pq.read_table(path).to_pylist():
        yield Record("", row["abstract"]["text"], row["doi"], row["license"])


def _records(data: bytes) -> Iterator[Record]:
    """Yields each gzip member's record."""
    while data:
        member = zlib.decompressobj(wbits=31)
        head, _, body = member.decompress(data).decode().partition("\r\n\r\n")
        data = member.unused_data
        fields = dict(line.split(": ", 1) for line in head.split("\r\n")[1:])
        yield Record(fields.get("WARC-Target-URI", ""), body)


def check_joins(rows: list[dict[str, Any]], folder: Path) -> dict[tuple[str, str], int]:
    """Checks that the rows of `documents/`, kept and dropped, are the inputs' records, each once.

    Returns:
      How many there are by source and first reason, "" for those that stage 1 kept.
    """
    inputs = read_inputs(folder)
    places = [(row["source"], row["file"], row["position"]) for row in rows]
    assert sorted(places) == sorted(inputs)
    for row, place in zip(rows, places, strict=True):
        _check_join(row, inputs[place])
    return dict(Counter((row["source"], (row.get("reasons") or [""])[0]) for row in rows))


def _check_join(row: dict[str, Any], found: Record) -> None:
    assert (row["source_id"], row["url"] or "") == (found.id, found.url)
    if row["source"] == "papers":
        assert row["text"] == found.text
        assert json.loads(row["extra"]) == {"license": found.license}
        return
    assert row["extra"] is None
    if row["text"]:
        assert ("Best wishes" in row["text"]) == (row["source"] == "web")
        assert all(line.rstrip() in found.text for line in row["text"].splitlines())
    else:
        assert row["reasons"][0] in ("record_type", "http_status")


EXPECTED = {
    ("web", ""): 24, ("web", "record_type"): 31, ("web", "http_status"): 8,
    ("web", "language"): 3, ("web", "word_count"): 3,
    ("forum", ""): 42, ("forum", "record_type"): 62, ("forum", "http_status"): 15,
    ("forum", "language"): 6, ("forum", "word_count"): 6, ("forum", "closed"): 6,
    ("papers", ""): 36, ("papers", "language"): 4,
}  # fmt: skip
