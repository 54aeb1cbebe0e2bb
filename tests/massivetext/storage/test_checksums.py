"""Files with checksums of their blocks, and JSON with its own: what differs is never given out."""

import io
import json
from pathlib import Path
from typing import Any

import google_crc32c
import pytest
from hypothesis import given
from hypothesis import strategies as st

from massivetext.errors import ConfigError, DamagedFile
from massivetext.storage.checked_file import CheckedFile
from massivetext.storage.checksums import (
    FileSum,
    SummingFile,
    as_json,
    sum_bytes,
    sum_file,
    sums_of,
)
from massivetext.storage.json_files import (
    parse_json,
    read_json,
    require_json,
    summed_json,
    write_json,
    write_summed_json,
)


def summed(pieces: list[bytes], block: int) -> tuple[bytes, FileSum]:
    file = io.BytesIO()
    writer = SummingFile(file, block)
    for piece in pieces:
        assert writer.write(piece) == len(piece)
    return file.getvalue(), writer.sum("a")


@given(st.lists(st.binary(max_size=40)), st.integers(1, 17))
def test_sums_do_not_depend_on_how_a_file_was_written(pieces: list[bytes], block: int) -> None:
    data, found = summed(pieces, block)
    assert data == b"".join(pieces)
    blocks = [data[start : start + block] for start in range(0, len(data), block)]
    assert found.blocks == "".join(f"{google_crc32c.value(piece):08x}" for piece in blocks)
    assert found.brief() == sum_bytes("a", data) == sum_file("a", io.BytesIO(data), 7)
    assert sums_of(json.loads(json.dumps(as_json([found, found.brief()])))) == [
        found,
        found.brief(),
    ]


@given(
    st.binary(max_size=200),
    st.integers(1, 60),
    st.lists(st.tuples(st.integers(0, 220), st.integers(-1, 90))),
)
def test_a_sound_file_reads_as_it_is(data: bytes, block: int, reads: list[tuple[int, int]]) -> None:
    plain, checked = io.BytesIO(data), CheckedFile(io.BytesIO(data), summed([data], block)[1], "a")
    for place, size in reads:
        assert checked.seek(place) == plain.seek(place)
        assert checked.read(size) == plain.read(size)
        assert checked.tell() == plain.tell() or place > len(data)
    assert checked.seek(0, io.SEEK_END) == len(data)
    checked.seek(0)
    assert io.BufferedReader(checked).read() == data


@given(st.binary(min_size=1, max_size=120), st.integers(1, 40), st.data())
def test_no_byte_of_a_damaged_block_is_given_out(data: bytes, block: int, draw: Any) -> None:
    _, expected = summed([data], block)
    place = draw.draw(st.integers(0, 8 * len(data) - 1))
    damaged = bytearray(data)
    damaged[place // 8] ^= 1 << place % 8
    file = CheckedFile(io.BytesIO(bytes(damaged)), expected, "out/a")
    for start in range(0, len(data), block):
        file.seek(start)
        if place // 8 // block == start // block:
            with pytest.raises(DamagedFile, match=r"out/a is damaged \(checksum\)"):
                file.read(1)
        else:
            assert file.read(block) == data[start : start + block]


@given(st.binary(max_size=50), st.binary(max_size=50))
def test_another_size_is_found_at_once(data: bytes, other: bytes) -> None:
    expected = summed([data], 8)[1]
    if len(data) != len(other):
        with pytest.raises(DamagedFile, match="bytes of"):
            CheckedFile(io.BytesIO(other), expected, "a")


VALUES = st.dictionaries(
    st.text(max_size=5), st.one_of(st.integers(), st.text(max_size=9), st.lists(st.booleans()))
)


@given(VALUES)
def test_json_comes_back_without_its_checksum(value: dict[str, Any]) -> None:
    value.pop("crc32c", None)
    data = summed_json(value)
    assert json.loads(data).keys() == value.keys() | {"crc32c"}
    assert parse_json(data, "a") == value


@pytest.mark.parametrize("value", [{}, {"a": {"b": [1, 2]}, "k": "ü"}])
def test_every_flipped_bit_and_every_cut_of_json_shows(value: dict[str, Any]) -> None:
    data = summed_json(value)
    for place in range(8 * len(data)):
        damaged = bytearray(data)
        damaged[place // 8] ^= 1 << place % 8
        with pytest.raises(DamagedFile):
            parse_json(bytes(damaged), "a")
    for end in range(len(data)):
        with pytest.raises((DamagedFile, ConfigError), match="a"):
            parse_json(data[:end], "a")


def test_json_of_others_needs_no_checksum(tmp_path: Path) -> None:
    path = str(tmp_path / "a.json")
    write_json(path, {"a": 1})
    assert read_json(path) == {"a": 1}
    write_summed_json(path, {"a": 1})
    assert require_json(path) == {"a": 1}
    assert read_json(str(tmp_path / "none")) is None
