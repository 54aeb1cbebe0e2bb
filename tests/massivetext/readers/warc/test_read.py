"""Every record of an archive gives exactly one Record, whatever state the archive is in."""

import gzip
import io
import zlib
from pathlib import Path

import pytest
import zstandard
from fastwarc.stream_io import BrotliWriter
from fastwarc.warc import ArchiveIterator
from hypothesis import given
from hypothesis import strategies as st

from massivetext.document import Broken, Document, Dropped, Record
from massivetext.limits import MAX_HTML_BYTES, MAX_RECORD_BYTES
from massivetext.readers.warc.read import read_warc
from massivetext.reasons import Reason
from tests.massivetext.readers.warc.warc_files import (
    ORIGIN,
    PROSE,
    kinds,
    members,
    pages,
    read,
    record,
    response,
    urls,
)

HTML = ("Content-Type: text/html",)
FIVE = pages(5)

# Whole counters of every real archive; the sums are the records that SOURCES.md and fastwarc count.
REAL = {
    "web/archive-org-2008-aut-example.warc.gz": {
        "record_type": 561, "not_html": 120, "kept": 93, "http_status": 47, "empty": 1
    },
    "web/commoncrawl-2016-50-excerpt.warc.wet.gz": {"record_type": 1, "kept": 25},
    "web/commoncrawl-2020-08-resiliparse.warc.gz": {"record_type": 34, "kept": 16},
    "web/commoncrawl-2024-22-whirlwind.warc.gz": {"record_type": 3, "kept": 1},
    "web/commoncrawl-2024-22-whirlwind.warc.wat.gz": {"record_type": 2},
    "web/commoncrawl-2024-22-whirlwind.warc.wet.gz": {"record_type": 1, "kept": 1},
    "web/dolma-sample-0000.warc.gz": {"record_type": 24, "kept": 22, "not_html": 2},
    "web/postlight-fixture-pages.warc.gz": {"record_type": 144, "kept": 143},
    "web/robustness-commoncrawl-fragment3.warc.wet.gz": {"record_type": 1, "kept": 5},
    "web/robustness-single-gzip-member-commoncrawl-2016-50.warc.wet.gz": {
        "record_type": 1, "kept": 25
    },
    "web/warcdb-frontpages-2022.warc.gz": {
        "record_type": 5, "http_status": 2, "kept": 1, "not_html": 2
    },
    "extraction/fundus-news-dev.warc.gz": {"record_type": 72, "kept": 70, "empty": 1},
}  # fmt: skip


def read_file(path: Path) -> list[Record]:
    with path.open("rb") as file:
        return list(read_warc(file, ORIGIN))


@pytest.mark.parametrize("name", REAL)
def test_real_archives_give_every_record(real_data: Path, name: str) -> None:
    records = read_file(real_data / name)
    assert kinds(records) == REAL[name]
    assert len(records) == sum(1 for _ in ArchiveIterator(str(real_data / name), parse_http=False))


def test_every_real_archive_is_in_the_table(real_data: Path) -> None:
    there = {f"web/{path.name}" for path in (real_data / "web").iterdir()}
    assert there == {name for name in REAL if name.startswith("web/")}


def test_one_member_for_the_whole_file_reads_as_one_for_each_record(real_data: Path) -> None:
    by_record = read_file(real_data / "web/commoncrawl-2016-50-excerpt.warc.wet.gz")
    whole = "web/robustness-single-gzip-member-commoncrawl-2016-50.warc.wet.gz"
    assert read_file(real_data / whole) == by_record


def test_wget_writes_brackets_around_its_addresses(real_data: Path) -> None:
    found = urls(read_file(real_data / "web/dolma-sample-0000.warc.gz"))
    assert all(url.startswith("http") and not url.endswith(">") for url in found)


class Handle:
    """A file of a remote store: it can read, seek and tell, and has no descriptor."""

    def __init__(self, data: bytes) -> None:
        self._file = io.BytesIO(data)
        self.read, self.seek, self.tell = self._file.read, self._file.seek, self._file.tell


def blocks(data: bytes, size: int) -> list[bytes]:
    return [data[at : at + size] for at in range(0, len(data), size)]


@pytest.mark.parametrize(
    "data",
    [
        members(FIVE),
        gzip.compress(b"".join(FIVE)),
        members(blocks(b"".join(FIVE), 700)),  # as bgzip cuts: members begin anywhere
        members(FIVE) + bytes(1000),  # padding
        b"".join(FIVE).replace(b"WARC/1.0", b"WARC/0.18"),
        b"".join(FIVE).replace(b"WARC/1.0", b"WARC/0.17"),
        b"".join(FIVE).replace(b"WARC/1.0", b"WARC/1.1"),
        zstandard.compress(b"".join(FIVE)),
    ],
    ids=["by record", "whole", "any blocks", "padded", "0.18", "0.17", "1.1", "zstd"],
)
def test_all_ways_to_store_an_archive_read_alike(data: bytes) -> None:
    plain = read(b"".join(FIVE))
    assert kinds(plain) == {"kept": 5}
    assert read(data) == plain
    assert list(read_warc(Handle(data), ORIGIN)) == plain  # type: ignore[arg-type]


def test_a_document_has_what_its_record_says() -> None:
    page = b"<html lang=de><title> The\nbread </title><meta name=rating content=General>" + PROSE
    (found,) = read(response(page, "<http://a.example/x>"))
    assert isinstance(found, Document)
    assert found[:2] == (ORIGIN.document_id(0), "web")
    assert found.text == PROSE.decode()[3:-4]
    assert (found.url, found.timestamp) == ("http://a.example/x", "2020-02-03T04:05:06Z")
    assert (found.title, found.signals.rating) == ("The bread", "General")
    assert (found.signals.language, found.signals.status) == ("de", 200)


def test_only_the_first_slice_holds_records() -> None:
    assert list(read_warc(io.BytesIO(members(FIVE)), ORIGIN, start=1)) == []
    assert len(list(read_warc(io.BytesIO(members(FIVE)), ORIGIN, 0, 1))) == 5


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (record("warcinfo", b"software: x"), Reason.RECORD_TYPE),
        (record("request", b"GET / HTTP/1.1\r\n\r\n"), Reason.RECORD_TYPE),
        (record("metadata", b"via: x"), Reason.RECORD_TYPE),
        (record("revisit", b"HTTP/1.1 200 OK\r\n\r\n"), Reason.RECORD_TYPE),
        (record("continuation", b"<p>x"), Reason.RECORD_TYPE),
        (record("response", b"1.2.3.4", "Content-Type: text/dns"), Reason.RECORD_TYPE),
        (record("resource", b"a log", "Content-Type: text/plain"), Reason.NOT_HTML),
        (response(status="HTTP/1.1 404 Not Found"), Reason.HTTP_STATUS),
        (response(status="HTTP/1.1 199 x"), Reason.HTTP_STATUS),
        (response(status="HTTP/1.1 201 Created"), Reason.HTTP_STATUS),
        (response(b"User-agent: *", headers=["Content-Type: text/plain"]), Reason.NOT_HTML),
        (response(b"%PDF-1.4 <html>"), Reason.NOT_HTML),
        (response(b"no type, no page", headers=[]), Reason.NOT_HTML),
        (response(b""), Reason.EMPTY),
        (record("conversion", b" \r\n"), Reason.EMPTY),
    ],
)
def test_other_records_are_dropped_for_their_reason(data: bytes, reason: Reason) -> None:
    (found,) = read(data)
    assert isinstance(found, Dropped)
    assert found.reasons == (reason,)


@pytest.mark.parametrize(
    "data",
    [
        response(b"<!-- x --> <!DOCTYPE html><body>" + PROSE, headers=[]),
        response(headers=["content-type: Text/HTML;charset=utf-8"]),
        response(headers=["Content-Type: application/xhtml+xml"]),
        response(status="HTTP/2 200"),
        response().replace(b"\r\n", b"\n").replace(b"Length: ", b"Length:    "),
        record("resource", PROSE, "Content-Type: text/html"),
        record("conversion", PROSE[3:-4]),
        record("RESPONSE", b"HTTP/1.0 200\nContent-Type:\n text/html\n\n" + PROSE,
               "content-type: application/http"),
    ],
)  # fmt: skip
def test_pages_are_read_however_they_are_labelled(data: bytes) -> None:
    data = data if b"\r\n" in data else lengthen(data)
    (found,) = read(data)
    assert isinstance(found, Document)
    assert found.text == PROSE.decode()[3:-4]


def lengthen(data: bytes) -> bytes:
    """Returns a record with bare line feeds whose length is right again."""
    head, _, rest = data.partition(b"\n\n")
    lines = [line for line in head.split(b"\n") if not line.startswith(b"Content-Length")]
    size = len(rest.removesuffix(b"\n\n"))
    return b"\n".join([*lines, b"Content-Length: %d" % size, b"", rest])


def brotli(data: bytes) -> bytes:
    out = io.BytesIO()
    with BrotliWriter(out) as writer:
        writer.write(data)
    return out.getvalue()


def deflate(data: bytes) -> bytes:
    return zlib.compress(data)[2:-4]


@pytest.mark.parametrize(
    ("coding", "encode"),
    [
        ("gzip", gzip.compress),
        ("x-gzip", gzip.compress),
        ("gzip", bytes),  # decoded by the crawler, its field kept
        ("deflate", zlib.compress),
        ("deflate", deflate),
        ("br", brotli),
        ("zstd", zstandard.compress),
        ("identity", bytes),
        ("deflate, gzip", lambda data: gzip.compress(zlib.compress(data))),
    ],
)
def test_content_codings(coding: str, encode) -> None:  # type: ignore[no-untyped-def]
    (found,) = read(response(encode(PROSE), headers=[*HTML, f"Content-Encoding: {coding}"]))
    assert isinstance(found, Document)
    assert found.text == PROSE.decode()[3:-4]


@pytest.mark.parametrize("body", [b"\x1f\x8b broken", b"\xff\xff\xff\xff"])
@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd", "rot13"])
def test_a_body_that_cannot_be_decoded_is_no_page(coding: str, body: bytes) -> None:
    (found,) = read(response(body, headers=[*HTML, f"Content-Encoding: {coding}"]))
    assert not isinstance(found, Document) or coding == "gzip"


def test_chunks_are_joined() -> None:
    half = len(PROSE) // 2
    chunked = b"%x;a=b\r\n%b\r\n%X\r\n%b\r\n0\r\n\r\n" % (
        half, PROSE[:half], len(PROSE) - half, PROSE[half:]
    )  # fmt: skip
    coded = [*HTML, "Transfer-Encoding: chunked"]
    assert read(response(chunked, headers=coded)) == read(response(PROSE))
    assert read(response(PROSE, headers=coded)) == read(response(PROSE))  # joined by the crawler


def padded(size: int) -> bytes:
    return PROSE + b" " * (size - len(PROSE))


def test_a_page_is_read_up_to_its_bound() -> None:
    assert kinds(read(response(padded(MAX_HTML_BYTES)))) == {"kept": 1}
    assert kinds(read(response(padded(MAX_HTML_BYTES + 1)))) == {"too_large": 1}


def test_a_bomb_in_a_content_coding_is_too_large() -> None:
    bomb = gzip.compress(padded(3 * MAX_HTML_BYTES), 1)
    data = response(bomb, headers=[*HTML, "Content-Encoding: gzip"])
    assert kinds(read(data)) == {"too_large": 1}


def test_a_record_over_the_bound_is_left_out_and_the_next_is_read() -> None:
    head = len(response(b"", "http://a.example/big")) - 4
    for gz in (members, b"".join):
        big = response(bytes(MAX_RECORD_BYTES - head + 400), "http://a.example/big")
        assert kinds(read(gz([FIVE[0], big, FIVE[1]]))) == {"kept": 2, "too_large": 1}


@pytest.mark.heavy
def test_a_gzip_bomb_costs_no_memory(tmp_path: Path) -> None:
    import tracemalloc

    size = 3 << 30
    deflater = zlib.compressobj(wbits=31)
    head = response(b"").replace(b"Content-Length: 44", b"Content-Length: %d" % size)
    assert b"%d" % size in head
    with (tmp_path / "bomb.warc.gz").open("wb") as file:
        file.write(deflater.compress(head.removesuffix(b"\r\n\r\n")))
        for _ in range(size >> 20):
            file.write(deflater.compress(bytes(1 << 20)))
        file.write(deflater.flush() + members(FIVE))
    tracemalloc.start()
    assert kinds(read_file(tmp_path / "bomb.warc.gz"))["kept"] == 5
    assert tracemalloc.get_traced_memory()[1] < 64 << 20
    tracemalloc.stop()


def test_a_bomb_that_is_no_record_is_one_broken_record() -> None:
    data = gzip.compress(bytes(64 << 20), 1) + members(FIVE)
    assert kinds(read(data)) == {"broken": 1, "kept": 5}


@pytest.mark.parametrize("store", [members, b"".join, lambda five: gzip.compress(b"".join(five))])
@pytest.mark.parametrize("length", ["-5", "", "x", "1e3", "5", "9" * 9, "9" * 19, "9" * 50])
def test_a_wrong_length_costs_one_record(store, length: str) -> None:  # type: ignore[no-untyped-def]
    wrong = FIVE[2].split(b"Content-Length: ")
    data = wrong[0] + b"Content-Length: " + length.encode() + b"\r\n\r\n" + wrong[1][7:]
    found = read(store([*FIVE[:2], data, *FIVE[3:]]))
    if length == "5":  # what is in it is cut, and the rest belongs to no record
        assert kinds(found) == {"kept": 4, "broken": 2}
    elif len(length) == 9 or (len(length) == 19 and store(FIVE)[:2] == b"\x1f\x8b"):
        assert urls(found)[:2] == urls(read(b"".join(FIVE)))[:2]
        assert kinds(found)["broken"] == 1
    else:
        assert kinds(found) == {"kept": 4, "broken": 1}


def test_members_behind_a_record_that_claims_too_much_are_read() -> None:
    for claim in (b"9999", b"999999999", b"9" * 19):
        wrong = FIVE[1].replace(b"Content-Length: ", b"Content-Length: " + claim)
        assert kinds(read(members([FIVE[0], wrong, *FIVE[2:]]))) == {"kept": 4, "broken": 1}


@given(st.data())
def test_a_cut_archive_gives_what_was_whole_and_says_so(data: st.DataObject) -> None:
    store = data.draw(st.sampled_from([members, lambda five: gzip.compress(b"".join(five))]))
    whole = store(FIVE)
    cut = data.draw(st.integers(1, len(whole) - 1))
    found = read(whole[:cut])
    kept = [item for item in found if isinstance(item, Document)]
    assert kept == read(b"".join(FIVE))[: len(kept)]
    at_end = cut in {len(members(FIVE[:n])) for n in range(6)} and store is members
    assert [isinstance(item, Broken) for item in found[len(kept) :]] == ([] if at_end else [True])


def is_whole(member: bytes, page: bytes) -> bool:
    """Returns whether gzip's own reader finds no damage in a member."""
    try:
        return gzip.decompress(member) == page
    except (OSError, EOFError, zlib.error):
        return False


@given(st.integers(0, 4), st.data())
def test_a_damaged_member_costs_no_other(number: int, data: st.DataObject) -> None:
    parts = [gzip.compress(page, mtime=0) for page in FIVE]
    at = data.draw(st.integers(10, len(parts[number]) - 9))
    hit = bytearray(parts[number])
    hit[at] ^= data.draw(st.integers(1, 255))
    found = read(b"".join([*parts[:number], bytes(hit), *parts[number + 1 :]]))
    if is_whole(bytes(hit), FIVE[number]):  # bits behind the last code are nobody's
        assert kinds(found) == {"kept": 5}
        return
    intact = [page for n, page in enumerate(read(b"".join(FIVE))) if n != number]
    assert [item.text for item in found if isinstance(item, Document)] == [
        page.text for page in intact if isinstance(page, Document)
    ]
    assert kinds(found) == {"kept": 4, "broken": 1}
    (broken,) = (item for item in found if isinstance(item, Broken))
    assert f"at byte {len(b''.join(parts[:number]))}" in broken.message
    assert broken.position == number


def test_a_damaged_first_byte_costs_one_record() -> None:
    assert kinds(read(b"\0" + members(FIVE)[1:])) == {"broken": 1, "kept": 4}


@pytest.mark.parametrize("junk", [b"junk " * 50, b"\x1f\x8b\x08\0 false", bytes(9) + b"x"])
def test_junk_between_members_is_one_broken_record(junk: bytes) -> None:
    data = members(FIVE[:2]) + junk + members(FIVE[2:])
    assert kinds(read(data)) == {"kept": 5, "broken": 1}
    plain = b"".join(FIVE[:2]) + junk + b"\r\n" + b"".join(FIVE[2:])
    assert kinds(read(plain)) == {"kept": 5, "broken": 1}


def test_files_that_are_no_archives() -> None:
    assert read(b"") == []
    assert read(b"\r\n\r\n") == []
    assert kinds(read(b"hello world\n" * 1000)) == {"broken": 1}
    assert kinds(read(b"WARC/1.0\r\n" + b"x" * 200_000)) == {"broken": 1}
    assert kinds(read(response() + b"WARC/1.0\r\n")) == {"kept": 1, "broken": 1}
    assert kinds(read(record("response", b"hello", "Content-Type: application/http"))) == {
        "broken": 1
    }
    assert kinds(read(record("conversion", b"caf\xe9"))) == {"broken": 1}


def test_nul_characters_leave_the_text() -> None:
    assert [
        item.text for item in read(record("conversion", b"a\0b")) if isinstance(item, Document)
    ] == ["ab"]
    (found,) = read(response(PROSE.replace(b"salt", b"sa\0lt")))
    assert isinstance(found, Document)
    assert "\0" not in found.text


def test_a_page_over_a_bound_of_html_is_broken_with_its_message() -> None:
    (found,) = read(response(b"<p>" * 600_000))
    assert isinstance(found, Broken)
    assert "600000, more than 500000" in found.message.replace(" tags", "")


@given(st.binary(max_size=300))
def test_any_bytes_are_read_without_an_error(data: bytes) -> None:
    for file in (data, gzip.compress(data), b"WARC/1.0\r\n" + data, response(data)):
        assert all(isinstance(item, Document | Dropped | Broken) for item in read(file))
