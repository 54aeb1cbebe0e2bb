"""The sequences of a folder of shards, as a list."""

import json
from pathlib import Path

import numpy as np
import pytest

from massivetext import ConfigError, RecordError, read_sequences
from massivetext.shards.tfds_metadata import DataSet, SplitShards, metadata_files, shard_name
from massivetext.shards.tfrecord import record_bytes, write_records

LENGTH, SOURCES = 16, ["web", "books"]
SPLITS = {"train": [3, 0, 2], "validation_web": [0]}
TOKENS = np.random.default_rng(0).integers(0, 1 << 16, (5, LENGTH + 1), np.uint16)
OWNERS = np.array([0, 1, 1, 0, 1], np.uint8)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "build" / "sequences"
    place.mkdir(parents=True)
    begin = 0
    for split, lengths in SPLITS.items():
        for shard, count in enumerate(lengths):
            chosen = slice(begin, begin + count)
            with (place / shard_name("massivetext", split, shard, len(lengths))).open("wb") as file:
                write_records(file, TOKENS[chosen], OWNERS[chosen])
            begin += count
    splits = [SplitShards(name, lengths) for name, lengths in SPLITS.items()]
    for name, content in metadata_files(
        DataSet("massivetext", "", LENGTH, SOURCES, splits)
    ).items():
        (place / name).write_bytes(content)
    return place


def test_sequences_are_a_list(folder: Path) -> None:
    found = read_sequences(folder.parent)
    assert len(found) == 5
    assert [item.source for item in found] == [SOURCES[owner] for owner in OWNERS]
    assert np.array_equal([item.tokens for item in found], TOKENS)
    for number in range(-5, 5):
        assert found[number].source == SOURCES[OWNERS[number]]
        assert np.array_equal(found[number].tokens, TOKENS[number])
    assert np.array_equal([item.tokens for item in found[1::2]], TOKENS[1::2])
    for number in (5, -6):
        with pytest.raises(IndexError, match="5 sequences"):
            found[number]
    empty = read_sequences(str(folder), "validation_web")
    assert (len(empty), list(empty)) == (0, [])


def test_what_is_missing_is_said(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"no split 'test' in .*; there are train, val"):
        read_sequences(folder, "test")
    with pytest.raises(ConfigError, match="no shards in"):
        read_sequences(tmp_path)
    (folder / shard_name("massivetext", "train", 1, 3)).unlink()
    with pytest.raises(ConfigError, match="1 of 3 shards are missing: massivetext-train"):
        read_sequences(folder)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("metadata.json", b"{"),
        ("metadata.json", b"{}"),
        ("metadata.json", b"[]"),
        ("dataset_info.json", b'{"splits": [{}]}'),
        ("dataset_info.json", b'{"splits": 3}'),
        ("dataset_info.json", b"\xff"),
    ],
)
def test_metadata_that_is_not_ours(folder: Path, name: str, content: bytes) -> None:
    (folder / name).write_bytes(content)
    with pytest.raises(ConfigError, match=r"metadata|no JSON"):
        read_sequences(folder)


def test_broken_shards_are_errors(folder: Path) -> None:
    path = folder / shard_name("massivetext", "train", 0, 3)
    whole = bytearray(path.read_bytes())
    whole[record_bytes(LENGTH) + 20] ^= 1
    path.write_bytes(whole)
    found = read_sequences(folder)
    assert found[0].source == "web"
    with pytest.raises(RecordError, match="00000-of-00003: record 1"):
        found[1]
    with pytest.raises(RecordError, match="00000-of-00003: record 1"):
        list(found)
    path.write_bytes(whole[:-1])
    with pytest.raises(RecordError, match="not whole records"):
        read_sequences(folder)


def test_a_source_beyond_the_list_is_an_error(folder: Path) -> None:
    (folder / "metadata.json").write_text(json.dumps({"sources": ["web"], "sequence_length": 16}))
    with pytest.raises(RecordError, match="source 1, of 1"):
        list(read_sequences(folder))
