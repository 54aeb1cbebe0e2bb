"""WARC records cut out of a file: header fields and block, or what is wrong with the record.

The bytes come through a window that is read ahead only as far as a record needs.
"""

import re
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

from massivetext.limits import MAX_HEADER_BYTES, MAX_RECORD_BYTES
from massivetext.readers.bytes.decompress import CHUNK_BYTES, Piece
from massivetext.readers.warc.http import parse_fields
from massivetext.readers.warc.pieces import MARK, read_pieces

_HEAD_END = re.compile(rb"\r?\n\r?\n")
_BLANK = re.compile(rb"[\r\n]*+")
_NEXT_RECORD = re.compile(rb"(?<=\n)WARC/\d{1,2}\.\d{1,2}\r?\n")
_SPLIT = 3  # bytes of a match of _HEAD_END that may be there when its end is not
_KEPT = 16  # bytes that may be the beginning of a match of _NEXT_RECORD


class Frame(NamedTuple):
    """One record of an archive."""

    fields: dict[str, str]  # names in lower case
    block: bytes
    offset: int  # in the file: of the record's gzip member, or of the stretch it stands in
    oversized: bool = False  # its block is over `MAX_RECORD_BYTES` and was left out
    problem: str = ""  # why it cannot be read


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
        self._endless = 0  # no header that began so far ends before
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
        size = min(1024, limit)
        while True:
            more = self.has(size)
            begin = max(self._at, self._endless - self._left_behind)
            found = _HEAD_END.search(self._data, begin, self._at + size)
            if found:
                head = self.take(found.start() - self._at)
                self._at = found.end()
                return head
            self._endless = max(self._endless, self._position() + size - _SPLIT)
            if not more or size >= limit:
                return None
            size = min(2 * size, limit)

    def skip_endless(self, limit: int) -> None:
        """Moves on to the first byte from which the end of a header comes within `limit`.

        The next byte at least; what begins before has no end either, and is not tried line by line.
        """
        self._at += 1
        while True:
            begin = max(self._at, self._endless - self._left_behind)
            found = _HEAD_END.search(self._data, begin)
            if found:
                self._at = max(self._at, found.end() - limit)
                return
            self._endless = max(self._endless, self._left_behind + len(self._data) - _SPLIT)
            self._at = max(self._at, len(self._data) - limit)
            if not self._fill():
                self._at = len(self._data)
                return

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

    def skip_blank_and_check_damage(self) -> bool:
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


def read_frames(file: BinaryIO) -> Iterator[Frame]:
    """Yields every record of a WARC file in order, and one `Frame` with a problem a damage.

    The file may be plain, one gzip member a record, or one member as a whole; any WARC version.
    Behind damage it continues at the next record, so only records that cannot be read are lost.
    """
    pieces = read_pieces(file)
    piece = next(pieces, None)
    while piece is not None:
        if piece.damage:
            yield Frame({}, b"", piece.offset, problem=piece.damage)
            piece = next(pieces, None)
        else:
            window = Window(piece, pieces)
            yield from _cut_stretch(window)
            piece = window.following or next(pieces, None)  # a stretch may end at damage


def _cut_stretch(window: Window) -> Iterator[Frame]:
    problem = ""
    while window.skip_blank():
        frame = _cut(window)
        problem = frame.problem
        yield frame
        if problem:
            window.skip_to_record()
    if window.damage and not problem:
        yield _broken(window, window.damage)


def _cut(window: Window) -> Frame:
    if not window.starts_record():
        return _broken(window, "no WARC record where one should begin")
    head = window.take_head(MAX_HEADER_BYTES)
    if head is None:
        window.skip_endless(MAX_HEADER_BYTES)
        return _broken(window, window.damage or "WARC header without an end")
    fields = parse_fields(head)
    length = fields.get("content-length", "")
    if not (length.isascii() and length.isdecimal() and len(length) < 20):
        return _broken(window, f"Content-Length is {length[:30]!r}")
    return _cut_block(window, fields, int(length))


def _cut_block(window: Window, fields: dict[str, str], length: int) -> Frame:
    short = f"record is cut short: its Content-Length is {length}"
    if not window.may_have(length):
        return _broken(window, short)
    if length > MAX_RECORD_BYTES:
        if window.skip(length):
            return _broken(window, window.damage or short)
        return Frame(fields, b"", window.offset(), oversized=True)
    if not window.has(length):
        return _broken(window, window.damage or short)
    block = window.take(window.block_size(length))
    if (
        window.skip_blank_and_check_damage()
    ):  # its gzip member goes wrong later, so these bytes are in doubt
        return _broken(window, window.damage)
    return Frame(fields, block, window.offset())


def _broken(window: Window, problem: str) -> Frame:
    return Frame({}, b"", window.offset(), problem=problem)
