"""Which surviving documents each shard of an export takes: planned from counts, before any text."""

from itertools import pairwise
from typing import NamedTuple

from massivetext.errors import ConfigError
from massivetext.finished.build import BuiltPart

MOST_SHARDS = 99_999


class Piece(NamedTuple):
    """The survivors of a part from number `first` up to, not with, `last`."""

    stem: str
    source: str
    first: int
    last: int
    ends: bool  # with the part: a survivor more would be one too many


class Shard(NamedTuple):
    """A file of an export, and the documents that go into it, in order."""

    name: str
    pieces: tuple[Piece, ...]

    @property
    def documents(self) -> int:
        """How many it holds."""
        return sum(piece.last - piece.first for piece in self.pieces)


def plan_shards(
    parts: list[BuiltPart], split: str, suffix: str, shards: int | None = None
) -> list[Shard]:
    """Returns the shards of an export: one a part that has documents, or as many as asked.

    The documents stand in the order of the parts; `shards` of almost equal numbers cut it.

    >>> parts = [BuiltPart("a", "web", 3, 0), BuiltPart("b", "c4", 1, 0)]
    >>> for shard in plan_shards(parts, "train", "jsonl", 2): print(shard.name, shard.documents)
    text-00000-of-00002.jsonl 2
    text-00001-of-00002.jsonl 2

    Raises:
      ConfigError: there are no documents, or more shards than documents.
    """
    counts = [part.count(split) for part in parts]
    total = sum(counts)
    if not total:
        of = "" if split == "all" else f" in the split {split}"
        raise ConfigError(f"nothing to export: no document is left{of}; ask for another split")
    if shards is None:
        edges = sorted({sum(counts[:n]) for n in range(len(counts) + 1)})
    elif shards > min(total, MOST_SHARDS):
        raise ConfigError(f"--shards {shards:,}: more than the {total:,} documents; ask for fewer")
    else:
        edges = [total * n // shards for n in range(shards + 1)]
    names = [f"text-{n:05d}-of-{len(edges) - 1:05d}.{suffix}" for n in range(len(edges) - 1)]
    return [
        Shard(name, _pieces(parts, counts, first, last))
        for name, (first, last) in zip(names, pairwise(edges), strict=True)
    ]


def _pieces(parts: list[BuiltPart], counts: list[int], first: int, last: int) -> tuple[Piece, ...]:
    pieces, begin = [], 0
    for part, count in zip(parts, counts, strict=True):
        low, high = max(first, begin), min(last, begin + count)
        if low < high:
            pieces.append(
                Piece(part.stem, part.source, low - begin, high - begin, high == begin + count)
            )
        begin += count
    return tuple(pieces)
