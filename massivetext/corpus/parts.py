"""Parts, the units of work: which bytes of which files one worker reads in one go.

Planned from the inputs' names and sizes alone, in an order that depends on nothing else, so the
same inputs give the same parts, numbers and rows wherever and however often they are planned.
"""

import itertools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from massivetext.config.recipe import PartSizes
from massivetext.config.sources import ordered as in_order
from massivetext.errors import ConfigError


class InputFile(NamedTuple):
    """An input file of a source."""

    source: str
    name: str  # relative to the fixed prefix of its glob: what makes the ids of its documents
    path: str
    format: str
    size: int
    version: str  # changes when the file changes


@dataclass(frozen=True)
class Slice:
    """The bytes of a file from `start` to `end` (None: to its end)."""

    name: str
    path: str
    start: int
    end: int | None
    size: int = 0  # of the file, when it was planned
    version: str = ""  # then; none is not compared


@dataclass(frozen=True)
class Part:
    """A unit of work: slices of files of one source and one format."""

    number: int
    source: str
    format: str
    slices: tuple[Slice, ...]
    bytes: int  # of input

    @property
    def stem(self) -> str:
        """The part's file name without a suffix.

        >>> Part(7, "web", "warc", (), 0).stem
        'part-00007'
        """
        return f"part-{self.number:05d}"


def check_names(files: Iterable[InputFile]) -> None:
    """Checks that no two files of a source share a name, since names make document ids.

    Raises:
      ConfigError: two do; the message says how to tell them apart.
    """
    seen: dict[tuple[str, str], str] = {}
    for file in files:
        other = seen.setdefault((file.source, file.name), file.path)
        if other != file.path:
            raise ConfigError(
                f"sources.{file.source}: {other} and {file.path} would share document ids;"
                " name them by one glob whose wildcard comes before the difference"
            )


def plan_parts(
    files: Iterable[InputFile], sizes: PartSizes, divisible: Callable[[str], bool]
) -> list[Part]:
    """Returns the parts of the files, numbered from 0, whatever the order of the files.

    Args:
      files: the inputs of all sources.
      sizes: how large a slice and a batch of small files may be.
      divisible: whether files of a format can be read from a byte range.
    """
    files = set(files)
    places = {name: place for place, name in enumerate(in_order(f.source for f in files))}
    ordered = sorted(files, key=lambda f: (places[f.source], f.format, f.name))
    parts: list[Part] = []
    for batch in _batches(ordered, sizes, divisible):
        first = batch[0][0]
        slices = tuple(piece for _, piece, _ in batch)
        total = sum(size for _, _, size in batch)
        parts.append(Part(len(parts), first.source, first.format, slices, total))
    return parts


_Cut = tuple[InputFile, Slice, int]  # a file, a slice of it, the slice's bytes


def _batches(
    files: list[InputFile], sizes: PartSizes, divisible: Callable[[str], bool]
) -> Iterator[list[_Cut]]:
    batch: list[_Cut] = []
    total = 0
    for cut in (cut for file in files for cut in _cuts(file, sizes.max_bytes, divisible)):
        if batch and (_kind(batch[0]) != _kind(cut) or total + cut[2] > sizes.batch_bytes):
            yield batch
            batch, total = [], 0
        batch.append(cut)
        total += cut[2]
    if batch:
        yield batch


def _kind(cut: _Cut) -> tuple[str, str]:
    return cut[0].source, cut[0].format


def _cuts(file: InputFile, max_bytes: int, divisible: Callable[[str], bool]) -> Iterator[_Cut]:
    if file.size <= max_bytes or not divisible(file.format):
        yield file, Slice(file.name, file.path, 0, None, file.size, file.version), file.size
        return
    pieces = -(-file.size // max_bytes)
    edges = [file.size * i // pieces for i in range(pieces + 1)]
    for start, end in itertools.pairwise(edges):
        stop = None if end == file.size else end
        piece = Slice(file.name, file.path, start, stop, file.size, file.version)
        yield file, piece, end - start
