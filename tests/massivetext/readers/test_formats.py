import gzip
import io
import itertools
import typing
from collections import Counter

import pytest

from massivetext.config.recipe import Format
from massivetext.document import Broken, Dropped, Origin
from massivetext.errors import ConfigError
from massivetext.readers.code.read import read_github_jsonl
from massivetext.readers.formats import DIVISIBLE, READ, divisible, format_of, reader_for
from massivetext.readers.rows.jsonl import read_jsonl

NAMES = {
    ("web", "CC-MAIN-20240518.warc.gz"): "warc",
    ("web", "CC-MAIN-20240518.warc.wet.gz"): "warc",
    ("web", "CC-MAIN-20240518.warc.wat.gz"): "warc",
    ("news", "a/b.WARC"): "warc",
    ("news", "a.jsonl"): "jsonl",
    ("c4", "en/c4-train.00000-of-01024.json.gz"): "jsonl-compressed",
    ("c4", "a.json.zst"): "jsonl-compressed",
    ("books", "a.ndjson"): "jsonl",
    ("books", "11-0.txt"): "text",
    ("books", "11-0.txt.gz"): "text",
    ("books", "a.epub"): "epub",
    ("books", "a.parquet"): "parquet",
    ("c4", "c4/en/3.1.0/c4-train.tfrecord-00000-of-01024"): "tfds",
    ("c4", "c4-train.array_record-00000-of-01024"): "tfds",
    ("c4", "c4-train.parquet-00000-of-01024"): "tfds",
    ("wikipedia", "enwiki-20240101-pages-articles.xml.bz2"): "wiki-xml",
    ("wikipedia", "enwiki-20240101-pages-articles1.xml-p1p41242.bz2"): "wiki-xml",
    ("wikipedia", "a.xml"): "wiki-xml",
    ("wikipedia", "a.jsonl"): "jsonl",
    ("github", "contents-000000000000.json.gz"): "github-jsonl-compressed",
    ("github", "contents-000000000000.json"): "github-jsonl",
    ("github", "contents-000000000000.parquet"): "github-parquet",
}


@pytest.mark.parametrize(("source", "path"), NAMES)
def test_formats_by_name(source, path):
    assert format_of(source, path) == NAMES[source, path]
    assert format_of(source, path) in READ


@pytest.mark.parametrize("path", ["a", "a.pdf", "json", "a.jsonl.7z", "tfrecord", "a.txt~"])
def test_other_names_tell_no_format(path):
    with pytest.raises(ConfigError, match="the name tells no format; name it by `format`"):
        format_of("books", path)


def test_readers_by_source_and_format():
    assert reader_for("c4", "jsonl") is read_jsonl
    assert reader_for("github", "jsonl") is read_github_jsonl
    assert reader_for("github", "github-jsonl") is read_github_jsonl
    with pytest.raises(ConfigError, match="no format 'pdf'; known are warc, jsonl"):
        reader_for("web", "pdf")


def test_every_format_of_a_recipe_has_a_reader():
    assert set(typing.get_args(Format)) - {"auto"} <= set(READ)
    assert set(READ) >= DIVISIBLE
    assert divisible("jsonl")
    assert not divisible("jsonl-compressed")
    assert not divisible("warc")


HOSTILE = (
    *(mark * 99_999 for mark in (b"\0", b"[", b"<", b"\xff", b"{{")),
    *(b"BZh9", b"PAR1", b"PK\x05\x06", b"\x28\xb5\x2f\xfd", b"\x1f\x8b\x08"),
    gzip.compress(b"<!--"),
)


@pytest.mark.parametrize("name", READ)
def test_every_reader_takes_an_empty_file_and_hostile_ones(name):
    origin = Origin("web", "a")
    assert list(READ[name](io.BytesIO(b""), origin, 0, None)) == []
    for data in HOSTILE:
        records = list(READ[name](io.BytesIO(data), origin, 0, None))
        assert all(isinstance(record, Broken | Dropped) for record in records) or name == "text"


REAL = {
    ("books", "books/*.txt"): {"Document": 15},
    ("c4", "c4/*"): {"Document": 504},
    ("news", "news/*"): {"Document": 6},
    ("wikipedia", "wikipedia/*"): {"Document": 40, "redirect": 42, "namespace": 1},
    ("github", "github/*"): {"Document": 966, "licence": 320, "generated": 18, "empty": 2},
    ("books", "neardup/*"): {"Document": 90},
}


@pytest.mark.parametrize(("source", "pattern"), REAL)
def test_every_real_file_in_slices(real_data, source, pattern):
    kinds: Counter[str] = Counter()
    for path in sorted(real_data.glob(pattern)):
        origin = Origin(source, path.name)
        read = reader_for(source, format_of(source, path.name))
        bounds = itertools.pairwise([0, 1, path.stat().st_size // 2, None])
        with path.open("rb") as file:
            records = [record for b in bounds for record in read(file, origin, *b)]
        kinds.update(
            r.reasons[0].value if isinstance(r, Dropped) else type(r).__name__ for r in records
        )
        ids = [getattr(r, "document", r).id for r in records]
        assert len(set(ids)) == len(ids)
    assert kinds == REAL[source, pattern]
