"""Peak memory of hostile records: at most 300 MB and twelve times the record's bound.

Each case runs in a process of its own, whose peak the kernel knows.
"""

import gzip
import io
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from massivetext.limits import MAX_HTML_BYTES, MAX_LINE_BYTES, MAX_RECORD_BYTES
from tests.growth.files import epub, response

FREE = 300 << 20
FACTOR = 12
FORMATS = {"jsonl": "c4", "parquet": "c4", "text": "books", "epub": "books", "warc": "web"}
RUN = """
import re, sys
from collections import Counter
from massivetext.document import Origin
from massivetext.readers.formats import reader_for
with open(sys.argv[3], "rb") as file:
    reader = reader_for(sys.argv[1], sys.argv[2])
    found = Counter(type(record).__name__ for record in reader(file, Origin("a", "a"), 0, None))
peak = int(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1]) << 10
print(peak, dict(found))
"""
LINE = MAX_LINE_BYTES - 100
PAGE = MAX_HTML_BYTES - 1_000


def line(value: bytes) -> bytes:
    return gzip.compress(b'{"text":"a","m":[' + value + b"]}", 1)


def dictionary(size: int, rows: int) -> bytes:
    indices, values = pa.array([0] * rows, pa.int32()), pa.array(["x" * size])
    file = io.BytesIO()
    table = pa.table({"text": pa.DictionaryArray.from_arrays(indices, values)})
    pq.write_table(table, file, compression="zstd")
    return file.getvalue()


def prefixes(size: int, rows: int) -> bytes:
    file = io.BytesIO()
    options = {"use_dictionary": False, "column_encoding": {"text": "DELTA_BYTE_ARRAY"}}
    pq.write_table(pa.table({"text": ["x" * size] * rows}), file, compression="zstd", **options)
    return file.getvalue()


def skewed() -> bytes:
    rows = ["a"] * 100_000 + ["x" * (10 << 20)] * 60
    file = io.BytesIO()
    table = pa.table({"text": rows})
    options = {"compression": "none", "use_dictionary": False, "write_batch_size": 1}
    pq.write_table(table, file, row_group_size=200_000, **options)
    return file.getvalue()


def page(part: bytes) -> bytes:
    return gzip.compress(response(b"<html><body>" + part * (PAGE // len(part))), 1)


def chunks(part: bytes) -> bytes:
    body = part * (MAX_RECORD_BYTES // 2 // len(part))
    return gzip.compress(response(body, b"Transfer-Encoding: chunked\r\n"), 1)


def members(count: int) -> bytes:
    body = gzip.compress(b"<p>a", mtime=0) * count
    return gzip.compress(response(body, b"Content-Encoding: gzip\r\n"), 1)


CASES: dict[str, tuple[str, Callable[[], bytes]]] = {
    "JSON, objects": ("jsonl", lambda: line(b'{"":1},' * (LINE // 7) + b"1")),
    "JSON, empty objects": ("jsonl", lambda: line(b"{}," * (LINE // 3) + b"1")),
    "JSON, empty lists": ("jsonl", lambda: line(b"[]," * (LINE // 3) + b"1")),
    "JSON, deep": ("jsonl", lambda: line(b"[" * (LINE // 2) + b"]" * (LINE // 2))),
    "JSON, escapes": ("jsonl", lambda: line(b'"' + b"\\\\" * (LINE // 2) + b'"')),
    "JSON, small values": ("jsonl", lambda: gzip.compress(
        b'{"text":"a"' + b',"a":[{}]' * (LINE // 9) + b"}", 1)),
    "JSON, keys": ("jsonl", lambda: gzip.compress(
        b'{"text":"a"' + b',"a":1' * (LINE // 6) + b"}", 1)),
    "JSON, members of nested values": ("jsonl", lambda: gzip.compress(
        b'{"text":"a"' + b',"a":[[[[]]]]' * (LINE // 13) + b"}", 1)),
    "JSON, the same key": ("jsonl", lambda: gzip.compress(
        b'{"text":"a"' + b',"text":"a"' * (LINE // 11) + b"}", 1)),
    "JSON, text of escapes": ("jsonl", lambda: gzip.compress(
        b'{"text":"' + b"\\ud83d" * (LINE // 6) + b'"}', 1)),
    "JSON, text of pairs": ("jsonl", lambda: gzip.compress(
        b'{"text":"' + "\U0001f600".encode() * (LINE // 4) + b'"}', 1)),
    "JSON, many lines": ("jsonl", lambda: gzip.compress(b"{}\n" * 5_000_000, 1)),
    "Parquet, 4 MB in 2,048 rows": ("parquet", lambda: dictionary(4 << 20, 2_048)),
    "Parquet, 16 MB in a million rows": ("parquet", lambda: dictionary(16 << 20, 60_000)),
    "Parquet, 4 MB in 100 rows as one prefix": ("parquet", lambda: prefixes(4 << 20, 100)),
    "Parquet, skewed rows": ("parquet", skewed),
    "book of returns": ("text", lambda: gzip.compress(b"\r" * LINE, 1)),
    "book of emoji": ("text", lambda: gzip.compress("\U0001f600".encode() * (LINE // 4), 1)),
    "book of stray bytes": ("text", lambda: gzip.compress("é".encode() * 99 + b"\xff" * LINE, 1)),
    "book of marks": ("text", lambda: gzip.compress(
        b"*** END OF THE PROJECT GUTENBERG EBOOK\n" * (LINE // 39), 1)),
    "EPUB, attributes": ("epub", lambda: epub("<a " + "x " * (PAGE // 2))),
    "EPUB, quotes": ("epub", lambda: epub("<a " + '"' * PAGE)),
    "EPUB, breaks": ("epub", lambda: epub("<br>" * (PAGE // 4))),
    "EPUB, emoji": ("epub", lambda: epub("\U0001f600<b>" * (PAGE // 7))),
    "EPUB, formulas": ("epub", lambda: epub("<math><mi>" * (PAGE // 10))),
    "chunks": ("warc", lambda: chunks(b"2\r\nab\r\n")),
    "members of a body": ("warc", lambda: members(1_000_000)),
    "header of short lines": ("warc", lambda: gzip.compress(
        response(b"<p>a", b"a:\n" * (MAX_RECORD_BYTES // 6)), 1)),
    **{f"page of {part!r}": ("warc", lambda part=part: page(part)) for part in (
        b"a", b"\xf0\x9f\x98\x80", b"&amp;", b"a<br", b"<p>" + b"a" * 40, b"<!---->" * 4,
        b"<sup>1</sup>" + b"a" * 60, b"<math>" + b"a" * 60, b"&nbsp;&nbsp;", b"\xff",
    )},
}  # fmt: skip


@pytest.mark.heavy
@pytest.mark.parametrize("name", CASES)
def test_peak_memory_of_hostile_records(name: str, tmp_path: Path) -> None:
    kind, make = CASES[name]
    (tmp_path / "a").write_bytes(make())
    command = [sys.executable, "-c", RUN, FORMATS[kind], kind, str(tmp_path / "a")]
    out = subprocess.run(command, check=True, capture_output=True, text=True, timeout=240).stdout
    peak = int(out.split()[0])
    print(f"{name}: {peak >> 20} MiB {out.split(maxsplit=1)[1].strip()}")
    assert peak <= FREE + FACTOR * MAX_RECORD_BYTES
