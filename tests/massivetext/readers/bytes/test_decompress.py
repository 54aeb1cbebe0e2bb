import bz2
import gzip
import io
import zlib

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from massivetext import limits
from massivetext.errors import RecordError
from massivetext.readers.bytes import decompress
from massivetext.readers.bytes.decompress import compression_of, expand, peek_compression

TEXT = b"".join(b"line %d of some text\n" % i for i in range(40_000))
COMPRESS = {
    "gzip": lambda data: gzip.compress(data, 6, mtime=0),
    "zstd": lambda data: zstandard.ZstdCompressor(write_checksum=True).compress(data),
    "bzip2": bz2.compress,
}


class Remote(io.RawIOBase):
    """A store's handle: seekable, no file number, and it returns fewer bytes than asked for."""

    def __init__(self, data: bytes, most: int = 1_000) -> None:
        self._file, self._most = io.BytesIO(data), most

    def read(self, size: int = -1) -> bytes:
        return self._file.read(min(size, self._most) if size >= 0 else self._most)

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._file.seek(offset, whence)


def read_all(data: bytes) -> tuple[bytes, str]:
    """What can be read, and the error's message."""
    parts = []
    try:
        for chunk in expand(io.BytesIO(data)):
            assert len(chunk) <= 64 << 20
            parts.append(chunk)
    except RecordError as error:
        return b"".join(parts), str(error)
    return b"".join(parts), ""


@pytest.mark.parametrize("name", COMPRESS)
def test_reads_each_compression(name):
    assert read_all(COMPRESS[name](TEXT)) == (TEXT, "")
    assert compression_of(COMPRESS[name](TEXT)[:4]) == name


def test_plain_bytes_pass_and_an_empty_file_has_none():
    assert read_all(TEXT) == (TEXT, "")
    assert read_all(b"") == (b"", "")


@pytest.mark.parametrize("name", COMPRESS)
def test_members_follow_each_other_with_padding_between(name):
    one, two = COMPRESS[name](b"one"), COMPRESS[name](b"two")
    assert read_all(one + two + b"\0" * 512 + one + b"\0" * 70_000) == (b"onetwoone", "")


@pytest.mark.parametrize("name", COMPRESS)
def test_bytes_behind_the_last_member_are_an_error_after_the_data(name):
    text, message = read_all(COMPRESS[name](b"one") + b"junk")
    assert text == b"one"
    assert message == f"bytes that are not {name} at byte {len(COMPRESS[name](b'one'))}"


@pytest.mark.parametrize("name", COMPRESS)
def test_a_stream_cut_short_gives_what_can_be_read_and_one_error(name):
    data = COMPRESS[name](TEXT)
    cut = len(data) * 2 // 3
    text, message = read_all(data[:cut])
    assert TEXT.startswith(text)
    assert name == "bzip2" or len(text) > len(TEXT) // 3  # bzip2 has blocks of 900 KB
    assert message.endswith(f"cut short at byte {cut}")


@pytest.mark.parametrize("name", COMPRESS)
def test_a_corrupt_stream_gives_what_can_be_read_and_one_error(name):
    data = bytearray(COMPRESS[name](TEXT))
    at = len(data) * 2 // 3
    data[at : at + 8] = b"\xff" * 8
    text, message = read_all(bytes(data))
    assert message.startswith("corrupt")
    assert name != "gzip" or len(text) > len(TEXT) // 3


def test_a_wrong_gzip_checksum_loses_no_byte():
    data = bytearray(gzip.compress(TEXT))
    data[-5] ^= 1
    text, message = read_all(bytes(data))
    assert text == TEXT
    assert "incorrect" in message


def test_salvage_is_exact_to_the_byte():
    good = zlib.compressobj(wbits=31)
    head = good.compress(TEXT) + good.flush(zlib.Z_FULL_FLUSH)
    text, message = read_all(head + b"\xff" * 100)
    assert text == TEXT
    assert message.startswith("corrupt gzip stream near byte")


@pytest.mark.parametrize("name", COMPRESS)
def test_short_reads_change_nothing(name):
    data = COMPRESS[name](TEXT)
    for cut in (len(data), len(data) // 2):
        whole = read_all(data[:cut])
        parts, message = [], ""
        try:
            parts.extend(expand(Remote(data[:cut], 777)))
        except RecordError as error:
            message = str(error)
        assert (b"".join(parts), message) == whole


def test_zstd_skippable_frames_hold_nothing():
    skip = b"\x5a\x2a\x4d\x18" + (4).to_bytes(4, "little") + b"abcd"
    assert read_all(skip + COMPRESS["zstd"](b"one") + skip) == (b"one", "")


def test_a_zstd_window_beyond_the_bound_is_refused():
    params = zstandard.ZstdCompressionParameters(window_log=28, enable_ldm=True)
    with_window = zstandard.ZstdCompressor(compression_params=params).compressobj()
    data = with_window.compress(TEXT) + with_window.flush()
    assert read_all(data)[1].startswith("corrupt zstd frame")


def test_expansion_beyond_the_bound_is_an_error(monkeypatch):
    monkeypatch.setattr(decompress, "FREE_EXPANSION_BYTES", 1_000)
    monkeypatch.setattr(decompress, "MAX_EXPANSION", 10)
    inside = COMPRESS["zstd"](b"a" * 1_000)
    assert read_all(inside) == (b"a" * 1_000, "")
    text, message = read_all(COMPRESS["zstd"](b"a" * 100_000))
    assert message.startswith("expands more than 10 times")
    assert len(text) < 2_000


def test_a_zstd_bomb_ends_within_the_bound():
    bomb = COMPRESS["zstd"](bytes(1 << 26)) * 20
    text, message = read_all(bomb)
    assert message.startswith("expands more than")
    assert len(text) <= limits.FREE_EXPANSION_BYTES + limits.MAX_EXPANSION * len(bomb)


def test_peek_goes_back_to_the_start():
    file = io.BytesIO(gzip.compress(b"a"))
    assert peek_compression(file) == "gzip"
    assert file.tell() == 0


@given(st.binary(max_size=300), st.sampled_from(sorted(COMPRESS)), st.data())
def test_no_damage_raises_anything_else(data, name, draw):
    packed = bytearray(COMPRESS[name](data))
    for _ in range(draw.draw(st.integers(0, 3))):
        packed[draw.draw(st.integers(0, len(packed) - 1))] = draw.draw(st.integers(0, 255))
    read_all(bytes(packed[: draw.draw(st.integers(0, len(packed)))]))
