"""An object as a seekable file: what is read is asked for by ranges, not the whole object."""

import errno
import io
from typing import Any

from massivetext.storage.paths import FileInfo
from massivetext.storage.stores import Store

AHEAD = 4 << 20  # bytes of a request: as long to send as the request takes to be answered


class _RangeFile(io.RawIOBase):
    """Asks for each read alone; a reader with a buffer stands before it."""

    def __init__(self, store: Store, info: FileInfo) -> None:
        self._store, self._info, self._place = store, info, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._place

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._place, io.SEEK_END: self._info.size}[whence]
        if start + offset < 0:
            raise OSError(errno.EINVAL, "seek before the start", self._info.path)
        self._place = start + offset
        return self._place

    def readinto(self, buffer: Any) -> int:
        data = self._read(self._place + len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def readall(self) -> bytes:
        return self._read(self._info.size)

    def _read(self, end: int) -> bytes:
        path, size, version = self._info
        end = min(end, size)
        if self._place >= end:
            return b""
        data = self._store.read(path, self._place, end, version)
        if not data:
            raise OSError(errno.EIO, f"ends at {self._place:,} of {size:,} bytes", path)
        self._place += len(data)
        return data


def open_ranges(store: Store, info: FileInfo) -> io.BufferedReader:
    """Returns an object as a file that never mixes versions of it.

    Reading on after the object was replaced or deleted is an `OSError`.
    """
    return io.BufferedReader(_RangeFile(store, info), AHEAD)
