import io
from pathlib import Path

import numpy as np
import pytest
from grain.experimental import TFRecordIterDataset
from hypothesis import given
from hypothesis import strategies as st

from massivetext.errors import RecordError
from massivetext.limits import MAX_RECORD_BYTES
from massivetext.shards.tfrecord import (
    FOOTER_BYTES,
    HEADER_BYTES,
    RecordFile,
    frame,
    header,
    masked_crc,
    read_records,
    read_shard,
    record_bytes,
    write_records,
)

LENGTH = 64


def shard_of(count: int, length: int = LENGTH) -> tuple[bytes, np.ndarray, np.ndarray]:
    numbers = np.random.default_rng(count)
    sequences = numbers.integers(0, 1 << 16, (count, length + 1), np.uint16)
    sources = numbers.integers(0, 256, count, np.uint8)
    file = io.BytesIO()
    write_records(file, sequences, sources)
    return file.getvalue(), sequences, sources


@pytest.mark.parametrize("count", [0, 1, 5, 4_096, 4_097])
def test_what_is_written_is_read(count: int) -> None:
    data, sequences, sources = shard_of(count)
    assert len(data) == count * record_bytes(LENGTH)
    found = list(read_shard(io.BytesIO(data), LENGTH, "shard"))
    assert [source for source, _ in found] == sources.tolist()
    assert [tokens.tolist() for _, tokens in found] == sequences.tolist()


def test_any_record_is_read_by_number() -> None:
    data, sequences, sources = shard_of(9)
    shard = RecordFile(io.BytesIO(data), LENGTH, "shard")
    assert len(shard) == 9
    for number in (8, 0, 4):
        source, tokens = shard[number]
        assert source == sources[number]
        assert tokens.tolist() == sequences[number].tolist()
    for number in (-1, 9):
        with pytest.raises(IndexError, match="9 records"):
            shard[number]


def test_grain_reads_equal_records(tmp_path: Path) -> None:
    data, _, _ = shard_of(20)
    path = tmp_path / "shard.tfrecord"
    path.write_bytes(data)
    found = list(TFRecordIterDataset(str(path)))
    assert found == list(read_records(io.BytesIO(data), "shard"))
    assert len(found) == 20


def test_the_checksum_is_tensorflows() -> None:
    # RFC 3720, B.4: the CRC-32C of 32 bytes of zeros is 8a9136aa.
    rotated = (0x8A9136AA >> 15 | 0x8A9136AA << 17) & 0xFFFFFFFF
    assert masked_crc(bytes(32)) == (rotated + 0xA282EAD8) & 0xFFFFFFFF


@given(st.lists(st.binary(max_size=60), max_size=6))
def test_any_data_survives_framing(values: list[bytes]) -> None:
    data = b"".join(map(frame, values))
    assert list(read_records(io.BytesIO(data), "shard")) == values


@pytest.mark.parametrize("place", range(record_bytes(4)))
def test_every_broken_byte_is_found(place: int) -> None:
    data, _, _ = shard_of(2, length=4)
    broken = bytearray(data)
    broken[record_bytes(4) + place] ^= 1
    with pytest.raises(RecordError, match="shard: record 1"):
        list(read_shard(io.BytesIO(broken), 4, "shard"))
    if place >= HEADER_BYTES:
        with pytest.raises(RecordError, match="shard: record 1"):
            RecordFile(io.BytesIO(broken), 4, "shard")[1]


@pytest.mark.parametrize("missing", [1, FOOTER_BYTES, FOOTER_BYTES + 1, record_bytes(4) - 1])
def test_a_cut_file_is_found(missing: int) -> None:
    data, _, _ = shard_of(2, length=4)
    cut = io.BytesIO(data[:-missing])
    with pytest.raises(RecordError, match="record 1: the file ends"):
        list(read_shard(cut, 4, "shard"))
    with pytest.raises(RecordError, match="not whole records"):
        RecordFile(cut, 4, "shard")


def test_a_length_out_of_bounds_is_not_believed() -> None:
    file = io.BytesIO(header(MAX_RECORD_BYTES + 1))
    with pytest.raises(RecordError, match="at most"):
        list(read_records(file, "shard"))


def test_a_shard_of_another_length_is_refused() -> None:
    data, _, _ = shard_of(1, length=4)
    with pytest.raises(RecordError, match="not an example of 6 tokens"):
        list(read_shard(io.BytesIO(data), 5, "shard"))
