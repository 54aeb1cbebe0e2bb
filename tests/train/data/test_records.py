"""Shards: the pipelines' format, checksums, and files that are not ours."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from massivetext.errors import ConfigError, StageError
from massivetext.shards.tfrecord import read_shard, record_bytes, write_records
from massivetext.train.data.records import Records, Shard, _runs

ROWS = np.random.default_rng(0).integers(0, 65_536, (7, 17)).astype(np.uint16)


@pytest.fixture
def shard(tmp_path: Path) -> Path:
    path = tmp_path / "a.tfrecord"
    with path.open("wb") as file:
        write_records(file, ROWS, np.arange(7, dtype=np.uint8))
    return path


def test_reads_what_the_pipelines_write(shard: Path) -> None:
    found = Shard(str(shard))
    assert (found.count, found.length) == (7, 16)
    np.testing.assert_array_equal(found.read(np.array([4, 5, 6, 0, 2])), ROWS[[4, 5, 6, 0, 2]])
    with shard.open("rb") as file:
        by_pipelines = [tokens for _, tokens in read_shard(file, 16, "a")]
    np.testing.assert_array_equal(found.read(np.arange(7)), by_pipelines)


@pytest.mark.parametrize("length", [1, 63, 64, 256, 2_048, 16_384])
def test_length_follows_from_the_record_size(tmp_path: Path, length: int) -> None:
    path = tmp_path / "b"
    with path.open("wb") as file:
        write_records(file, np.zeros((2, length + 1), np.uint16), np.zeros(2, np.uint8))
    assert Shard(str(path)).length == length


@given(place=st.integers(0, 2 * record_bytes(16) - 1), bit=st.integers(0, 7))
def test_every_flipped_bit_is_found(
    tmp_path_factory: pytest.TempPathFactory, place: int, bit: int
) -> None:
    path = tmp_path_factory.mktemp("flip") / "c"
    with path.open("wb") as file:
        write_records(file, ROWS[:2], np.zeros(2, np.uint8))
    data = bytearray(path.read_bytes())
    data[place] ^= 1 << bit
    path.write_bytes(data)
    with pytest.raises((StageError, ConfigError), match=str(path)):
        Shard(str(path)).read(np.arange(2))


def test_damage_names_file_and_record(shard: Path) -> None:
    data = bytearray(shard.read_bytes())
    data[3 * record_bytes(16) + 60] ^= 1
    shard.write_bytes(data)
    found = Shard(str(shard))
    np.testing.assert_array_equal(found.read(np.array([2, 4])), ROWS[[2, 4]])
    with pytest.raises(StageError, match=r"a\.tfrecord: record 3 .* damaged"):
        found.read(np.array([2, 3]))
    assert Shard(str(shard), verify=False).read(np.arange(7)).shape == (7, 17)


@pytest.mark.parametrize("content", [b"", b"short", b"\0" * 100, b"{}" * 50, b"\xff" * 64])
def test_what_is_no_shard_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "d"
    path.write_bytes(content)
    with pytest.raises(ConfigError, match="records"):
        Shard(str(path))


def test_cut_shard_is_refused(shard: Path) -> None:
    shard.write_bytes(shard.read_bytes()[:-1])
    with pytest.raises(ConfigError, match="cut"):
        Shard(str(shard))


def test_records_join_shards_in_any_order(tmp_path: Path) -> None:
    paths = [tmp_path / "0", tmp_path / "1", tmp_path / "2"]
    for path, rows in zip(paths, (ROWS[:3], ROWS[3:4], ROWS[4:]), strict=True):
        with path.open("wb") as file:
            write_records(file, rows, np.zeros(len(rows), np.uint8))
    records = Records([Shard(str(path)) for path in paths])
    assert len(records) == 7
    order = np.array([6, 0, 3, 2, 5, 1, 4])
    np.testing.assert_array_equal(records.read(order), ROWS[order])


def test_shards_of_two_lengths_are_refused(shard: Path, tmp_path: Path) -> None:
    other = tmp_path / "e"
    with other.open("wb") as file:
        write_records(file, ROWS[:, :9].copy(), np.zeros(7, np.uint8))
    with pytest.raises(ConfigError, match=r"lengths \[8, 16\]"):
        Records([Shard(str(shard)), Shard(str(other))])


@given(st.lists(st.integers(0, 30), min_size=1))
def test_runs_are_maximal_and_cover_everything(numbers: list[int]) -> None:
    found = list(_runs(np.array(numbers)))
    assert [n for a, b in found for n in numbers[a:b]] == numbers
    for a, b in found:
        assert numbers[a:b] == list(range(numbers[a], numbers[a] + b - a))
    assert all(numbers[b] != numbers[b - 1] + 1 for _, b in found[:-1])
