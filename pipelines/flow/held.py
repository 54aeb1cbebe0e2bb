"""Elements of a flow of this process: in memory while they are few, beyond that in a file.

What crosses a shuffle grows with the corpus, and this process must not. So of blocks, pairs of a
key and bytes, only the first megabytes of a collection stay in memory; the others' bytes go to a
file without a name, which is gone when nobody reads it any more or the process has ended, however
that ends. Groups are found by sorting the keys, and the blocks of one are read when it is asked
for them.
"""

import heapq
import itertools
import os
import tempfile
import weakref
from array import array
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import IO, Any

HELD_BYTES = 4 << 20  # of a collection's blocks that stay in memory
_BUFFER_BYTES = 256 << 10
_OBJECTS_BYTES = 100  # beside a block's own, of a tuple, its key and the rest

Group = tuple[Any, "Blocks"]


class Held:
    """A collection that is filled once, and then read any number of times in the same order."""

    def __init__(
        self, elements: Iterable[Any] = (), folder: str | None = None, limit: int = HELD_BYTES
    ) -> None:
        """Takes the elements.

        Args:
          elements: all of one kind; of pairs of a key and bytes some may go to a file.
          folder: for the file; None: the system's for temporary files.
          limit: bytes of blocks that stay in memory.
        """
        self._first: list[Any] = []  # in memory
        self._bytes, self._folder, self._limit = 0, folder, limit
        self._keys: list[Any] = []  # of those in the file, and where each ends there
        self._ends = array("Q", [0])
        self._file: IO[bytes] | None = None
        for element in elements:
            self.add(element)

    def add(self, element: Any) -> None:
        """Adds an element. To be called before any is read."""
        if not _is_block(element):
            self._first.append(element)
            return
        size = len(element[1]) + _OBJECTS_BYTES
        if self._file is None and self._bytes + size <= self._limit:
            self._bytes += size
            self._first.append(element)
        else:
            self._write(*element)

    def _write(self, key: Any, block: bytes) -> None:
        if self._file is None:
            if self._folder is not None:
                Path(self._folder).mkdir(parents=True, exist_ok=True)
            self._file = tempfile.TemporaryFile(  # noqa: SIM115  (it lives as long as this does)
                buffering=_BUFFER_BYTES, dir=self._folder
            )
            weakref.finalize(self, self._file.close)
        self._file.write(block)
        self._keys.append(key)
        self._ends.append(self._ends[-1] + len(block))

    def __len__(self) -> int:
        """Returns how many there are."""
        return len(self._first) + len(self._keys)

    def __iter__(self) -> Iterator[Any]:
        """Yields them in the order in which they came."""
        yield from self._first
        for place, key in enumerate(self._keys):
            yield key, self._read(place)

    def block(self, place: int) -> bytes:
        """Returns the bytes of the block that came so many others before."""
        in_file = place - len(self._first)
        found: bytes = self._first[place][1] if in_file < 0 else self._read(in_file)
        return found

    def _read(self, place: int) -> bytes:
        assert self._file is not None, "there are keys of it"
        self._file.flush()
        start, end = self._ends[place], self._ends[place + 1]
        return os.pread(self._file.fileno(), end - start, start)

    def groups(self) -> Iterator[Group]:
        """Yields (key, its blocks in the order in which they came), by ascending key."""
        keys = [element[0] for element in self._first] + self._keys
        places = sorted(range(len(keys)), key=keys.__getitem__)
        for key, group in itertools.groupby(places, key=keys.__getitem__):
            yield key, Blocks(self, array("Q", group))


class Blocks:
    """The blocks of a group, which are read when they are asked for, as often as that is."""

    def __init__(self, held: Held, places: Sequence[int]) -> None:
        self._held, self._places = held, places

    def __len__(self) -> int:
        """Returns how many there are."""
        return len(self._places)

    def __iter__(self) -> Iterator[bytes]:
        """Returns an iterator over them in the order in which they came."""
        return map(self._held.block, self._places)


def _is_block(element: Any) -> bool:
    return type(element) is tuple and len(element) == 2 and type(element[1]) is bytes


def joined(collections: dict[str, Held]) -> Iterator[tuple[Any, dict[str, Iterable[bytes]]]]:
    """Yields, for each key of collections of blocks, its blocks in each by name; keys ascend."""
    named = [_named(name, held) for name, held in collections.items()]
    for key, found in itertools.groupby(heapq.merge(*named, key=_key), key=_key):
        none: dict[str, Iterable[bytes]] = dict.fromkeys(collections, ())
        yield key, none | {name: blocks for _, name, blocks in found}


def _named(name: str, held: Held) -> Iterator[tuple[Any, str, Blocks]]:
    for key, blocks in held.groups():
        yield key, name, blocks


def _key(group: tuple[Any, str, Blocks]) -> Any:
    return group[0]
