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
from massivetext.errors import RecordError
from massivetext.readers.rows import parquet as module
from massivetext.readers.rows.footer import dictionary_bytes, read_groups
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


TEXT_TYPES = [
    pa.binary(), pa.large_binary(), pa.string_view(), pa.binary_view(), pa.binary(4),
    pa.dictionary(pa.int8(), pa.large_string()), pa.dictionary(pa.int32(), pa.binary()),
]  # fmt: skip


@pytest.mark.parametrize("type_", TEXT_TYPES)
@pytest.mark.parametrize("dictionary", [True, False])
def test_every_kind_of_bytes_is_text(type_, dictionary):
    array = pa.array([b"caf\xc3", b"good", None, b"good"], pa.binary()).cast(pa.binary(4))
    is_string = pa.types.is_string_view(type_) or "string" in str(type_)
    array = pa.array([None if is_string else b"caf\xc3", b"good", None, b"good"], pa.binary())
    first, *rest = read(write(pa.table({"text": array.cast(type_)}), use_dictionary=dictionary))
    assert isinstance(first, Dropped if is_string else Broken)
    assert [r.text for r in rest if isinstance(r, Document)] == ["good", "good"]
    assert rest[1] == Dropped(Document(ORIGIN.document_id(2), "books", ""), (Reason.EMPTY,))


def test_rows_that_are_no_document():
    table = pa.table({"text": pa.array([b"good", b"\xff", b"", b"a\0b", None])})
    unchecked = pa.StringArray.from_buffers(
        5, *table.column("text").chunk(0).buffers()[1:], table.column("text").chunk(0).buffers()[0]
    )
    for stored in (table, pa.table({"text": unchecked})):
        for dictionary in (True, False):
            data = write(stored, use_dictionary=dictionary)
            good, invalid, empty, nul, null = read(data)
            assert (good.text, nul.text) == ("good", "ab")
            assert (invalid.position, invalid.message[:13]) == (1, "invalid UTF-8")
            assert empty == Dropped(Document(ORIGIN.document_id(2), "books", ""), (Reason.EMPTY,))
            assert null == Dropped(Document(ORIGIN.document_id(4), "books", ""), (Reason.EMPTY,))


OTHERS = {
    "2**62 microseconds": (pa.array([2**62]).view(pa.timestamp("us")), ""),
    "a time zone that is none": (
        pa.array([0]).view(pa.timestamp("s", "No/Where")),
        "1970-01-01T00:00:00",
    ),
    "a time zone": (pa.array([0]).view(pa.timestamp("ms", "Asia/Tokyo")), "1970-01-01T00:00:00"),
    "nanoseconds": (pa.array([1]).view(pa.timestamp("ns")), "1970-01-01T00:00:00"),
    "a date": (pa.array([1], pa.int32()).view(pa.date32()), "1970-01-02"),
    "a date far away": (pa.array([2**31 - 1], pa.int32()).view(pa.date32()), ""),
    "a duration": (pa.array([2**62]).view(pa.duration("us")), ""),
    "a time": (pa.array([-5]).view(pa.time64("us")), ""),
    "a float": (pa.array([1.5]), "1.5"),
    "a decimal": (pa.array(["1.50"]).cast(pa.decimal128(5, 2)), "1.50"),
    "a list": (pa.array([["A", "B"]]), ""),
    "a list of one": (pa.array([["A"]]), "A"),
    "a list of lists": (pa.array([[["A"]]]), ""),
    "a struct": (pa.array([{"a": 1}]), ""),
    "nothing": (pa.nulls(1), ""),
    "bytes": (pa.array([b"\xff"]), ""),
    "JSON": (pa.array(['"a"'], pa.json_()), '"a"'),
}


@pytest.mark.parametrize("kind", OTHERS)
@pytest.mark.parametrize("key", ["timestamp", "title", "other"])
def test_an_optional_column_of_any_type_costs_nothing(kind, key):
    column, expected = OTHERS[kind]
    (record,) = read(write(pa.table({"text": ["a"], key: column})))
    assert record.text == "a"
    assert getattr(record, key, expected) == expected


def test_a_text_column_of_numbers_is_named_once():
    (broken,) = read(write(pa.table({"text": [1, 2, 3]})))
    assert broken.message == "unreadable Parquet file: column text holds no text but int64"
    assert len(read(write(pa.table({"text": pa.nulls(3)})))) == 3


def test_a_column_that_is_named_twice_is_not_read():
    table = pa.Table.from_arrays([pa.array(["a"])] + [pa.array(["x"])] * 2, ["text", "url", "url"])
    (record,) = read(write(table))
    assert record[2:4] == ("a", "")


def test_rows_that_point_to_one_long_value_are_bounded(monkeypatch):
    data = write(texts(*["a" * 1_000] * 20), 100)
    assert [len(record.text) for record in read(data)] == [1_000] * 20
    monkeypatch.setattr(module, "FREE_COLUMN_BYTES", 5_000)
    monkeypatch.setattr(module, "MAX_EXPANSION", 0)
    *documents, broken = read(data)
    assert [record.id for record in documents] == [ORIGIN.document_id(i) for i in range(5)]
    assert (broken.position, broken.message[:23]) == (5, "unreadable row group 0:")


def test_rows_beyond_what_bytes_can_hold_are_one_broken(monkeypatch):
    monkeypatch.setattr(module, "FREE_ROWS", 10)
    monkeypatch.setattr(module, "MAX_ROWS_PER_BYTE", 1)
    data = write(texts(*[""] * 1_000), 1_000)
    packed = pq.ParquetFile(io.BytesIO(data)).metadata.row_group(0).column(0).total_compressed_size
    (broken,) = read(data)
    assert broken.message.endswith(f"1000 rows in {packed} bytes, more than 1 a byte")
    assert len(read(write(texts(*[""] * (10 + 50)), 1_000))) == 60


def test_few_rows_are_decoded_at_a_time_where_one_may_hold_most(monkeypatch):
    table = texts(*["a"] * 40, "b" * 10_000)
    expected = read(write(table, 100))
    monkeypatch.setattr(module, "LARGE_GROUP_BYTES", 1_000)
    data = write(table, 100, use_dictionary=False, compression="none")
    assert read(data) == expected
    (group,) = read_groups(io.BytesIO(data))
    assert module._batch_rows(group, group.chunks) == module.LARGE_GROUP_ROWS


@pytest.mark.parametrize("statistics", [True, False])
@pytest.mark.parametrize("dictionary", [True, False])
def test_the_footer_is_read_as_pyarrow_reads_it(statistics, dictionary):
    table = pa.table({"text": ["a", "b", "c"] * 9, "n": range(27), "s": [{"x": 1, "y": [2]}] * 27})
    data = write(table, 10, write_statistics=statistics, use_dictionary=dictionary)
    metadata = pq.ParquetFile(io.BytesIO(data)).metadata
    for number, group in enumerate(read_groups(io.BytesIO(data))):
        theirs = metadata.row_group(number)
        assert group[:2] == (theirs.num_rows, theirs.total_byte_size)
        for index, chunk in enumerate(group.chunks):
            column = theirs.column(index)
            first = column.dictionary_page_offset or column.data_page_offset
            assert chunk == (
                column.path_in_schema,
                column.total_uncompressed_size,
                column.total_compressed_size,
                first,
                column.has_dictionary_page,
                False,
            )


def test_values_that_repeat_beginnings_are_decoded_few_at_a_time():
    values = ["x" * 1_000 + str(number) for number in range(2_000)]
    options = {"use_dictionary": False, "column_encoding": {"text": "DELTA_BYTE_ARRAY"}}
    data = write(texts(*values), 2_000, **options)
    (group,) = read_groups(io.BytesIO(data))
    (chunk,) = group.chunks
    assert chunk.has_prefixes
    assert module._batch_rows(group, [chunk]) == module.MAX_BATCH_ROWS
    long = chunk._replace(uncompressed=module.LARGE_GROUP_BYTES // 7)
    assert module._batch_rows(group, [long, chunk]) == 7
    assert module._batch_rows(group, [long._replace(uncompressed=1 << 40)]) == 1
    assert [record.text for record in read(data)] == values


@settings(max_examples=300)
@given(st.data())
def test_no_damaged_footer_ends_more_than_its_file(data):
    whole = bytearray(write(texts("a", "b", None, url=["u", "v", "w"]), 2))
    size = int.from_bytes(whole[-8:-4], "little") + 8
    for _ in range(data.draw(st.integers(1, 3))):
        whole[-data.draw(st.integers(1, size))] = data.draw(st.integers(0, 255))
    assert all(isinstance(r, Document | Dropped | Broken) for r in read(bytes(whole)))


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
    second = read_groups(io.BytesIO(bytes(data)))[1]
    middle = second.offset() + second.chunks[0].compressed // 2
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
    assert "column text expands " in broken.message
    monkeypatch.setattr(module, "FREE_EXPANSION_BYTES", 16 << 20)
    assert len(read(data)[0].text) == 1_000_000
    monkeypatch.setattr(module, "FREE_COLUMN_BYTES", 100)
    assert "column text expands " in read(data)[0].message


@settings(max_examples=30)
@given(st.integers(0, 20), st.integers(1, 7), st.lists(st.integers(0, 2_000)), st.integers(1, 4))
def test_any_cutting_gives_the_same_records(count, group, cuts, batch):
    data = write(pa.table({"text": pa.array(list(map(str, range(count))), pa.string())}), group)
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
        ("7", "http://u/", "2024-05-18T01:02:03"),
        ("8", "", ""),
        ("", "", "2024-05-18T01:02:03"),
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


def test_a_long_value_in_structures_that_rows_point_to_is_bounded(monkeypatch):
    rows = [{"c": {"body": "a" * 1_000, "n": i}, "m": {"k": "b" * 500}} for i in range(20)]
    data = write(pa.Table.from_pylist(rows), 100)
    fields = PLAIN._replace(text="c.body", keep=("m",))
    expected = [("a" * 1_000, "b" * 500)] * 20
    found = [(d.text, orjson.loads(d.extra)["m"]["k"]) for d in read(data, fields=fields)]
    assert found == expected
    monkeypatch.setattr(module, "FREE_COLUMN_BYTES", 4_500)
    monkeypatch.setattr(module, "MAX_EXPANSION", 0)
    *documents, broken = read(data, fields=fields)
    assert [len(document.text) for document in documents] == [1_000] * 3
    assert (broken.position, broken.message[:23]) == (3, "unreadable row group 0:")


def test_kept_columns_have_any_type_and_others_only_those_that_are_read():
    odd = pa.table({
        "text": ["a"], "title": pa.array([{"x": 1}]), "m": pa.array([[{"x": 1.5}, None]]),
        "w": pa.array([[("k", b"\x02")]], pa.map_(pa.string(), pa.binary())),
        "far": pa.array([1 << 62], pa.timestamp("ms")),
    })  # fmt: skip
    (document,) = read(write(odd), fields=PLAIN._replace(keep=("m", "w", "far")))
    assert (document.text, document.title) == ("a", "")
    kept = {"m": [{"x": 1.5}, None], "w": [["k", "02"]], "far": None}
    assert orjson.loads(document.extra) == kept


@pytest.mark.parametrize(("length", "shared"), [(1_000, False), (7 << 20, False), (33 << 20, True)])
def test_large_values_of_dictionaries_are_not_spread_out(monkeypatch, length, shared):
    """Few rows at a time, or their places alone, whatever a page of places points to."""
    batches = []
    batch_rows = module._batch_rows
    monkeypatch.setattr(
        module, "_batch_rows", lambda *a: batches.append(batch_rows(*a)) or batches[-1]
    )
    values = ["ab" * (length // 2) + end for end in "xyx"]
    data = write(texts(*values), 3, compression="none")
    (group,) = read_groups(io.BytesIO(data))
    (chunk,) = group.chunks
    size = dictionary_bytes(io.BytesIO(data), chunk)
    assert size == 2 * (length + 1 + 4)  # two values, and their lengths
    assert [record.text for record in read(data)] == values
    expected = batch_rows(group, [chunk], size)
    assert batches == [expected]
    assert shared or expected * size <= max(module.LARGE_GROUP_BYTES, size)


def test_a_dictionary_that_cannot_be_told_is_not_spread_out():
    data = bytearray(write(texts("a", "b", "a"), 3))
    (group,) = read_groups(io.BytesIO(data))
    (chunk,) = group.chunks
    assert module._largest(io.BytesIO(data), [chunk]) == dictionary_bytes(io.BytesIO(data), chunk)
    for wrong in (chunk._replace(offset=0), chunk._replace(offset=len(data))):
        with pytest.raises(RecordError):
            dictionary_bytes(io.BytesIO(data), wrong)
        assert module._largest(io.BytesIO(data), [wrong]) > module.SHARED_BYTES
    assert module._largest(io.BytesIO(data), [chunk._replace(has_dictionary=False)]) == 0
