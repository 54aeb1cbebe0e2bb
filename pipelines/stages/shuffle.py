"""Shuffles of packed blocks, counted in bytes, and parts joined with what was found for them."""

from collections.abc import Iterable
from typing import Any, NamedTuple

import apache_beam as beam
from apache_beam.metrics import Metrics

Block = tuple[int, bytes]  # a partition or part, and packed records


class Shuffled(NamedTuple):
    """What a shuffle gives: groups by key, and (name of the shuffle, bytes) once for each block."""

    groups: Any  # PCollection[tuple[int, Iterable[bytes]]]
    sizes: Any  # PCollection[tuple[str, int]]


class CountBytes(beam.DoFn):
    """Counts what crosses a shuffle, in Beam's counter and for the summary."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._counter = Metrics.counter(f"shuffle: {name}", "shuffled_bytes")

    def process(self, element: tuple[Any, bytes]) -> Iterable[tuple[str, int]]:
        """Yields (name, bytes of one block and its key)."""
        key, block = element
        size = len(block) + (len(key) if isinstance(key, bytes) else 4)
        self._counter.inc(size)
        yield self._name, size


def shuffle(blocks: Any, name: str) -> Shuffled:
    """Returns the blocks grouped by key, and what that cost."""
    sizes = blocks | f"{name}: bytes" >> beam.ParDo(CountBytes(name)).with_output_types(
        tuple[str, int]
    )
    return Shuffled(blocks | f"{name}: shuffle" >> beam.GroupByKey(), sizes)


def join(parts: Any, name: str, **blocks: Any) -> Shuffled:
    """Returns, for each part, itself and the blocks found for it, by name; and what that cost.

    The groups' values are dictionaries of lists; a part without blocks has empty ones.
    """
    sizes = [
        pcoll
        | f"{name}: {key} bytes" >> beam.ParDo(CountBytes(key)).with_output_types(tuple[str, int])
        for key, pcoll in blocks.items()
    ]
    groups = {"part": parts, **blocks} | f"{name}: join" >> beam.CoGroupByKey()
    flat = tuple(sizes) | f"{name}: all bytes" >> beam.Flatten(pipeline=parts.pipeline)
    return Shuffled(groups, flat)


def total_bytes(sizes: list[Any], pipeline: beam.Pipeline) -> Any:
    """Returns (name of a shuffle, its bytes) once for each name."""
    flat = tuple(sizes) | "shuffled bytes" >> beam.Flatten(pipeline=pipeline)
    return flat | "sum of bytes" >> beam.CombinePerKey(sum)
