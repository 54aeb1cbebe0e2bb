"""The sequences of a build, by number: a folder of shards as one list, with sources by name."""

import json
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate
from os import PathLike
from pathlib import Path
from typing import Any, NamedTuple, overload

import numpy as np
from numpy.typing import NDArray

from massivetext.errors import ConfigError, RecordError
from massivetext.shards.tfrecord import RecordFile, read_shard


class TokenSequence(NamedTuple):
    """One sequence of tokens."""

    source: str  # web, books, c4, news, github or wikipedia
    tokens: NDArray[np.uint16]  # (length + 1,): inputs [:-1], targets [1:]


class TokenSequences(Sequence[TokenSequence]):
    """The sequences of one split: `len()`, `[number]` and iteration, each record checked."""

    def __init__(self, shards: list[Path], length: int, sources: list[str]) -> None:
        self._paths, self._length, self._sources = shards, length, sources
        self._ends = list(accumulate(map(self._count, shards)))

    def __len__(self) -> int:
        """Returns the number of sequences."""
        return self._ends[-1] if self._ends else 0

    @overload
    def __getitem__(self, number: int) -> TokenSequence: ...
    @overload
    def __getitem__(self, number: slice) -> list[TokenSequence]: ...
    def __getitem__(self, number: int | slice) -> TokenSequence | list[TokenSequence]:
        """Returns a sequence by its number, or those of a slice.

        Raises:
          IndexError: there is none of that number.
          RecordError: its record is broken.
        """
        if isinstance(number, slice):
            return [self[place] for place in range(*number.indices(len(self)))]
        if not -len(self) <= number < len(self):
            raise IndexError(f"{len(self):,} sequences, not number {number}")
        number %= len(self)
        shard = bisect_right(self._ends, number)
        before = self._ends[shard - 1] if shard else 0
        path = self._paths[shard]
        with path.open("rb") as file:
            return self._named(RecordFile(file, self._length, str(path))[number - before], path)

    def __iter__(self) -> Iterator[TokenSequence]:
        """Yields all sequences, shard by shard."""
        for path in self._paths:
            with path.open("rb") as file:
                for pair in read_shard(file, self._length, str(path)):
                    yield self._named(pair, path)

    def _count(self, path: Path) -> int:
        with path.open("rb") as file:
            return len(RecordFile(file, self._length, str(path)))

    def _named(self, pair: tuple[int, NDArray[np.uint16]], path: Path) -> TokenSequence:
        source, tokens = pair
        if source >= len(self._sources):
            raise RecordError(f"{path}: a record of source {source}, of {len(self._sources)}")
        return TokenSequence(self._sources[source], tokens)


def read_sequences(folder: str | PathLike[str], split: str = "train") -> TokenSequences:
    """Returns the token sequences of a build: a list of `TokenSequence`s that stays on disk.

    Args:
      folder: of a build, or its ``sequences/``; a local path.
      split: ``train``, or ``validation_`` and a source.

    Raises:
      ConfigError: no shards are there, a shard is missing, or there is no such split.
      RecordError: a shard ends inside a record; while reading, a record is broken.
    """
    place = _shards_folder(Path(folder))
    info, metadata = _json(place / "dataset_info.json"), _json(place / "metadata.json")
    try:
        counts = {item["name"]: len(item["shardLengths"]) for item in info["splits"]}
        name, length, sources = info["name"], metadata["sequence_length"], metadata["sources"]
    except (KeyError, TypeError) as error:
        raise ConfigError(f"{place}: its metadata is not of this project: {error!r}") from error
    if split not in counts:
        raise ConfigError(f"no split {split!r} in {place}; there are {', '.join(counts)}")
    count = counts[split]
    names = [f"{name}-{split}.tfrecord-{n:05d}-of-{count:05d}" for n in range(count)]
    missing = [shard for shard in names if not (place / shard).is_file()]
    if missing:
        raise ConfigError(f"{place}: {len(missing)} of {count} shards are missing: {missing[0]}")
    return TokenSequences([place / shard for shard in names], int(length), list(sources))


def _shards_folder(folder: Path) -> Path:
    for place in (folder, folder / "sequences"):
        if (place / "dataset_info.json").is_file():
            return place
    raise ConfigError(f"no shards in {folder}: it has no dataset_info.json, nor sequences/")


def _json(path: Path) -> Any:
    try:
        return json.loads(path.read_bytes())
    except FileNotFoundError as error:
        raise ConfigError(f"no file {path}") from error
    except ValueError as error:
        raise ConfigError(f"{path}: no JSON: {error}") from error
