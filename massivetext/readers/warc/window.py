"""The bytes of a stretch of records, read ahead only as far as a record needs."""

import re
from collections.abc import Iterator

from massivetext.readers.bytes.decompress import CHUNK_BYTES
from massivetext.readers.warc.pieces import MARK, Piece

_HEAD_END = re.compile(rb"\r?\n\r?\n")
_BLANK = re.compile(rb"[\r\n]*+")
_NEXT_RECORD = re.compile(rb"(?<=\n)WARC/\d{1,2}\.\d{1,2}\r?\n")
_KEPT = 16  # bytes that may be the beginning of a match of _NEXT_RECORD


class Window:
    """A stretch of joined pieces that ends where the next one begins with a record, or at damage.

    So a record that claims to be longer than its gzip member cannot swallow the members after it,
    and a file whose members do not begin with records is read as one stretch.
    """

    def __init__(self, first: Piece, pieces: Iterator[Piece]) -> None:
        self.damage = ""  # why the stretch ends early
        self.following: Piece | None = None  # first piece of the next stretch
        self._data = bytearray(first.data)
        self._at = 0
        self._left_behind = 0  # bytes before `_data`
        self._offset = first.offset
        self._member_start = 0  # where the bytes of the last member begin
        self._end = first.end
        self._pieces = pieces
        self._done = False

    def has(self, size: int) -> bool:
        """Returns whether `size` more bytes are there, reading what is needed."""
        while len(self._data) - self._at < size:
            if not self._fill():
                return False
        return True

    def offset(self) -> int:
        """Returns where the next bytes are in the file: exactly, or the gzip member's offset."""
        return self._offset + (0 if self._end is None else self._position())

    def _position(self) -> int:
        return self._left_behind + self._at

    def may_have(self, size: int) -> bool:
        """Returns False if `size` more bytes are certainly not there, without reading them."""
        return self._end is None or self.offset() + size <= self._end

    def starts_record(self) -> bool:
        """Returns whether the next bytes are the first of a record."""
        return self.has(len(MARK)) and self._data.startswith(MARK, self._at)

    def take(self, size: int) -> bytes:
        """Returns the next `size` bytes and moves behind them; `has` must have said yes."""
        start, self._at = self._at, self._at + size
        with memoryview(self._data) as view:
            return bytes(view[start : self._at])

    def take_head(self, limit: int) -> bytes | None:
        """Returns the bytes before the next empty line, None if none comes within `limit`."""
        size = 1024
        while True:
            more = self.has(size)
            found = _HEAD_END.search(self._data, self._at, self._at + size)
            if found:
                head = self.take(found.start() - self._at)
                self._at = found.end()
                return head
            if not more or size >= limit:
                return None
            size = min(2 * size, limit)

    def skip(self, size: int) -> int:
        """Moves `size` bytes on without keeping them; returns how many were missing."""
        while size and self.has(1):
            step = min(size, len(self._data) - self._at)
            self._at += step
            size -= step
        return size

    def skip_blank(self) -> bool:
        """Moves behind line ends; returns whether anything follows."""
        while self.has(1):
            found = _BLANK.match(self._data, self._at)
            self._at = found.end() if found else self._at
            if self._at < len(self._data):
                return True
        return False

    def block_size(self, length: int) -> int:
        """Returns how many of the next `length` bytes, which are there, belong to one record.

        Fewer than all do if another record begins among them, and none, nor the end, behind them:
        then `length` is wrong.
        """
        end = self._at + length
        self.has(length + _KEPT)
        behind = self._data[end : end + _KEPT]
        rest = behind.lstrip(b"\r\n")
        if (rest or behind.count(b"\n") > 1) and MARK.startswith(rest[: len(MARK)]):
            return length
        found = _NEXT_RECORD.search(self._data, self._at, end + _KEPT)
        if found is None or found.start() > end:
            return length
        return max(len(self._data[self._at : found.start()].rstrip(b"\r\n")), 0)

    def is_in_doubt(self) -> bool:
        """Moves behind line ends; returns whether damage follows in the member of the last byte.

        Damage shows late: a wrong byte may only be found by the checksum at a member's end.
        """
        end = self._position()
        if self.skip_blank() and self.starts_record():
            return False
        self.has(CHUNK_BYTES)
        return self.damage != "" and self._member_start < end

    def skip_to_record(self) -> None:
        """Moves to the next line that begins a record, or to the end."""
        while True:
            found = _NEXT_RECORD.search(self._data, max(self._at, 1))
            if found:
                self._at = found.start()
                return
            self._at = max(self._at, len(self._data) - _KEPT)
            if not self._fill():
                self._at = len(self._data)
                return

    def _fill(self) -> bool:
        """Reads one more piece; returns False where the stretch ends."""
        piece = None if self._done else next(self._pieces, None)
        if piece is None or piece.damage or (piece.starts and piece.data.startswith(MARK)):
            self._finish(piece)
            return False
        if self._at > CHUNK_BYTES:
            keep = self._at - _KEPT  # a look-behind may need the bytes before
            del self._data[:keep]
            self._at -= keep
            self._left_behind += keep
        if piece.starts:
            self._member_start = self._left_behind + len(self._data)
            self._offset = piece.offset
        self._data += piece.data
        return True

    def _finish(self, piece: Piece | None) -> None:
        if self._done:
            return
        self._done = True
        if piece is not None and piece.starts:
            self.following = piece
        elif piece is not None:
            self.damage = piece.damage
