import gzip
import io
import itertools
import json
from collections import Counter

import orjson
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from massivetext.document import Broken, Document, Dropped, Origin
from massivetext.errors import RecordError
from massivetext.readers.bytes import lines
from massivetext.readers.bytes.decompress import compression_of
from massivetext.readers.rows import jsonl, rows, scan
from massivetext.readers.rows.jsonl import read_jsonl
from massivetext.readers.rows.rows import COMMAND, PLAIN
from massivetext.reasons import Reason

ORIGIN = Origin("c4", "en/c4-train.json")


def read(data: bytes, *bounds, fields=PLAIN):
    return list(read_jsonl(io.BytesIO(data), ORIGIN, *bounds, fields=fields))


def line(**row) -> bytes:
    return json.dumps(row).encode() + b"\n"


def kinds(records) -> Counter:
    return Counter(
        r.reasons[0].value if isinstance(r, Dropped) else type(r).__name__ for r in records
    )


def test_a_line_is_a_document_with_the_offset_as_position():
    row = {"text": "Text.", "timestamp": "2019-04-25T12:57:54Z", "url": "http://a.org/"}
    first = line(**row)
    assert read(first + line(text="b")) == [
        Document(ORIGIN.document_id(0), "c4", *(row[k] for k in ("text", "url", "timestamp"))),
        Document(ORIGIN.document_id(len(first)), "c4", "b"),
    ]


def test_the_two_forms_of_c4_timestamps_stay_as_written():
    forms = "2019-04-25T12:57:54Z", "2019-04-25 12:57:54"
    records = read(b"".join(line(text="a", timestamp=form) for form in forms))
    assert tuple(record.timestamp for record in records) == forms


def test_other_keys():
    (record,) = read(line(text="a", date="2015-09-12", title="T"))
    assert record[2:7] == ("a", "", "2015-09-12", "T", record.signals)
    (record,) = read(line(text="a", date="2015-09-12", timestamp="2016-01-01"))
    assert record.timestamp == "2016-01-01"
    data = line(id=7, source="news", text="a") + line(text="a")
    named, unnamed = read(data, fields=COMMAND)
    assert (named.id, named.source) == ("7", "news")
    assert unnamed.id == ORIGIN.document_id(data.index(b"\n") + 1)


@pytest.mark.parametrize("newline", [b"\n", b"\r\n"])
def test_blank_lines_are_no_records_and_the_last_newline_is_free(newline):
    row = b'{"text":"a"}'
    mark = b"\xef\xbb\xbf"
    data = newline.join((mark + row, b"", b"  ", row, mark, mark + row))
    assert [record.text for record in read(data)] == ["a", "a", "a"]
    assert read(b"") == read(newline * 3) == []


BROKEN = {
    b'{"text":"cut of': "invalid JSON",
    b'{"text":"\xff"}': "invalid JSON under key 'text'",
    b'{"text":"\\x"}': "invalid JSON under key 'text': Invalid \\escape",
    b"[" * 100_000: "invalid JSON: depth limit",
    b'{"a":' * 100_000: "invalid JSON: depth limit",
    b'{"text":"a"}["b"]': "invalid JSON: ",
    b'{"text":"a"}"b"': "invalid JSON: ",
    b'{"text":"a", "m": [1, {}': "invalid JSON: ",
    b'{"text":"a", "m": }': "invalid JSON: ",
    b'{"text":"a" "m": 1}': "invalid JSON: ",
    b'{text:"a"}': "invalid JSON: ",
    b"12": "not an object with keys",
    b'["text"]': "not an object with keys",
    b"{}": "no key 'text'",
    b'{"m":NaN}': "no key 'text'",
    b'{"text":["a"]}': "key 'text' holds no text but list",
    b'{"text":12.5}': "key 'text' holds no text but float",
}


def test_objects_in_one_line_are_records_of_their_own_until_one_is_none():
    data = b'\xef\xbb\xbf{"text":"a"}\xef\xbb\xbf {"text":"b"}{}{"text":"c"} x\n{"text":"d"}'
    found = [(r.id.position, r.text) if isinstance(r, Document) else r[1:] for r in read(data)]
    assert found[:2] == [(0, "a"), (19, "b")]
    assert found[2] == (31, "no key 'text'; the row is empty")
    assert found[3] == (33, "invalid JSON: more than one value, at byte 43")
    assert found[4:] == [(48, "d")]


@pytest.mark.parametrize("bad", BROKEN)
def test_a_bad_line_is_broken_and_the_next_one_is_read(bad):
    good, broken, last = read(b'{"text":"a"}\n' + bad + b'\n{"text":"b"}')
    assert (good.text, last.text) == ("a", "b")
    assert isinstance(broken, Broken)
    assert broken[:2] == (ORIGIN.path, 13)
    assert broken.message.startswith(BROKEN[bad])
    assert len(broken.message) < 200


NOT_READ = [
    b"NaN", b"-Infinity", b"1e999", b"9" * 5_000, b'"\xff"', b'"\\ud800"', b'"\t\x00"', b"{bad}",
    b"[" * 5_000 + b"]" * 5_000, b'{"a":' * 2_000 + b"1" + b"}" * 2_000, b'["\\"]}", {"\\\\": 1}]',
]  # fmt: skip


@pytest.mark.parametrize("value", NOT_READ)
def test_a_value_that_is_not_read_costs_nothing(value):
    for row in (b'{"n":%s,"text":"a","url":"u"}', b'{"text":"a","url":"u" , "n" : %s }'):
        (record,) = read(row % value)
        assert record[2:4] == ("a", "u")


OPTIONAL = {
    b"null": "", b"1556197074": "1556197074", b"1700000000.5": "1700000000.5", b"1e3": "1000",
    b"NaN": "", b"1e999": "", b"true": "", b'["A","B"]': "", b'["A"]': "A", b'{"$date":"x"}': "",
    b"[" * 3_000 + b"]" * 3_000: "", b'"\xff"': "", b'"T\\ud83d"': "T\ufffd", b"9" * 5_000: "",
}  # fmt: skip


@pytest.mark.parametrize("value", OPTIONAL)
@pytest.mark.parametrize("key", ["url", "timestamp", "title"])
def test_an_optional_key_of_any_type_costs_nothing(key, value):
    (record,) = read(b'{"text":"a","%s":%s}' % (key.encode(), value))
    assert (record.text, getattr(record, key)) == ("a", OPTIONAL[value])


@pytest.mark.parametrize("value", [b"null", b"NaN", b'""'])
def test_null_text_is_empty(value):
    (record,) = read(b'{"text":%s,"url":"u"}' % value)
    assert record == Dropped(Document(ORIGIN.document_id(0), "c4", "", "u"), (Reason.EMPTY,))


def test_half_a_character_becomes_one_and_a_pair_stays():
    (record,) = read(b'{"text":"a \\ud83d b \\ud83d\\ude00 \\udc00"}')
    assert record.text == "a \ufffd b \U0001f600 \ufffd"


@given(
    st.dictionaries(
        st.text(max_size=3) | st.just("text"),
        st.recursive(
            st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
            lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=3), inner),
            max_leaves=8,
        ),
        max_size=5,
    ),
    st.sampled_from([2, 3, 4, 7, 1 << 20]),
    st.sampled_from([None, 2]),
)
def test_the_scanner_reads_what_a_parser_reads(row, step, indent):
    data = json.dumps(row, indent=indent).encode()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(scan, "_STEP", step)
        found, _ = scan.scan_object(data, set(row))
    assert set(found) == set(row)
    for key, value in found.items():
        assert isinstance(value, RecordError) or repr(value) == repr(row[key])
        with pytest.raises(RecordError):
            scan.scan_object(data[:-1], {key})


def test_members_that_cannot_be_stepped_over_are_bounded(monkeypatch):
    monkeypatch.setattr(scan, "_MAX_MEMBERS", 3)
    deep = b"[[[[[]]]]]"
    row = b'{"text":"a","b":1,%b"c":NaN}'
    (record,) = read(row % (b'"d":%b,' % deep))
    assert record.text == "a"
    (record,) = read(row % (b'"d":%b,' % deep * 4))
    assert record.message.startswith("invalid JSON")


def test_a_long_line_is_scanned_for_its_keys(monkeypatch):
    monkeypatch.setattr(jsonl, "SMALL_BYTES", 10)
    data = line(id=1, text="a" * 20, m=[{"": 1}], title=["T"]) + b'{"text": "a", "m": [[]'
    record, broken = read(data)
    assert (record.text, record.title) == ("a" * 20, "T")
    assert broken.message == "invalid JSON: the line ends inside a value"


def test_nul_characters_go_from_every_text():
    (record,) = read(b'{"text":"a\\u0000b","url":"h\\u0000"}')
    assert record[2:4] == ("ab", "h")


@pytest.mark.parametrize("text", ["", " \n\t\u00a0"])
def test_text_without_a_word_is_dropped_as_empty(text):
    (record,) = read(line(text=text, url="u"))
    assert record == Dropped(Document(ORIGIN.document_id(0), "c4", text, "u"), (Reason.EMPTY,))


@pytest.mark.parametrize(("text", "kept"), [("ää", True), ("ääa", False)])
def test_text_at_the_bound_is_kept_and_one_byte_more_is_dropped(monkeypatch, text, kept):
    monkeypatch.setattr(rows, "MAX_DOCUMENT_BYTES", 4)
    (record,) = read(line(text=text))
    assert isinstance(record, Document if kept else Dropped)
    assert kept or record[1] == (Reason.TOO_LARGE,)


def test_five_megabytes_in_a_line_are_fine_and_a_line_beyond_the_bound_is_broken(monkeypatch):
    long = line(text="word " * 1_000_000)
    assert [len(r.text) for r in read(long + line(text="a"))] == [5_000_000, 1]
    monkeypatch.setattr(lines, "MAX_LINE_BYTES", 5_000_000)
    broken, after = read(long + line(text="a"))
    assert broken.message == f"line of {len(long) - 1} bytes, more than 5000000"
    assert after == Document(ORIGIN.document_id(len(long)), "c4", "a")


@pytest.mark.parametrize("compress", [gzip.compress, zstandard.ZstdCompressor().compress])
def test_compressed_files_give_the_same_records(compress):
    data = line(text="a") + b"{\n" + line(text="b")
    assert read(compress(data)) == read(data)
    assert read(compress(data), 1, None) == []


def test_a_gzip_file_cut_short_gives_its_lines_and_one_broken():
    data = b"".join(line(text=f"text number {i}") for i in range(20_000))
    packed = gzip.compress(data)
    *documents, broken = read(packed[: len(packed) // 2])
    assert documents == read(data)[: len(documents)]
    assert len(documents) > 8_000
    assert isinstance(broken, Broken)
    assert broken.message.startswith("gzip stream is cut short at byte")


@given(
    st.lists(st.sampled_from([line(text="a"), line(text=""), b"{\n", b"\n", b"1"]), max_size=20),
    st.lists(st.integers(0, 300)),
)
def test_any_cutting_gives_the_same_records(parts, cuts):
    data = b"".join(parts)
    bounds = itertools.pairwise([0, *sorted(cuts), None])
    assert [record for b in bounds for record in read(data, *b)] == read(data)


@given(st.binary(max_size=200))
def test_any_bytes_give_one_record_a_line(data):
    lines_of_text = [part for part in data.split(b"\n") if part and not part.isspace()]
    if not compression_of(data[:4]) and b"\xef" not in data:  # no byte order mark
        assert len(read(data)) == len(lines_of_text)


REAL = {
    "c4/c4-train.sample-dev.json.gz": ("c4", PLAIN, {"Document": 504}),
    "news/wikinews-gum-dev.jsonl": ("news", PLAIN, {"Document": 6}),
    "neardup/gutenberg-editions-dev.jsonl.gz": ("books", PLAIN, {"Document": 90}),
    "safety/safety-text-dev.jsonl.gz": ("web", COMMAND, {"Document": 5208}),
    "langid/udhr2-dev.jsonl.gz": ("web", PLAIN, {"Document": 122}),
}


@pytest.mark.parametrize("path", REAL)
def test_real_files(real_data, path):
    source, fields, expected = REAL[path]
    data = (real_data / path).read_bytes()
    records = list(read_jsonl(io.BytesIO(data), Origin(source, path), fields=fields))
    assert kinds(records) == expected
    plain = gzip.decompress(data) if path.endswith(".gz") else data
    texts = [orjson.loads(row)["text"] for row in plain.splitlines()]
    assert [record.text for record in records] == texts
    assert len({record.id for record in records}) == len(records)
    assert {record.source for record in records} == {source}


def test_real_news_has_url_date_and_title(real_data):
    with (real_data / "news/wikinews-gum-dev.jsonl").open("rb") as file:
        first = next(read_jsonl(file, Origin("news", "a")))
    assert first.url.startswith("https://en.wikinews.org/wiki/")
    assert (first.timestamp, first.title[:17]) == ("2015-09-12", "At least 107 kill")


@pytest.mark.heavy
def test_a_large_gzip_file_takes_little_memory(tmp_path):
    import tracemalloc

    row = line(text="some words of a longer text " * 100)
    with gzip.open(tmp_path / "a.json.gz", "wb", 1) as out:
        for _ in range(100_000_000 // len(row)):
            out.write(row)
    tracemalloc.start()
    with (tmp_path / "a.json.gz").open("rb") as file:
        count = sum(1 for _ in read_jsonl(file, ORIGIN))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 100_000_000 // len(row)
    assert peak < 4 << 20


def test_rows_of_other_tools_are_read_as_they_are():
    datatrove = b'{"text": "a", "id": "x/1", "metadata": {"url": "http://u/", "date": "2024"}}\n'
    dolma = (
        b'{"id": "9", "text": "b", "source": "s", "added": "2023", "created": "2021",'
        b' "metadata": {"n": 1}}\n'
    )
    hugging_face = b'{"text": "c", "id": 7, "url": "http://v/", "date": "2020", "dump": "CC"}\n'
    odd = (
        b'{"text": "d", "id": {"$oid": "1"}, "metadata": "text", "created": null}\n'
        b'{"text": "e", "id": true, "metadata": {"url": ["a"], "date": {}}, "created": 1.5}\n'
        b'{"text": "f", "id": [], "created": false, "added": 1700000000}\n'
    )
    found = read(datatrove + dolma + hugging_face + odd)
    assert [(d.text, d.source_id, d.url, d.timestamp) for d in found] == [
        ("a", "x/1", "http://u/", "2024"),
        ("b", "9", "", "2021"),
        ("c", "7", "http://v/", "2020"),
        ("d", "", "", ""),
        ("e", "", "", ""),
        ("f", "", "", "1700000000"),
    ]
    assert {d.source for d in found} == {ORIGIN.source}


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("null", "key 'n' holds nothing, where every row must have a text or number"),
        ('""', "key 'n' holds nothing, where"),
        ("true", "key 'n' holds no text, where"),
        ("[1, 2]", "key 'n' holds a list, where"),
        ('{"a": 1}', "key 'n' holds an object, where"),
        ("NaN", "key 'n' holds no number, where"),
    ],
)
def test_a_key_that_every_row_must_have_says_what_stands_there(value, said):
    fields = PLAIN._replace(source_id=("n",), required=("n",))
    (found,) = read(f'{{"text": "a", "n": {value}}}'.encode(), fields=fields)
    assert found.message.startswith(said)
    for good in ('"x"', "0", "7", "1.5", "[3]"):
        (found,) = read(f'{{"text": "a", "n": {good}}}'.encode(), fields=fields)
        assert isinstance(found, Document), good


def test_keys_with_dots_and_keys_to_keep():
    fields = PLAIN._replace(
        text="a.b", source_id=("m.id",), keep=("m", "licence", "a.c"), required=("m.id",)
    )
    rows = (
        b'{"a.b": "flat", "m": {"id": 1}, "a": {"b": "deep"}}\n'
        b'{"a": {"b": "deep", "c": [1.5, null]}, "m": {"id": "x"}, "licence": "mit"}\n'
        b'{"a": {"b": "deep"}, "m": {}}\n{"a": "b", "m": {"id": 2}}\n'
    )
    flat, deep, without, other = read(rows, fields=fields)
    assert (flat.text, flat.source_id, json.loads(flat.extra)) == ("flat", "1", {"m": {"id": 1}})
    assert (deep.text, deep.source_id) == ("deep", "x")
    assert json.loads(deep.extra) == {"m": {"id": "x"}, "licence": "mit", "a.c": [1.5, None]}
    assert without.message == "no key 'm.id'; the row has a, m"
    assert other.message == "no key 'a.b'; the row has a, m"
    deepest = b'{"text": "a", "m": ' + b"[" * 500 + b"]" * 500 + b"}\n"
    (broken,) = read(deepest, fields=PLAIN._replace(keep=("m",)))
    assert broken.message.startswith("keys to keep cannot be written as JSON")


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        (b'"half \\ud83d"', "half \ufffd"), (b'{"\\udc00": [1e999]}', {"\ufffd": [None]}),
        (b"NaN", None),
        (b"9" * 30, "9" * 30), (b"-" + b"9" * 30, "-" + "9" * 30), (b"%d" % (2**64 - 1), 2**64 - 1),
        (b'["\\u0000a", 1.5, true]', ["\0a", 1.5, True]),
    ],
)  # fmt: skip
def test_what_json_can_hardly_write_is_kept_all_the_same(value: bytes, kept: object):
    row = b'{"text": "half \\ud83d", "m": %b}\n' % value
    (document,) = read(row, fields=PLAIN._replace(keep=("m",)))
    assert document.text == "half \ufffd"
    assert json.loads(document.extra)["m"] == kept


def test_keys_with_dots_are_found_in_lines_of_any_size():
    row = b'{"metadata": {"url": "u", "x": NaN}, "a": {"b": "text"}, "m": {"id": 1}, "p": "%b"}\n'
    fields = PLAIN._replace(text="a.b", source_id=("m.id",), keep=("m",))
    for padding in (b"", b"x" * (2 << 20)):
        (document,) = read(row % padding, fields=fields)
        assert (document.text, document.url, document.source_id) == ("text", "u", "1")
        assert json.loads(document.extra) == {"m": {"id": 1}}
