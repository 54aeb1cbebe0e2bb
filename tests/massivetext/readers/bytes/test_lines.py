import gzip
import io
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from massivetext.errors import RecordError
from massivetext.readers.bytes import lines
from massivetext.readers.bytes.lines import read_lines, split_lines


def readable(found):
    return [(o, str(x) if isinstance(x, RecordError) else x) for o, x in found]


def test_lines_with_offsets():
    assert list(read_lines(io.BytesIO(b"one\n\ntwo\nthree"))) == [
        (0, b"one"),
        (4, b""),
        (5, b"two"),
        (9, b"three"),
    ]
    assert list(read_lines(io.BytesIO(b""))) == []
    assert list(read_lines(io.BytesIO(b"\n"))) == [(0, b"")]


def test_offsets_of_compressed_files_count_expanded_bytes():
    file = io.BytesIO(gzip.compress(b"one\n") + gzip.compress(b"two"))
    assert list(read_lines(file)) == [(0, b"one"), (4, b"two")]
    assert list(read_lines(file, 1)) == []
    assert list(read_lines(file, 0, 1)) == [(0, b"one"), (4, b"two")]


@pytest.mark.parametrize("size", [9, 10])
def test_a_line_at_the_bound_is_read_and_one_beyond_is_an_error(monkeypatch, size):
    monkeypatch.setattr(lines, "MAX_LINE_BYTES", 9)
    monkeypatch.setattr(lines, "CHUNK_BYTES", 4)
    found = readable(read_lines(io.BytesIO(b"a\n" + b"b" * size + b"\nc")))
    middle = b"b" * 9 if size == 9 else "line of 10 bytes, more than 9"
    assert found == [(0, b"a"), (2, middle), (size + 3, b"c")]


def test_a_broken_stream_is_the_last_item_and_the_cut_line_is_none():
    data = gzip.compress(b"one\ntwo\n" + bytes(range(256)) * 10)
    *good, (offset, last) = readable(read_lines(io.BytesIO(data[:-20])))
    assert good[:2] == [(0, b"one"), (4, b"two")]
    assert last.startswith("gzip stream is cut short")
    assert offset >= 8


texts = st.lists(st.sampled_from([b"", b"\n", b"ab", b"c\n", b"\n\n", b"longer line\n"])).map(
    b"".join
)


@given(texts, st.lists(st.integers(0, 80)), st.integers(1, 7))
def test_any_cutting_gives_the_same_lines(text, cuts, block):
    whole = list(read_lines(io.BytesIO(text)))
    assert b"\n".join(line for _, line in whole) == text.removesuffix(b"\n")
    bounds = [0, *sorted(cuts), None]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lines, "CHUNK_BYTES", block)
        sliced = [
            line
            for start, end in itertools.pairwise(bounds)
            for line in read_lines(io.BytesIO(text), start, end)
        ]
    assert sliced == whole


@given(texts, st.integers(1, 5))
def test_lines_do_not_depend_on_the_chunks(text, size):
    chunks = [text[i : i + size] for i in range(0, len(text), size)]
    assert list(split_lines(iter(chunks))) == list(read_lines(io.BytesIO(text)))
