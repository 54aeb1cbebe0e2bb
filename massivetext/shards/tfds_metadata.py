"""Describes a folder of shards so that `tfds.builder_from_directory` opens it as a data set.

The files are the JSON of tensorflow-datasets' own messages (`dataset_info.proto`,
`feature.proto`), written without importing it: it is slow to load, and the bytes must not depend
on its version. Tests open them with it.
"""

import json
from collections.abc import Sequence
from typing import Any, NamedTuple

from massivetext.shards.tfrecord import record_bytes

VERSION = "1.0.0"  # of the data's form; tensorflow-datasets wants one
_FEATURES = "tensorflow_datasets.core.features"
_TEMPLATE = "{DATASET}-{SPLIT}.{FILEFORMAT}-{SHARD_X_OF_Y}"


class SplitShards(NamedTuple):
    """One split: its shards are named `shard_name(dataset, split, number, count)`."""

    name: str  # train, or validation_ and the source
    lengths: Sequence[int]  # records of each shard


class DataSet(NamedTuple):
    """What a folder of shards holds."""

    name: str
    description: str
    length: int  # tokens of a sequence; a record has one more
    sources: Sequence[str]  # the feature `source` is an index into it
    splits: Sequence[SplitShards]


def shard_name(dataset: str, split: str, shard: int, shards: int) -> str:
    """Returns the name of a shard's file, as tensorflow-datasets names them.

    >>> shard_name("massivetext", "train", 3, 16)
    'massivetext-train.tfrecord-00003-of-00016'
    """
    return f"{dataset}-{split}.tfrecord-{shard:05d}-of-{shards:05d}"


def metadata_files(data: DataSet, file_format: str = "tfrecord") -> dict[str, bytes]:
    """Returns the files to put beside the shards, by name.

    The format, "tfrecord" or "array_record", is a word of the shards' names.

    >>> sorted(metadata_files(DataSet("massivetext", "", 2_048, ["web"], [])))
    ['dataset_info.json', 'features.json', 'metadata.json']
    """
    info = {
        "name": data.name,
        "description": data.description,
        "version": VERSION,
        "fileFormat": file_format,
        "splits": [_split(split, data.length) for split in data.splits],
    }
    files = {
        "dataset_info.json": info,
        "features.json": _features(data.length),
        "metadata.json": {"sources": list(data.sources), "sequence_length": data.length},
    }
    return {name: _dump(content) for name, content in files.items()}


def _split(split: SplitShards, length: int) -> dict[str, Any]:
    return {
        "name": split.name,
        "filepathTemplate": _TEMPLATE,
        # Protobuf's JSON writes 64-bit integers as strings.
        "numBytes": str(sum(split.lengths) * record_bytes(length)),
        "shardLengths": [str(records) for records in split.lengths],
    }


def _features(length: int) -> dict[str, Any]:
    features = {
        "source": _tensor("uint8", {}),
        "tokens": _tensor("uint16", {"dimensions": [str(length + 1)]}),
    }
    return {
        "pythonClassName": f"{_FEATURES}.features_dict.FeaturesDict",
        "featuresDict": {"features": features},
    }


def _tensor(dtype: str, shape: dict[str, Any]) -> dict[str, Any]:
    return {
        "pythonClassName": f"{_FEATURES}.tensor_feature.Tensor",
        "tensor": {"dtype": dtype, "encoding": "bytes", "shape": shape},
    }


def _dump(content: dict[str, Any]) -> bytes:
    return (json.dumps(content, indent=2, sort_keys=True) + "\n").encode()
