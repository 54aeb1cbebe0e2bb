"""An object store in memory whose calls fail, lag and list what was there before, as it is told."""

import errno
import random
import threading
import time
from collections.abc import Iterator
from typing import IO, NamedTuple

from massivetext.storage.paths import FileInfo
from massivetext.storage.settings import Settings


class Faults(NamedTuple):
    """What goes wrong, as shares of all calls."""

    failing: float = 0.0  # calls that raise; half of the writes and deletions have happened then
    slow: float = 0.0
    stale: float = 0.0  # listings that show what was there a while ago


NONE = Faults()
_SLOW_SECONDS = 0.01
_PAST = 30  # changes that a stale listing may not know of


class FaultyStore:
    """The store; a seed decides which calls go wrong."""

    def __init__(self) -> None:
        self._objects: dict[str, tuple[bytes, int]] = {}
        self._history: list[dict[str, tuple[int, int]]] = []  # sizes and versions, by path
        self._lock = threading.RLock()
        self._generation = 0
        self.inject(NONE, 0)

    def inject(self, faults: Faults, seed: int) -> None:
        """Sets what goes wrong from now on."""
        self._faults, self._draw, self.failed = faults, random.Random(seed), 0

    def _fails(self, path: str) -> bool:
        with self._lock:
            fails, slow = (self._draw.random() < share for share in self._faults[:2])
        if slow:
            time.sleep(_SLOW_SECONDS)
        self.failed += fails
        return fails

    def _maybe_fail(self, path: str) -> None:
        if self._fails(path):
            raise OSError(errno.EIO, "the store does not answer", path)

    def find(self, path: str) -> FileInfo | None:
        """Returns the object at a path, None if there is none."""
        self._maybe_fail(path)
        found = self._objects.get(path)
        return FileInfo(path, len(found[0]), str(found[1])) if found else None

    def read(self, path: str, start: int, end: int | None, version: str | None) -> bytes:
        """Returns a range of an object's bytes."""
        self._maybe_fail(path)
        found = self._objects.get(path)
        if found is None:
            raise FileNotFoundError(errno.ENOENT, "No such object", path)
        if version not in (None, str(found[1])):
            raise OSError(errno.ESTALE, "changed", path)
        return found[0][start:end]

    def scan(self, prefix: str, deep: bool) -> Iterator[FileInfo]:
        """Yields the objects that begin with a prefix, as of now or a while ago."""
        self._maybe_fail(prefix)
        with self._lock:
            now = {path: (len(data), number) for path, (data, number) in self._objects.items()}
            if self._draw.random() < self._faults.stale and self._history:
                now = self._draw.choice(self._history[-_PAST:])
        for path, (size, number) in sorted(now.items()):
            if path.startswith(prefix) and (deep or "/" not in path[len(prefix) :]):
                yield FileInfo(path, size, str(number))

    def write(self, path: str, file: IO[bytes], size: int) -> None:
        """Makes an object."""
        data, fails = file.read(), self._fails(path)
        assert len(data) == size
        if not fails or self._draw.random() < 0.5:
            self._change(path, data)
        if fails:
            raise OSError(errno.EIO, "the store does not answer", path)

    def delete(self, path: str) -> None:
        """Deletes an object."""
        fails = self._fails(path)
        if not fails or self._draw.random() < 0.5:
            self._change(path, None)
        if fails:
            raise OSError(errno.EIO, "the store does not answer", path)

    def check_bucket(self, path: str) -> None:
        """Finds every bucket."""

    def _change(self, path: str, data: bytes | None) -> None:
        with self._lock:
            sizes = {name: (len(d), number) for name, (d, number) in self._objects.items()}
            self._history = [*self._history[-_PAST:], sizes]
            self._generation += 1
            if data is None:
                self._objects.pop(path, None)
            else:
                self._objects[path] = (data, self._generation)

    def content(self, prefix: str) -> dict[str, bytes]:
        """Returns the objects below a prefix by the rest of their paths; this never fails."""
        found = self._objects.items()
        return {path[len(prefix) :]: data for path, (data, _) in found if path.startswith(prefix)}


class _Here:
    store = FaultyStore()


def new_store() -> FaultyStore:
    """Returns an empty store, which paths of its scheme lead to from now on."""
    _Here.store = FaultyStore()
    return _Here.store


def open_store(settings: Settings, environment: frozenset[tuple[str, str]]) -> FaultyStore:
    """Returns the store of this process: what `massivetext.storage.stores` asks a module for."""
    return _Here.store
