"""Reading a file, or ranges of it, checked against what was written."""

import io
from typing import Any, BinaryIO

from massivetext.errors import DamagedFile
from massivetext.storage.checksums import FileSum, crc32c
from massivetext.storage.range_file import SeekableFile


class CheckedFile(SeekableFile):
    """A seekable file of which every byte that is given out was checked, a block at a time."""

    are_checked = True

    def __init__(self, file: BinaryIO, expected: FileSum, path: str) -> None:
        """Takes the open file, which is closed with this one, its sums with blocks, its path.

        Raises:
          DamagedFile: it has another size.
        """
        size = file.seek(0, io.SEEK_END)
        if size != expected.size:
            raise DamagedFile(path, f"{size:,} bytes of {expected.size:,}")
        super().__init__(path, size)
        self._file, self._expected = file, expected
        self._held, self._data = -1, b""

    def read(self, size: int | None = -1, /) -> bytes:
        """Returns the next bytes, all that were asked for unless the file ends.

        Raises:
          DamagedFile: a block is not what was written.
        """
        left = max(0, self._size - self._place)
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
            data = self._file.read(min(size, self._size - number * size))
            if f"{crc32c(data):08x}" != self._expected.blocks[8 * number : 8 * number + 8]:
                raise DamagedFile(self._path, "checksum")
            self._held, self._data = number, data
        return self._data

    def close(self) -> None:
        """Closes the file beneath."""
        self._file.close()
        super().close()
