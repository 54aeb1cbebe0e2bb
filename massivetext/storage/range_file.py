"""An object as a seekable file: what is read is asked for by ranges, not the whole object."""

import errno
import io
from collections.abc import Callable
from typing import Any

from massivetext.storage.paths import FileInfo

Read = Callable[[int, int], bytes]  # of the bytes from a place up to, not with, another
AHEAD = 4 << 20  # bytes of a request: as long to send as the request takes to be answered


class _RangeFile(io.RawIOBase):
    """Asks for each read alone; a reader with a buffer stands before it."""

    def __init__(self, info: FileInfo, read: Read) -> None:
        self._info, self._ask, self._place = info, read, 0

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
        path, size, _ = self._info
        end = min(end, size)
        if self._place >= end:
            return b""
        data = self._ask(self._place, end)
        if not data:
            raise OSError(errno.EIO, f"ends at {self._place:,} of {size:,} bytes", path)
        self._place += len(data)
        return data


def open_ranges(info: FileInfo, read: Read) -> io.BufferedReader:
    """Returns an object as a file; `read` asks for ranges of its one version."""
    return io.BufferedReader(_RangeFile(info, read), AHEAD)
