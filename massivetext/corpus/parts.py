"""Parts, the units of work: which bytes of which files one worker reads in one go.

Planned from the inputs' names and sizes alone, in an order that depends on nothing else, so the
same inputs give the same parts, numbers and rows wherever and however often they are planned. A
part is named by what it holds, so one more file leaves the other parts as they are.
"""

import hashlib
import itertools
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from typing import NamedTuple

import xxhash

from massivetext.config.recipe import PartSizes
from massivetext.config.sources import ordered as in_order
from massivetext.corpus.origins import MadeFrom
from massivetext.errors import ConfigError

ALONE = 64  # files of a source that are parts of their own, and parts at least of more files


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

    number: int  # its place among all parts of the build, which another file may change
    source: str
    format: str
    slices: tuple[Slice, ...]
    bytes: int  # of input
    stem: str = ""  # of its files' names; by default from what it holds
    made_from: MadeFrom = field(default_factory=dict, hash=False)  # for its summary

    def __post_init__(self) -> None:
        if not self.stem:
            object.__setattr__(self, "stem", stem_of(self.source, self.format, self.slices))


def stem_of(source: str, kind: str, slices: Iterable[Slice]) -> str:
    """Returns the name of the part that holds these slices of files of one source and format.

    >>> stem_of("web", "warc", [Slice("a.warc.gz", "in/a.warc.gz", 0, None)])
    'part-c422402276e4c763'
    """
    held = [source, kind, *([piece.name, piece.start, piece.end] for piece in slices)]
    return f"part-{hashlib.sha256(json.dumps(held).encode()).hexdigest()[:16]}"


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

    Up to `ALONE` files of a source and format are parts of their own. Of more, or of files below
    `min_bytes`, several are put together, and where a part begins is decided by a hash of the
    file's name: another file begins a part or joins one, and moves hardly any other beginning.

    Args:
      files: the inputs of all sources.
      sizes: how large a slice and a batch of small files may be.
      divisible: whether files of a format can be read from a byte range.
    """
    files = set(files)
    places = {name: place for place, name in enumerate(in_order(f.source for f in files))}
    ordered = sorted(files, key=lambda f: (places[f.source], f.format, f.name))
    parts: list[Part] = []
    for (source, kind), group in itertools.groupby(ordered, lambda f: (f.source, f.format)):
        for batch in _batches(list(group), sizes, divisible):
            slices = tuple(piece for piece, _ in batch)
            total = sum(size for _, size in batch)
            parts.append(Part(len(parts), source, kind, slices, total))
    return parts


_Cut = tuple[Slice, int]  # a slice of a file, and its bytes


def _batches(
    files: list[InputFile], sizes: PartSizes, divisible: Callable[[str], bool]
) -> Iterator[list[_Cut]]:
    share = share_of_beginnings([file.size for file in files], sizes)
    batch: list[_Cut] = []
    total = 0
    for file in files:
        begins = begins_part(file.name, share)
        for cut in _cuts(file, sizes.max_bytes, divisible):
            if batch and (begins or total + cut[1] > sizes.batch_bytes):
                yield batch
                batch, total = [], 0
            batch.append(cut)
            total += cut[1]
    if batch:
        yield batch


def share_of_beginnings(sizes: list[int], limits: PartSizes) -> Fraction:
    """Returns the share of a source's files that begin a part: all if they are few, but not tiny.

    >>> [share_of_beginnings([20_000] * count, PartSizes()) for count in (64, 128)]
    [Fraction(1, 1), Fraction(1, 2)]
    >>> share_of_beginnings([2_048] * 3, PartSizes(min_bytes=16_384))
    Fraction(1, 8)
    """
    total, count = sum(sizes), len(sizes)
    by_number = min(Fraction(ALONE, count), Fraction(total, count * limits.min_bytes))
    return min(Fraction(1), max(by_number, Fraction(total, count * limits.batch_bytes)))


def begins_part(name: str, share: Fraction) -> bool:
    """Returns whether the file of a name begins a part, where a share of all files do."""
    return xxhash.xxh3_64_intdigest(name.encode("utf-8", "surrogateescape")) < share * (1 << 64)


def _cuts(file: InputFile, max_bytes: int, divisible: Callable[[str], bool]) -> Iterator[_Cut]:
    if file.size <= max_bytes or not divisible(file.format):
        yield Slice(file.name, file.path, 0, None, file.size, file.version), file.size
        return
    pieces = -(-file.size // max_bytes)
    edges = [file.size * i // pieces for i in range(pieces + 1)]
    for start, end in itertools.pairwise(edges):
        stop = None if end == file.size else end
        piece = Slice(file.name, file.path, start, stop, file.size, file.version)
        yield piece, end - start
