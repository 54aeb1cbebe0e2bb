"""Shuffles of packed blocks, counted in bytes, and parts joined with what was found for them."""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from massivetext.pipelines.flow import flow

Block = tuple[int, bytes]  # a partition or part, and packed records
Group = tuple[int, Iterable[bytes]]  # a partition or part, and all its blocks
Joined = tuple[int, dict[str, Any]]  # a part's number; the part itself and its blocks, by name
Size = tuple[str, int]  # the name of a shuffle, and bytes that crossed it


class Shuffled(NamedTuple):
    """What a shuffle gives: groups by key, and a `Size` for each block that crossed it."""

    groups: flow.Elements
    sizes: flow.Elements


class CountBytes:
    """Counts what crosses a shuffle, in Beam's counter and for the summary."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._counter = flow.Counter(f"shuffle: {name}", "shuffled_bytes")
        self._blocks = flow.Distribution(f"shuffle: {name}", "block_bytes")

    def process(self, element: tuple[Any, bytes]) -> Iterator[Size]:
        """Yields (name, bytes of one block and its key)."""
        key, block = element
        size = len(block) + (len(key) if isinstance(key, bytes) else 4)
        self._counter.inc(size)
        self._blocks.update(len(block))
        yield self._name, size


def shuffle(blocks: flow.Elements, name: str) -> Shuffled:
    """Returns the blocks grouped by key, and what that cost."""
    sizes = blocks | f"{name}: bytes" >> _count(name)
    return Shuffled(blocks | f"{name}: shuffle" >> flow.Group(), sizes)


def _count(name: str) -> flow.Step:
    return flow.do(CountBytes(name), Size)


def join(parts: flow.Elements, name: str, **blocks: flow.Elements) -> Shuffled:
    """Returns, for each part, itself and the blocks found for it, by name; and what that cost.

    The groups' values are dictionaries of lists; a part without blocks has empty ones.
    """
    sizes = [pcoll | f"{name}: {key} bytes" >> _count(key) for key, pcoll in blocks.items()]
    groups = parts.owner.join({"part": parts, **blocks}, f"{name}: join")
    flat = parts.owner.together(sizes, f"{name}: all bytes")
    return Shuffled(groups, flat)


def total_bytes(sizes: Iterable[flow.Elements], pipeline: flow.Flow) -> flow.Elements:
    """Returns the sum of all sizes of each shuffle."""
    return pipeline.together(sizes, "shuffled bytes") | "sum of bytes" >> flow.Sum()
