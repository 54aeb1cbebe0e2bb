"""An object as a seekable file: what is read is asked for by ranges, not the whole object."""

import errno
import io
from collections.abc import Callable
from typing import Any

from massivetext.storage.paths import FileInfo

Read = Callable[[int, int], bytes]  # of the bytes from a place up to, not with, another
AHEAD = 4 << 20  # bytes of a request: as long to send as the request takes to be answered


class SeekableFile(io.RawIOBase):
    """A file of known size that keeps its place itself: what of it is read, others say."""

    def __init__(self, path: str, size: int) -> None:
        """Starts at the beginning of the file of that many bytes."""
        self._path, self._size, self._place = path, size, 0

    def readable(self) -> bool:
        """Returns that it can be read."""
        return True

    def seekable(self) -> bool:
        """Returns that any place can be read."""
        return True

    def tell(self) -> int:
        """Returns the place that is read next."""
        return self._place

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """Goes to a place, perhaps behind the end; returns it.

        Raises:
          OSError: it would lie before the start.
        """
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._place, io.SEEK_END: self._size}[whence]
        if start + offset < 0:
            raise OSError(errno.EINVAL, "seek before the start", self._path)
        self._place = start + offset
        return self._place


class _RangeFile(SeekableFile):
    """Asks for each read alone; a reader with a buffer stands before it."""

    def __init__(self, info: FileInfo, read: Read) -> None:
        super().__init__(info.path, info.size)
        self._ask = read

    def readinto(self, buffer: Any) -> int:
        data = self._read(self._place + len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def readall(self) -> bytes:
        return self._read(self._size)

    def _read(self, end: int) -> bytes:
        end = min(end, self._size)
        if self._place >= end:
            return b""
        data = self._ask(self._place, end)
        if not data:
            raise OSError(errno.EIO, f"ends at {self._place:,} of {self._size:,} bytes", self._path)
        self._place += len(data)
        return data


def open_ranges(info: FileInfo, read: Read) -> io.BufferedReader:
    """Returns an object as a file; `read` asks for ranges of its one version."""
    return io.BufferedReader(_RangeFile(info, read), AHEAD)
