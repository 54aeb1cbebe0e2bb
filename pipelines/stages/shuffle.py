"""Shuffles of packed blocks, counted in bytes, and parts joined with what was found for them."""

from collections.abc import Iterable, Iterator
from typing import Any, Generic, NamedTuple, TypeVar

import apache_beam as beam
from apache_beam.metrics.metric import Metrics
from apache_beam.pvalue import PCollection

Block = tuple[int, bytes]  # a partition or part, and packed records
Group = tuple[int, Iterable[bytes]]  # a partition or part, and all its blocks
Joined = tuple[int, dict[str, Any]]  # a part's number; the part itself and its blocks, by name
Size = tuple[str, int]  # the name of a shuffle, and bytes that crossed it
Key = TypeVar("Key", int, bytes)
T = TypeVar("T")


class Shuffled(NamedTuple, Generic[T]):
    """What a shuffle gives: groups by key, and a `Size` for each block that crossed it."""

    groups: PCollection[T]
    sizes: PCollection[Size]


class CountBytes(beam.DoFn):
    """Counts what crosses a shuffle, in Beam's counter and for the summary."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._counter = Metrics.counter(f"shuffle: {name}", "shuffled_bytes")
        self._blocks = Metrics.distribution(f"shuffle: {name}", "block_bytes")

    def process(self, element: tuple[Any, bytes]) -> Iterator[Size]:
        """Yields (name, bytes of one block and its key)."""
        key, block = element
        size = len(block) + (len(key) if isinstance(key, bytes) else 4)
        self._counter.inc(size)
        self._blocks.update(len(block))
        yield self._name, size


def shuffle(
    blocks: PCollection[tuple[Key, bytes]], name: str
) -> Shuffled[tuple[Key, Iterable[bytes]]]:
    """Returns the blocks grouped by key, and what that cost."""
    sizes = blocks | f"{name}: bytes" >> _count(name)
    return Shuffled(blocks | f"{name}: shuffle" >> beam.GroupByKey(), sizes)


def _count(name: str) -> beam.PTransform[Any, Size]:
    count: beam.PTransform[Any, Size] = beam.ParDo(CountBytes(name)).with_output_types(Size)
    return count


def join(parts: PCollection[Block], name: str, **blocks: PCollection[Block]) -> Shuffled[Joined]:
    """Returns, for each part, itself and the blocks found for it, by name; and what that cost.

    The groups' values are dictionaries of lists; a part without blocks has empty ones.
    """
    sizes = [pcoll | f"{name}: {key} bytes" >> _count(key) for key, pcoll in blocks.items()]
    groups = {"part": parts, **blocks} | f"{name}: join" >> beam.CoGroupByKey()
    flat = tuple(sizes) | f"{name}: all bytes" >> beam.Flatten(pipeline=parts.pipeline)
    return Shuffled(groups, flat)


def total_bytes(sizes: Iterable[PCollection[Size]], pipeline: beam.Pipeline) -> PCollection[Size]:
    """Returns the sum of all sizes of each shuffle."""
    flat = tuple(sizes) | "shuffled bytes" >> beam.Flatten(pipeline=pipeline)
    sums: PCollection[Size] = flat | "sum of bytes" >> beam.CombinePerKey(sum)
    return sums
