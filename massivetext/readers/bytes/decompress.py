"""Compressed streams as chunks of bounded size: gzip, Zstandard, bzip2, or plain bytes."""

import bz2
import zlib
from collections.abc import Callable, Iterator
from typing import BinaryIO, NamedTuple

import zstandard

from massivetext.errors import RecordError
from massivetext.limits import (
    FREE_EXPANSION_BYTES,
    MAX_EXPANSION,
    MAX_ZSTD_DICTIONARY,
    MAX_ZSTD_WINDOW,
)

READ_BYTES = 1 << 16
CHUNK_BYTES = 1 << 18  # the most that one step of gzip or bzip2 expands to
ZSTD_STEP = 1 << 10  # a zstd block of 4 bytes may expand to 128 KB, so input goes in small steps

DICTIONARY_MAGIC = b"\x5d\x2a\x4d\x18"  # of the skippable frame that holds a file's dictionary
MAGIC = ((b"\x1f\x8b", "gzip"), (b"BZh", "bzip2"), (b"\x28\xb5\x2f\xfd", "zstd"))


class RawStream:
    """A binary file from `start` on, read in whole blocks, that can take bytes back."""

    def __init__(self, file: BinaryIO, start: int = 0) -> None:
        self.offset = start  # of the next byte that `read` returns
        self._file = file
        self._held = b""
        file.seek(start)

    def read(self, size: int = READ_BYTES) -> bytes:
        """Returns `size` bytes, fewer only at the end of the file.

        Whole blocks make the chunks of a stream depend on its bytes alone, never on how a network
        delivered them.
        """
        parts = [self._held[:size]]
        self._held = self._held[size:]
        missing = size - len(parts[0])
        while missing and (part := self._file.read(missing)):
            parts.append(part)
            missing -= len(part)
        self.offset += size - missing
        return b"".join(parts)

    def unread(self, data: bytes) -> None:
        """Pushes `data`, the end of what was read, back; the next read returns it first."""
        self._held = data + self._held
        self.offset -= len(data)

    def skip_zeros(self) -> bool:
        """Moves behind zero bytes, the padding between members; returns whether more follows."""
        while block := self.read():
            rest = block.lstrip(b"\0")
            if rest:
                self.unread(rest)
                return True
        return False


class Piece(NamedTuple):
    """Expanded bytes that follow the piece before, unless `starts` or `damage` says otherwise."""

    data: bytes
    offset: int  # in the file: of the member they come from; of the bytes if not compressed
    starts: bool = False  # first bytes of a member or file
    damage: str = ""  # why the bytes after the piece before are lost
    end: int | None = None  # where the file ends; None if it is compressed


def expand(file: BinaryIO) -> Iterator[bytes]:
    """Returns the expanded bytes of a whole file in chunks of bounded size.

    The first bytes tell the compression, so a file that a store has already expanded is read too.

    Raises:
      RecordError: after everything that can be read, if the stream is cut short or corrupt, or
        expands beyond `MAX_EXPANSION`; the message names the offset in the file.
    """
    raw = RawStream(file)
    return bound_expansion(_chunks(raw), raw)


def bound_expansion(chunks: Iterator[bytes], raw: RawStream) -> Iterator[bytes]:
    """Yields the chunks that expand what is read from `raw` from now on.

    Raises:
      RecordError: before they exceed `MAX_EXPANSION`, beyond the first `FREE_EXPANSION_BYTES`.
    """
    expansion = Expansion(raw)
    for chunk in chunks:
        expansion.add(len(chunk))
        yield chunk


class Expansion:
    """How far what is read from a stream expands, from now on."""

    def __init__(self, raw: RawStream) -> None:
        self._raw, self._start, self._expanded = raw, raw.offset, 0

    def add(self, size: int, raw: RawStream | None = None) -> None:
        """Counts `size` expanded bytes of the stream, or of `raw`, another one of the same file.

        Raises:
          RecordError: if they exceed `MAX_EXPANSION`, beyond the first `FREE_EXPANSION_BYTES`.
        """
        self._raw = raw or self._raw
        self._expanded += size
        read = self._raw.offset - self._start
        if self._expanded > FREE_EXPANSION_BYTES + MAX_EXPANSION * read:
            message = f"expands more than {MAX_EXPANSION} times, at byte {self._raw.offset}"
            raise RecordError(message)


def compression_of(head: bytes) -> str:
    """Returns gzip, bzip2, zstd or "" by a file's first bytes.

    >>> compression_of(b"BZh91AY&SY")
    'bzip2'
    """
    if b"\x50" <= head[:1] <= b"\x5f" and head[1:4] == b"\x2a\x4d\x18":
        return "zstd"  # a skippable frame, as parallel compressors write first
    return next((name for magic, name in MAGIC if head.startswith(magic)), "")


def peek_compression(file: BinaryIO) -> str:
    """Returns `compression_of` the file's first bytes, and goes back to its start."""
    raw = RawStream(file)
    head = raw.read(4)
    file.seek(0)
    return compression_of(head)


def _chunks(raw: RawStream) -> Iterator[bytes]:
    head = raw.read(4)
    raw.unread(head)
    name = compression_of(head)
    if not name:
        while chunk := raw.read(CHUNK_BYTES):
            yield chunk
        return
    words = zstd_dictionary(raw) if name == "zstd" else None
    while _at_member(raw, name):
        yield from expand_member(raw, name, words)


def expand_member(
    raw: RawStream, name: str, words: zstandard.ZstdCompressionDict | None = None
) -> Iterator[bytes]:
    """Returns the expanded bytes of one gzip member, zstd frame or bzip2 stream.

    Afterwards `raw` stands at the byte behind it. `words` is the dictionary of zstd frames.

    Raises:
      RecordError: after everything that can be read, if it is cut short or corrupt.
    """
    if name == "zstd":
        return _zstd_frame(raw, words)
    return _gzip_member(raw) if name == "gzip" else _bzip2_stream(raw)


def read_members(
    raw: RawStream, name: str, find: Callable[[int], RawStream | None]
) -> Iterator[Piece]:
    """Yields the bytes of all members of a file in pieces; damage is a piece, no error.

    Args:
      raw: the file at its first member.
      name: its compression; after damage only gzip continues.
      find: returns the file at the first good member from an offset on, None if there is none.
    """
    expansion = Expansion(raw)
    try:
        words = zstd_dictionary(raw) if name == "zstd" else None
    except RecordError as error:
        yield Piece(b"", 0, starts=True, damage=str(error))
        return
    stream: RawStream | None = raw
    while stream is not None and stream.skip_zeros():
        start, starts = stream.offset, True
        try:
            for data in expand_member(stream, name, words):
                expansion.add(len(data), stream)
                if data:
                    yield Piece(data, start, starts)
                    starts = False
        except RecordError as error:
            yield Piece(b"", start, starts, str(error))
            stream = find(start + 1) if name == "gzip" else None


def _at_member(raw: RawStream, name: str) -> bool:
    """Returns whether another member follows."""
    if not raw.skip_zeros():
        return False
    head = raw.read(4)
    raw.unread(head)
    if compression_of(head) != name:
        raise RecordError(f"bytes that are not {name} at byte {raw.offset}")
    return True


def _gzip_member(raw: RawStream) -> Iterator[bytes]:
    inflate = zlib.decompressobj(wbits=31)
    while not inflate.eof:
        data = inflate.unconsumed_tail or raw.read()
        if not data:
            yield inflate.flush()
            raise RecordError(f"gzip stream is cut short at byte {raw.offset}")
        before = inflate.copy()
        try:
            chunk = inflate.decompress(data, CHUNK_BYTES)
        except zlib.error as error:
            yield _salvage(before, data)
            raise RecordError(f"corrupt gzip stream near byte {raw.offset}: {error}") from error
        yield chunk
    raw.unread(inflate.unused_data)


def _salvage(inflate: "zlib._Decompress", data: bytes) -> bytes:
    """Returns what `data` gives before the error: by halves, since zlib drops a step that fails."""
    expanded, step = bytearray(), len(data)
    at = 0
    while step and at < len(data):
        before = inflate.copy()
        try:
            expanded += inflate.decompress(data[at : at + step])
            at += step
        except zlib.error:
            inflate = before
            step //= 2
    return bytes(expanded)


def _bzip2_stream(raw: RawStream) -> Iterator[bytes]:
    decompressor = bz2.BZ2Decompressor()
    while not decompressor.eof:
        data = raw.read() if decompressor.needs_input else b""
        if not data and decompressor.needs_input:
            raise RecordError(f"bzip2 stream is cut short at byte {raw.offset}")
        try:
            chunk = decompressor.decompress(data, CHUNK_BYTES)
        except (OSError, ValueError) as error:
            raise RecordError(f"corrupt bzip2 stream near byte {raw.offset}: {error}") from error
        yield chunk
    raw.unread(decompressor.unused_data)


def zstd_dictionary(raw: RawStream) -> zstandard.ZstdCompressionDict | None:
    """Returns the dictionary that a file's zstd frames share, if it begins with one.

    It stands in a skippable frame of its own, perhaps compressed in turn (IIPC, "WARC file format:
    Zstandard compression").

    Raises:
      RecordError: if it cannot be read.
    """
    head = raw.read(8)
    size = int.from_bytes(head[4:], "little")
    if head[:4] != DICTIONARY_MAGIC or not 0 < size <= MAX_ZSTD_DICTIONARY:
        raw.unread(head)
        return None
    words = raw.read(size)
    try:
        if compression_of(words[:4]) == "zstd":
            expander = zstandard.ZstdDecompressor(max_window_size=MAX_ZSTD_WINDOW)
            words = expander.stream_reader(words).read(MAX_ZSTD_DICTIONARY)
        return zstandard.ZstdCompressionDict(words)
    except zstandard.ZstdError as error:
        raise RecordError(f"unreadable zstd dictionary: {error}") from error


def _zstd_frame(raw: RawStream, words: zstandard.ZstdCompressionDict | None) -> Iterator[bytes]:
    try:
        expander = zstandard.ZstdDecompressor(dict_data=words, max_window_size=MAX_ZSTD_WINDOW)
        frame = expander.decompressobj()
    except zstandard.ZstdError as error:
        raise RecordError(f"unreadable zstd dictionary: {error}") from error
    while not frame.eof:
        data = raw.read(ZSTD_STEP)
        if not data:
            raise RecordError(f"zstd frame is cut short at byte {raw.offset}")
        try:
            chunk = frame.decompress(data)
        except zstandard.ZstdError as error:
            raise RecordError(f"corrupt zstd frame near byte {raw.offset}: {error}") from error
        yield chunk
    raw.unread(frame.unused_data)
