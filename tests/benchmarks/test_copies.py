"""Copies of real files: nothing but the order of words of one length is another."""

import random
import re
from collections import Counter
from pathlib import Path

import pytest

from benchmarks.copies import copy_file, exchange_in_record
from massivetext.document import Document, Origin
from massivetext.readers.formats import reader_for

PAGE = (
    b"WARC/1.0\r\nWARC-Type: response\r\nContent-Length: 999\r\n\r\n"
    b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
    b'<p class="one two six">See one two six ten nine four five, here.</p>'
    b"<script>var one = two + six;</script><b>once more than ever seen</b>\r\n\r\n"
)
FILES = {  # of each source, and their formats
    "web": ("web/dolma-sample-0000.warc.gz", "warc"),
    "news": ("news/wikinews-gum-dev.jsonl", "jsonl"),
    "c4": ("c4/c4-train.sample-dev.json.gz", "jsonl-compressed"),
    "github": ("github/github_repos-dev-000000000000.parquet", "github-parquet"),
    "wikipedia": (
        "wikipedia/enwiki-pages-articles1.xml-p10p30302-shortened-dev.xml.bz2",
        "wiki-xml",
    ),
}


def test_markup_and_headers_stay() -> None:
    copied = exchange_in_record(PAGE, random.Random(4))
    assert copied != PAGE
    assert len(copied) == len(PAGE)
    assert Counter(re.findall(rb"\w+", copied)) == Counter(re.findall(rb"\w+", PAGE))
    for kept in (b'<p class="one two six">See ', b"<script>var one = two + six;</script>"):
        assert kept in copied
    assert copied.partition(b"<p")[0] == PAGE.partition(b"<p")[0]


def test_compressed_pages_are_left_out() -> None:
    packed = PAGE.replace(b"Content-Type: text", b"Content-Encoding: gzip\r\nContent-Type: text")
    assert exchange_in_record(packed, random.Random(4)) == b""


def test_unknown_files_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(b"")
    with pytest.raises(ValueError, match=r"a\.zip"):
        copy_file(tmp_path / "a.zip", 0, tmp_path)


@pytest.mark.parametrize("source", FILES)
def test_copies_hold_as_many_documents_and_words(
    source: str, real_data: Path, tmp_path: Path
) -> None:
    name, _ = FILES[source]
    copy_file(real_data / name, 3, tmp_path)
    (copy,) = tmp_path.iterdir()
    assert copy.name == f"copy-03-{Path(name).name}"
    before, after = (texts_of(source, path) for path in (real_data / name, copy))
    # Compressed pages are left out; a generated file may lose the words that say so.
    assert len(after) == pytest.approx(len(before), rel=0.03)
    assert sum(map(len, after)) == pytest.approx(sum(map(len, before)), rel=0.03)
    assert len(set(after) & set(before)) <= 0.2 * len(before)


def texts_of(source: str, path: Path) -> list[str]:
    read = reader_for(source, FILES[source][1])
    with path.open("rb") as file:
        records = list(read(file, Origin(source, path.name), 0, None))
    return [record.text for record in records if isinstance(record, Document) and record.text]
