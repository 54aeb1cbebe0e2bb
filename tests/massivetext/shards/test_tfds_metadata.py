from pathlib import Path

import numpy as np
import pytest
import tensorflow_datasets as tfds

from massivetext.shards.tfds_metadata import DataSet, SplitShards, metadata_files, shard_name
from massivetext.shards.tfrecord import read_records, write_records

LENGTH = 32
SPLITS = {"train": [3, 0, 2], "validation_web": [4]}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A data set of nine records in four shards."""
    numbers = np.random.default_rng(0)
    for split, lengths in SPLITS.items():
        for shard, count in enumerate(lengths):
            tokens = numbers.integers(0, 1 << 16, (count, LENGTH + 1), np.uint16)
            path = tmp_path / shard_name("massivetext", split, shard, len(lengths))
            with path.open("wb") as file:
                write_records(file, tokens, np.arange(count, dtype=np.uint8))
    splits = [SplitShards(name, lengths) for name, lengths in SPLITS.items()]
    data = DataSet("massivetext", "Nine records", LENGTH, ["web", "books"], splits)
    for name, content in metadata_files(data).items():
        (tmp_path / name).write_bytes(content)
    return tmp_path


def test_tensorflow_datasets_opens_the_folder(folder: Path) -> None:
    info = tfds.builder_from_directory(folder).info
    assert info.full_name == "massivetext/1.0.0"
    assert info.description == "Nine records"
    assert {name: split.shard_lengths for name, split in info.splits.items()} == SPLITS
    assert dict(info.metadata) == {"sources": ["web", "books"], "sequence_length": LENGTH}
    for name, split in info.splits.items():
        expected = [
            shard_name("massivetext", name, shard, len(SPLITS[name]))
            for shard in range(len(SPLITS[name]))
        ]
        assert sorted(split.filenames) == expected
        assert split.num_bytes == sum((folder / path).stat().st_size for path in expected)


def test_its_features_read_our_records(folder: Path) -> None:
    features = tfds.builder_from_directory(folder).info.features
    path = folder / shard_name("massivetext", "train", 0, 3)
    with path.open("rb") as file:
        examples = [features.deserialize_example_np(data) for data in read_records(file, "x")]
    numbers = np.random.default_rng(0).integers(0, 1 << 16, (3, LENGTH + 1), np.uint16)
    assert [int(example["source"]) for example in examples] == [0, 1, 2]
    assert np.array_equal([example["tokens"] for example in examples], numbers)
    assert examples[0]["tokens"].dtype == np.uint16


def test_tensorflow_datasets_writes_our_records(folder: Path) -> None:
    features = tfds.builder_from_directory(folder).info.features
    path = folder / shard_name("massivetext", "train", 0, 3)
    with path.open("rb") as file:
        data = next(read_records(file, "x"))
    example = features.deserialize_example_np(data)
    again = features.deserialize_example_np(features.serialize_example(example))
    assert np.array_equal(again["tokens"], example["tokens"])


def test_the_files_do_not_depend_on_anything_else() -> None:
    data = DataSet("massivetext", "", 8, ["web"], [SplitShards("train", [1])])
    assert metadata_files(data) == metadata_files(data)
    assert b'"9"' in metadata_files(data)["features.json"]
