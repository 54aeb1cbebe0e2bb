"""Reading a file, or ranges of it, checked against what was written."""

import io
from typing import Any, BinaryIO

from massivetext.errors import DamagedFile
from massivetext.storage.checksums import FileSum, crc32c


class CheckedFile(io.RawIOBase):
    """A seekable file of which every byte that is given out was checked, a block at a time."""

    def __init__(self, file: BinaryIO, expected: FileSum, path: str) -> None:
        """Takes the open file, which is closed with this one, its sums with blocks, its path.

        Raises:
          DamagedFile: it has another size.
        """
        size = file.seek(0, io.SEEK_END)
        if size != expected.size:
            raise DamagedFile(path, f"{size:,} bytes of {expected.size:,}")
        self._file, self._expected, self._path = file, expected, path
        self._place, self._held, self._data = 0, -1, b""

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
        """Goes to a place; returns it."""
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._place, io.SEEK_END: self._expected.size}
        self._place = max(0, start[whence] + offset)
        return self._place

    def read(self, size: int | None = -1, /) -> bytes:
        """Returns the next bytes, all that were asked for unless the file ends.

        Raises:
          DamagedFile: a block is not what was written.
        """
        left = self._expected.size - self._place
        wanted = left if size is None or size < 0 else min(size, left)
        pieces = []
        while wanted > 0:
            number, offset = divmod(self._place, self._expected.block)
            piece = self._block(number)[offset : offset + wanted]
            pieces.append(piece)
            self._place += len(piece)
            wanted -= len(piece)
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def readinto(self, buffer: Any, /) -> int:
        """Fills a buffer; returns the bytes read."""
        view = memoryview(buffer).cast("B")
        data = self.read(len(view))
        view[: len(data)] = data
        return len(data)

    def _block(self, number: int) -> bytes:
        if number != self._held:
            size = self._expected.block
            self._file.seek(number * size)
            data = self._file.read(min(size, self._expected.size - number * size))
            if f"{crc32c(data):08x}" != self._expected.blocks[8 * number : 8 * number + 8]:
                raise DamagedFile(self._path, "checksum")
            self._held, self._data = number, data
        return self._data

    def close(self) -> None:
        """Closes the file beneath."""
        self._file.close()
        super().close()
