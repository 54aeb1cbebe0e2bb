"""Standard input as a file that readers take, and its format, told by its first bytes."""

import io
import sys
from typing import BinaryIO, cast

from massivetext.errors import RecordError
from massivetext.readers.bytes.decompress import DICTIONARY_MAGIC, compression_of, expand

NAME = "standard input"  # of the file that its records are said to come from
_HEAD_BYTES = 1 << 16  # of a compressed stream, to look into
_MAGIC_BYTES = 5
_PARQUET, _ARCHIVE = b"PAR1", b"WARC/"


def open_standard_input() -> tuple[BinaryIO, str]:
    """Returns standard input and its format: JSON lines, WARC (either may be compressed), Parquet.

    JSON lines are read as they come; archives and Parquet, in which readers go back, are copied to
    a temporary file first.
    """
    stream = sys.stdin.buffer
    head = stream.read(_MAGIC_BYTES)
    if head.startswith(_PARQUET):
        return _copy(head, stream), "parquet"
    if compression_of(head):
        head += stream.read(_HEAD_BYTES)
    if head.startswith(DICTIONARY_MAGIC) or _expanded(head).startswith(_ARCHIVE):
        return _copy(head, stream), "warc"
    return cast("BinaryIO", _Stream(head, stream)), "jsonl"


def _expanded(head: bytes) -> bytes:
    """Returns the first bytes of what a stream expands to."""
    try:
        return next(expand(io.BytesIO(head)), b"")
    except RecordError:
        return b""


def _copy(head: bytes, stream: BinaryIO) -> BinaryIO:
    import shutil  # with random numbers and hashes, for names: no start needs to wait for that
    import tempfile

    file = cast("BinaryIO", tempfile.TemporaryFile())  # noqa: SIM115  (the caller closes it)
    file.write(head)
    shutil.copyfileobj(stream, file, 1 << 20)
    file.seek(0)
    return file


class _Stream(io.RawIOBase):
    """What is read once, but for its head, to which readers go back when they have looked at it."""

    def __init__(self, head: bytes, rest: BinaryIO) -> None:
        self._head, self._rest, self._at = head, rest, 0

    def seek(self, offset: int, whence: int = 0) -> int:
        """Goes back to a place in the head, or stays.

        Raises:
          UnsupportedOperation: what was read there is gone.
        """
        if whence or (offset != self._at and max(offset, self._at) > len(self._head)):
            raise io.UnsupportedOperation("standard input is read once")
        self._at = offset
        return offset

    def read(self, size: int = -1) -> bytes:
        """Returns the next bytes, as many as asked for but at the end."""
        first = self._head[self._at :] if size < 0 else self._head[self._at : self._at + size]
        more = self._rest.read(size if size < 0 else size - len(first))
        self._at += len(first) + len(more)
        return first + more
