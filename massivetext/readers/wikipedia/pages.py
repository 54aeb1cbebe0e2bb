"""Pages of a MediaWiki export as raw XML, from plain files or byte ranges of bzip2 streams.

In an export "<" is always escaped inside text, so a page is what stands between its tags; nothing
is held in memory but one page.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

from massivetext.errors import RecordError
from massivetext.limits import MAX_XML_PAGE_BYTES
from massivetext.readers.bytes.decompress import (
    RawStream,
    bound_expansion,
    expand,
    expand_member,
    peek_compression,
)

PAGES_PER_STREAM = 1 << 24  # a page's position is its stream's offset times this, plus its number

FIRST_PAGE = re.compile(rb"<page(?:[ \t\r\n][^<>]{0,240})?>")
_TAG = re.compile(rb"</?page(?:[ \t\r\n][^<>]{0,240})?>")  # attributes of any kind
TAG_BYTES = 256  # of the longest that is taken for a tag of a page
_STREAM = re.compile(rb"BZh[1-9](?:1AY&SY|\x17rE8P\x90)")  # with a first block, or empty
_STREAM_BYTES = 10


class Piece(NamedTuple):
    """Expanded bytes of a stream, or the error at which it ends."""

    stream: int  # offset of the stream in the file; 0 in files without streams
    data: bytes | RecordError


class RawPage(NamedTuple):
    """The XML of a page, or why there is none, and its position."""

    position: int
    xml: bytes | RecordError


def raw_pages(file: BinaryIO, start: int = 0, end: int | None = None) -> Iterator[RawPage]:
    """Yields the pages that begin in bzip2 streams whose first byte lies in [start, end).

    A page that begins in a stream and ends in the next one is the first one's; so the slices of a
    file give the same pages as the whole, also for files that a parallel bzip2 wrote. Files that
    are not bzip2 are read whole, by the slice from 0.
    """
    splitter = _Splitter(end)
    for piece in _pieces(file, start, end):
        yield from splitter.take(piece)
        if splitter.done:
            return
    yield from splitter.finish()


def _pieces(file: BinaryIO, start: int, end: int | None) -> Iterator[Piece]:
    if peek_compression(file) == "bzip2":
        first = 0 if start == 0 else _find_stream(file, start, end)
        if first is not None:
            yield from _bzip2_pieces(file, first)
    elif start == 0:
        try:
            for chunk in expand(file):
                yield Piece(0, chunk)
        except RecordError as error:
            yield Piece(0, error)


def _bzip2_pieces(file: BinaryIO, first: int) -> Iterator[Piece]:
    """Yields the pieces of all streams from `first` on; behind damage the next stream follows."""
    stream: int | None = first
    raw = RawStream(file, first)
    while stream is not None:
        try:
            for chunk in bound_expansion(expand_member(raw, "bzip2"), raw):
                yield Piece(stream, chunk)
            head = raw.read(_STREAM_BYTES)
            raw.unread(head)
            if not head:
                return
            if _STREAM.match(head):
                stream = raw.offset
                continue
            behind = raw.offset
            if head.strip(b"\0"):  # zero bytes are padding
                message = f"bytes that are no bzip2 stream at byte {behind}"
                yield Piece(stream, RecordError(message))
        except RecordError as error:
            yield Piece(stream, error)
            behind = stream + 1
        stream = _find_stream(file, behind, None)
        raw = RawStream(file, stream or 0)


def _find_stream(file: BinaryIO, start: int, end: int | None) -> int | None:
    """Returns the offset of the first stream that begins in [start, end), None if none does."""
    raw, held, offset = RawStream(file, start), b"", start
    while block := raw.read():
        held += block
        if found := _STREAM.search(held):
            at = offset + found.start()
            return at if end is None or at < end else None
        offset += max(len(held) - _STREAM_BYTES, 0)
        held = held[-_STREAM_BYTES:]
        if end is not None and offset >= end:
            break
    return None


class _Splitter:
    """Cuts pieces into pages; holds the page that is open, or the start of a tag."""

    def __init__(self, end: int | None) -> None:
        self.done = False
        self._end = end
        self._held = b""  # bytes that may belong to a tag which the next piece continues with
        self._offset = 0  # of `_held` in the expanded bytes
        self._starts: list[tuple[int, int]] = []  # (offset, stream), where each stream begins
        self._stream, self._number = -1, 0  # of the last page
        self._open = False
        self._parts: list[bytes] = []
        self._size = 0

    def take(self, piece: Piece) -> Iterator[RawPage]:
        """Yields the pages that end in `piece`."""
        if isinstance(piece.data, RecordError):
            yield from self._fail(piece.stream, piece.data)
            return
        if not self._starts or self._starts[-1][1] != piece.stream:
            self._starts.append((self._offset + len(self._held), piece.stream))
        data, at = self._held + piece.data, 0
        for tag in _TAG.finditer(data):
            if self._open:
                self._add(data[at : tag.end()])
                yield self._close(tag.group())
            at = tag.end()
            if not tag.group().startswith(b"</") and not self._begin(
                self._offset + tag.start(), tag.group()
            ):
                return
        self._hold(data, at)

    def finish(self) -> Iterator[RawPage]:
        """Yields an error if the file ends inside a page."""
        if self._open:
            yield RawPage(self._position(), RecordError("page without an end"))

    def _fail(self, stream: int, error: RecordError) -> Iterator[RawPage]:
        """Yields the error of a stream, at the page that it cuts if that began in the stream."""
        cut = self._open and self._stream == stream
        if self._open and not cut:
            yield from self.finish()
        if self._end is None or stream < self._end:
            self._enter(stream)
            yield RawPage(self._position() + (0 if cut else 1), error)
        else:
            self.done = True
        self._open, self._held = False, b""
        self._starts.clear()

    def _position(self) -> int:
        return self._stream * PAGES_PER_STREAM + self._number

    def _enter(self, stream: int) -> None:
        if self._stream != stream:
            self._stream, self._number = stream, -1

    def _begin(self, offset: int, tag: bytes) -> bool:
        """Opens the page whose tag begins at `offset`; returns whether this slice reads it."""
        index = bisect_right(self._starts, (offset, 1 << 62)) - 1
        stream = self._starts[index][1]
        del self._starts[:index]
        if self._end is not None and stream >= self._end:
            self.done = True
            return False
        self._enter(stream)
        self._number += 1
        self._open, self._parts, self._size = True, [tag], len(tag)
        return True

    def _close(self, tag: bytes) -> RawPage:
        self._open = False
        xml: bytes | RecordError = b"".join(self._parts)
        if self._size > MAX_XML_PAGE_BYTES:
            xml = RecordError(f"page of {self._size} bytes, more than {MAX_XML_PAGE_BYTES}")
        elif not tag.startswith(b"</"):
            xml = RecordError("page without an end")
        self._parts = []
        return RawPage(self._position(), xml)

    def _add(self, data: bytes) -> None:
        self._size += len(data)
        if self._size <= MAX_XML_PAGE_BYTES:
            self._parts.append(data)
        else:
            self._parts.clear()

    def _hold(self, data: bytes, at: int) -> None:
        """Keeps the end of `data`, from `at` on, of which a tag may be part."""
        keep = max(at, len(data) - TAG_BYTES + 1)
        if self._open:
            self._add(data[at:keep])
        self._held = data[keep:]
        self._offset += keep
