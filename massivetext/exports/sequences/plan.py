"""Which shards go into which file of an export, and how it is called."""

from typing import NamedTuple

from massivetext.errors import ConfigError
from massivetext.exports.sequences.source import Source

FORMATS = ("arrayrecord", "maxtext", "megatron", "npy", "bin")
RECORDS = ("arrayrecord", "maxtext")  # as ArrayRecord


class OutFile(NamedTuple):
    """A file of an export, without its ending, and the shards that it is made of."""

    stem: str
    split: str
    shards: tuple[tuple[str, int], ...]  # path, and its sequences

    @property
    def sequences(self) -> int:
        """How many it holds."""
        return sum(count for _, count in self.shards)


def plan_files(source: Source, kind: str, shards: int | None = None) -> list[OutFile]:
    """Returns the files of an export in their order.

    One for each shard of the build, or `shards` of each split; "bin" puts a split into one file,
    and all validation into ``val``, since its readers open one file.

    Raises:
      ConfigError: more files than shards are asked for.
    """
    if kind == "bin":
        return _one_each(source, shards)
    found = []
    for split in source.splits:
        pairs = list(zip(source.shards(split), split.lengths, strict=True))
        count = len(pairs) if shards is None else min(shards, len(pairs))
        if shards is not None and split.name.startswith("train") and shards > len(pairs):
            raise ConfigError(
                f"--shards {shards:,}: the build has {len(pairs):,} shards of {split.name}; ask for"
                " fewer"
            )
        edges = [len(pairs) * number // count for number in range(count + 1)]
        for number in range(count):
            stem = _stem(source.name, split.name, number, count, kind)
            found.append(OutFile(stem, split.name, tuple(pairs[edges[number] : edges[number + 1]])))
    return found


def _stem(name: str, split: str, number: int, count: int, kind: str) -> str:
    mark = ".array_record" if kind in RECORDS else ""  # as tensorflow-datasets names them
    return f"{name}-{split}{mark}-{number:05d}-of-{count:05d}"


def _one_each(source: Source, shards: int | None) -> list[OutFile]:
    if shards not in (None, 1):
        raise ConfigError("--shards: the format bin has one file of each split; leave it out")
    joined: dict[str, list[tuple[str, int]]] = {}
    for split in source.splits:
        stem = "val" if split.name.startswith("validation") else split.name
        pairs = zip(source.shards(split), split.lengths, strict=True)
        joined.setdefault(stem, []).extend(pairs)
    return [OutFile(stem, stem, tuple(pairs)) for stem, pairs in joined.items()]
