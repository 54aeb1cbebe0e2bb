"""Headers of any size are read up to the bound; what has no end costs one record and no squares."""

import gzip
import re
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from massivetext.limits import MAX_HEADER_BYTES
from massivetext.readers.bytes.decompress import Piece
from massivetext.readers.warc.frames import Window
from tests.massivetext.readers.warc.warc_files import kinds, pages, read, record, response

LINES = ("WARC/1.0\n", "WARC/1.1\r\n", "a: b\r\n", "b\n", "\n", "\r\n", "\r", "WARC/1.0")


@given(st.lists(st.sampled_from(LINES), max_size=60), st.integers(1, 40), st.integers(1, 90))
def test_the_headers_found_are_those_that_end_within_the_bound(
    lines: list[str], limit: int, piece_bytes: int
) -> None:
    data = "".join(["WARC/1.0\n", *lines]).encode()
    pieces = [data[at : at + piece_bytes] for at in range(0, len(data), piece_bytes)]
    first, *rest = [Piece(piece, at == 0, "", 0, None) for at, piece in enumerate(pieces)]
    assert list(heads(Window(first, iter(rest)), limit)) == list(defined_heads(data, limit))


def heads(window: Window, limit: int) -> Iterator[bytes]:
    while window.has(1):
        head = window.take_head(limit)
        if head is None:
            window.skip_endless(limit)
        else:
            yield head
        window.skip_to_record()


def defined_heads(data: bytes, limit: int) -> Iterator[bytes]:
    """Yields the same by trying every line that may begin a record."""
    end = 0
    for mark in re.finditer(rb"(?:\A|(?<=\n))WARC/1\.[01]\r?\n", data):
        found = re.compile(rb"\r?\n\r?\n").search(data, mark.start(), mark.start() + limit)
        if found and mark.start() >= end:
            yield data[mark.start() : found.start()]
            end = found.end()


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
@pytest.mark.parametrize("line", ["WARC/1.0\r\n", "WARC/1.1\nX: y\n", "X: y\r\n", "x" * 99 + "\n"])
def test_lines_without_an_end_cost_one_record(line: str, pack: type[bytes]) -> None:
    endless = b"WARC/1.0\r\n" + line.encode() * (5 * MAX_HEADER_BYTES // len(line))
    found = read(pack(b"".join([*pages(2), endless, *pages(3)])))
    assert kinds(found) == {"kept": 5, "broken": 1}


@pytest.mark.parametrize(("bytes_over", "found"), [(0, {"kept": 2}), (1, {"broken": 1, "kept": 1})])
def test_the_bound_of_a_header(bytes_over: int, found: dict[str, int]) -> None:
    """Its empty line counts."""
    page = response()
    size = page.index(b"\r\n\r\n") + 4
    filler = b"\r\nX: " + b"x" * (MAX_HEADER_BYTES - size - 5 + bytes_over)
    long = page.replace(b"\r\n", filler + b"\r\n", 1)
    assert long.index(b"\r\n\r\n") + 4 == MAX_HEADER_BYTES + bytes_over
    assert kinds(read(long + page)) == found


def test_a_record_among_endless_headers_is_found() -> None:
    """Its own header ends within the bound of where it begins, whatever stands before."""
    info = record("warcinfo", b"x")
    endless = b"WARC/1.0\r\n" * (2 * MAX_HEADER_BYTES // 10)
    found = read(endless + b"x" * MAX_HEADER_BYTES + b"\r\n" + response() + info)
    assert kinds(found) == {"broken": 1, "kept": 1, "record_type": 1}
