import datetime
import io
import itertools
from collections import Counter
from decimal import Decimal

import orjson
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from massivetext.document import Broken, Document, Dropped, Origin
from massivetext.readers.rows import parquet as module
from massivetext.readers.rows.parquet import read_parquet
from massivetext.readers.rows.rows import COMMAND, PLAIN
from massivetext.reasons import Reason

ORIGIN = Origin("books", "a.parquet")


def write(table: pa.Table, rows: int = 3, **options) -> bytes:
    file = io.BytesIO()
    pq.write_table(table, file, row_group_size=rows, **options)
    return file.getvalue()


def texts(*values, **columns) -> pa.Table:
    return pa.table({"text": pa.array(values), **columns})


def read(data: bytes, *bounds, fields=PLAIN):
    return list(read_parquet(io.BytesIO(data), ORIGIN, *bounds, fields=fields))


def test_a_row_is_a_document_with_its_index_as_position():
    table = texts("a", "b", "c", "d", url=["u", None, "v", "w"], other=[1, 2, 3, 4])
    records = read(write(table))
    assert records == [
        Document(ORIGIN.document_id(row), "books", text, url)
        for row, (text, url) in enumerate(zip("abcd", ("u", "", "v", "w"), strict=True))
    ]


def test_other_keys():
    table = texts("a", "b", id=["x", None], source=["web", None])
    named, unnamed = read(write(table), fields=COMMAND)
    assert named[:2] == ("x", "web")
    assert unnamed[:2] == (ORIGIN.document_id(1), "books")


@pytest.mark.parametrize(
    "type_", [pa.string(), pa.large_string(), pa.dictionary(pa.int32(), pa.string())]
)
def test_every_kind_of_text_column(type_):
    table = pa.table({"text": pa.array(["a", "b", "a"]).cast(type_)})
    assert [record.text for record in read(write(table))] == ["a", "b", "a"]


def test_rows_that_are_no_document():
    table = pa.table({"text": pa.array([b"good", b"\xff", b"", b"a\0b", None])})
    stored = table.cast(pa.schema([("text", pa.binary())]))
    data = write(stored)
    assert [r.message for r in read(data)] == ["key 'text' holds no text but bytes"] * 4 + [
        "key 'text' holds no text but NoneType"
    ]
    unchecked = pa.StringArray.from_buffers(
        5, *table.column("text").chunk(0).buffers()[1:], table.column("text").chunk(0).buffers()[0]
    )
    good, invalid, empty, nul, null = read(write(pa.table({"text": unchecked})))
    assert (good.text, nul.text) == ("good", "ab")
    assert (invalid.position, invalid.message[:13]) == (1, "invalid UTF-8")
    assert empty == Dropped(Document(ORIGIN.document_id(2), "books", ""), (Reason.EMPTY,))
    assert null.message == "key 'text' holds no text but NoneType"


def test_files_that_are_no_parquet_are_one_broken_record_of_the_first_slice():
    data = write(texts("a", "b"))
    for bad in (b"PAR1", data[:-1], data[: len(data) // 2], b"text", data[:-8] + b"\xff" * 8):
        (broken,) = read(bad)
        assert isinstance(broken, Broken)
        assert broken.position == 0
        assert broken.message.startswith("unreadable Parquet file")
        assert read(bad, 1) == []
    (broken,) = read(write(pa.table({"body": ["a"]})))
    assert broken.message == "unreadable Parquet file: no column text; the file has body"
    assert read(b"") == []
    assert read(write(texts("a").slice(0, 0))) == []


def test_a_corrupt_row_group_is_one_broken_record_and_the_next_is_read():
    table = texts(*(f"some text {i}" * 50 for i in range(9)))
    data = bytearray(write(table, write_page_checksum=True, write_statistics=False))
    second = pq.ParquetFile(io.BytesIO(bytes(data))).metadata.row_group(1)
    middle = module._first_byte(second) + second.column(0).total_compressed_size // 2
    data[middle : middle + 8] = b"\xff" * 8
    records = read(bytes(data))
    assert [type(r) for r in records] == [Document] * 3 + [Broken] + [Document] * 3
    assert records[3].position == 3
    assert records[3].message.startswith("unreadable row group 1")
    assert records[4].id == ORIGIN.document_id(6)


def test_a_column_that_expands_beyond_the_bound_is_refused(monkeypatch):
    data = write(texts("a" * 1_000_000), compression="zstd")
    assert len(read(data)[0].text) == 1_000_000
    monkeypatch.setattr(module, "MAX_EXPANSION", 100)
    assert len(read(data)) == 1
    monkeypatch.setattr(module, "FREE_EXPANSION_BYTES", 100)
    (broken,) = read(data)
    assert broken.message.endswith("column 0 expands more than 100 times")


@settings(max_examples=30)
@given(st.integers(0, 20), st.integers(1, 7), st.lists(st.integers(0, 2_000)), st.integers(1, 4))
def test_any_cutting_gives_the_same_records(count, group, cuts, batch):
    data = write(texts(*map(str, range(count))), group)
    bounds = itertools.pairwise([0, *sorted(cuts), None])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "MAX_BATCH_ROWS", batch)
        sliced = [record for b in bounds for record in read(data, *b)]
    assert sliced == read(data)
    assert [record.text for record in sliced] == list(map(str, range(count)))


@pytest.mark.heavy
def test_a_large_row_group_takes_little_memory(tmp_path):
    row = "some words of a longer text " * 400
    with pq.ParquetWriter(tmp_path / "a.parquet", pa.schema([("text", pa.string())])) as out:
        rows = [f"{i} {row}" for i in range(10_000)]
        out.write_table(texts(*rows), row_group_size=10_000)
    before = pa.total_allocated_bytes()
    peak = 0
    with (tmp_path / "a.parquet").open("rb") as file:
        for _ in read_parquet(file, ORIGIN):
            peak = max(peak, pa.total_allocated_bytes() - before)
    assert peak < 40 << 20


def test_real_file(real_data):
    fields = PLAIN._replace(text="content", url="", title="path")
    with (real_data / "github/github_repos-dev-000000000000.parquet").open("rb") as file:
        records = list(read_parquet(file, Origin("github", "a"), fields=fields))
    assert Counter(type(r).__name__ for r in records) == {"Document": 652, "Dropped": 1}


def test_sets_of_hugging_face_and_datatrove():
    day = datetime.datetime(2024, 5, 18, 1, 2, 3, tzinfo=datetime.UTC)
    rows = [
        {"text": "a", "id": 7, "date": day, "metadata": {"url": "http://u/", "n": 1.5}},
        {"text": "b", "id": 8, "date": None, "metadata": {"url": None, "n": None}},
        {"text": "c", "id": None, "date": day, "metadata": None},
    ]
    found = read(write(pa.Table.from_pylist(rows)))
    assert [(d.source_id, d.url, d.timestamp) for d in found] == [
        ("7", "http://u/", "2024-05-18T01:02:03+00:00"),
        ("8", "", ""),
        ("", "", "2024-05-18T01:02:03+00:00"),
    ]
    flat = pa.table({"text": ["a"], "metadata": ["{}"], "metadata.date": ["2024"]})
    (document,) = read(write(flat))
    assert (document.url, document.timestamp) == ("", "2024")
    (document,) = read(write(pa.table({"text": ["a"], "date": [day.date()]})))
    assert document.timestamp == "2024-05-18"


def test_keys_with_dots_and_keys_to_keep():
    rows = [
        {"c": {"body": "a", "x": 1}, "m": {"k": b"\x01", "d": Decimal("1.50")}, "l": ["p", None]},
        {"c": {"body": "b", "x": 2}, "m": None, "l": None},
    ]
    table = pa.Table.from_pylist(rows)
    fields = PLAIN._replace(text="c.body", keep=("m", "m.k", "l", "none"), source_id=("c.x",))
    one, two = read(write(table), fields=fields)
    assert (one.text, one.source_id, two.text, two.source_id) == ("a", "1", "b", "2")
    assert orjson.loads(one.extra) == {"m": {"k": "01", "d": "1.50"}, "m.k": "01", "l": ["p", None]}
    assert orjson.loads(two.extra) == {"m": None, "l": None}
    deep = PLAIN._replace(text="c.body", keep=("c.x", "c", "m.k.z", "m.k"))
    assert [orjson.loads(d.extra)["c"]["x"] for d in read(write(table), fields=deep)] == [1, 2]
    for missing in ("c.text", "d.text", "l.text", "c.body.text", "text"):
        (broken,) = read(write(table), fields=PLAIN._replace(text=missing))
        said = f"unreadable Parquet file: no column {missing}; the file has c, m, l"
        assert broken.message == said
