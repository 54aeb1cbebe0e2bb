"""The shards of a build, or of `WriteSequences`, as an export reads them; local or on a store."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from massivetext.config.recipe import digest
from massivetext.errors import ConfigError, StageError
from massivetext.finished.taken_out import check_whole
from massivetext.shards.tfds_metadata import SplitShards, shard_name
from massivetext.shards.tfrecord import read_shard
from massivetext.storage.files import exists, open_file, read_bytes
from massivetext.storage.json_files import parse_json
from massivetext.storage.paths import join

BLOCK = 1_024  # sequences that are in memory at a time

Block = tuple[NDArray[np.uint16], NDArray[np.uint8]]  # tokens (n, length + 1), sources (n,)


class Source(NamedTuple):
    """A folder of shards."""

    folder: str
    name: str  # first word of the shards' names
    length: int
    sources: tuple[str, ...]
    splits: tuple[SplitShards, ...]
    key: str  # changes when what it holds changes
    vocabulary: str  # path of the model; "" where none is beside it

    def shards(self, split: SplitShards) -> list[str]:
        """Returns the paths of a split's shards."""
        count = len(split.lengths)
        names = (shard_name(self.name, split.name, n, count) for n in range(count))
        return [join(self.folder, name) for name in names]

    def blocks(self, path: str, expected: int) -> Iterator[Block]:
        """Yields the sequences of a shard, checked, some at a time.

        Raises:
          StageError: it does not hold as many as the metadata counts.
        """
        tokens, sources, count = [], [], 0
        with open_file(path) as file:
            for source, sequence in read_shard(file, self.length, path):
                tokens.append(sequence)
                sources.append(source)
                count += 1
                if len(tokens) == BLOCK:
                    yield np.stack(tokens), np.array(sources, np.uint8)
                    tokens, sources = [], []
        if tokens:
            yield np.stack(tokens), np.array(sources, np.uint8)
        if count != expected:
            raise StageError(f"{path}: {count:,} sequences where its metadata counts {expected:,}")


def open_source(folder: str) -> Source:
    """Returns the shards in a folder, or in its ``sequences/``.

    Raises:
      ConfigError: there are none, or a take-out of their build was stopped.
    """
    folder = folder.rstrip("/")
    places = (folder, join(folder, "sequences"))
    place = next((p for p in places if exists(join(p, "dataset_info.json"))), None)
    if place is None:
        raise ConfigError(f"no shards in {folder}: it has no dataset_info.json, nor sequences/")
    check_whole(place.rpartition("/")[0])
    info_path, path = join(place, "dataset_info.json"), join(place, "metadata.json")
    info, metadata = (
        parse_json(read_bytes(info_path), info_path),
        parse_json(read_bytes(path), path),
    )
    manifest = join(place, "manifest.json")
    key = digest([info, metadata, read_bytes(manifest).decode() if exists(manifest) else ""])
    model = join(place.rpartition("/")[0], "vocabulary", "vocabulary.model")
    try:
        splits = tuple(
            SplitShards(split["name"], [int(n) for n in split["shardLengths"]])
            for split in info["splits"]
        )
        length, sources = int(metadata["sequence_length"]), tuple(metadata["sources"])
        name = str(info["name"])
    except (KeyError, TypeError, ValueError) as error:
        raise ConfigError(f"{place}: its metadata is not of this project: {error!r}") from error
    return Source(place, name, length, sources, splits, key, model if exists(model) else "")


def _json(folder: str, name: str) -> dict[str, Any]:
    path = join(folder, name)
    try:
        return parse_json(read_bytes(path), path)
    except FileNotFoundError as error:
        raise ConfigError(f"no file {path}") from error


def vocabulary_name(model: bytes) -> str:
    """Returns what a vocabulary's file is called where other programs look for it."""
    return "tokenizer.json" if model[:64].lstrip().startswith(b"{") else "vocabulary.model"
