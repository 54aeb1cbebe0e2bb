"""Lines of plain or compressed files with their offsets; a line too long costs no memory."""

from collections.abc import Iterator
from typing import BinaryIO

from massivetext.errors import RecordError
from massivetext.limits import MAX_LINE_BYTES
from massivetext.readers.bytes.decompress import CHUNK_BYTES, RawStream, expand, peek_compression

Line = tuple[int, bytes | RecordError]  # offset of the first byte; the line without its newline


def read_lines(file: BinaryIO, start: int = 0, end: int | None = None) -> Iterator[Line]:
    """Yields the lines whose first byte lies in [start, end), or an error in a line's place.

    A compressed file is read whole, by the slice that holds its first byte; its offsets count
    expanded bytes. However a file is cut, its slices give the same lines as the whole. A line
    over `MAX_LINE_BYTES` is an error and the next line follows; a broken stream is the last item.
    """
    if peek_compression(file):
        if start == 0:
            yield from split_lines(expand(file))
        return
    first = _first_line(file, start, end)
    if first is None:
        return
    for offset, line in split_lines(_blocks(RawStream(file, first)), first):
        if end is not None and offset >= end:
            return
        yield offset, line


def _first_line(file: BinaryIO, start: int, end: int | None) -> int | None:
    """Returns the offset of the first line that begins in [start, end), None if none does."""
    if start == 0:
        return 0
    offset = start - 1  # if this byte is a newline, a line begins at `start`
    for block in _blocks(RawStream(file, offset)):
        if (found := block.find(b"\n")) >= 0:
            return offset + found + 1
        offset += len(block)
        if end is not None and offset >= end:
            break
    return None


def _blocks(raw: RawStream) -> Iterator[bytes]:
    while block := raw.read(CHUNK_BYTES):
        yield block


def split_lines(chunks: Iterator[bytes], offset: int = 0) -> Iterator[Line]:
    r"""Yields the lines of joined chunks; `offset` is that of their first byte.

    >>> list(split_lines(iter([b"one\ntw", b"o\n"])))
    [(0, b'one'), (4, b'two')]
    """
    held = _Held(offset)
    try:
        for chunk in chunks:
            first, *rest = chunk.split(b"\n")
            held.add(first)
            if not rest:
                continue
            yield held.offset, held.line()
            position = held.offset + held.size + 1
            last = rest.pop()
            for line in rest:
                yield position, _judged(line)
                position += len(line) + 1
            held = _Held(position)
            held.add(last)
    except RecordError as error:
        yield held.offset + held.size, error
        return
    if held.size:
        yield held.offset, held.line()


def _judged(line: bytes) -> bytes | RecordError:
    return line if len(line) <= MAX_LINE_BYTES else _too_long(len(line))


def _too_long(size: int) -> RecordError:
    return RecordError(f"line of {size} bytes, more than {MAX_LINE_BYTES}")


class _Held:
    """The line that the next chunk continues with; beyond the bound only its size is kept."""

    def __init__(self, offset: int) -> None:
        self.offset = offset
        self.size = 0
        self._parts: list[bytes] = []

    def add(self, part: bytes) -> None:
        self.size += len(part)
        if self.size <= MAX_LINE_BYTES:
            self._parts.append(part)
        else:
            self._parts.clear()

    def line(self) -> bytes | RecordError:
        if self.size > MAX_LINE_BYTES:
            return _too_long(self.size)
        return self._parts[0] if len(self._parts) == 1 else b"".join(self._parts)
