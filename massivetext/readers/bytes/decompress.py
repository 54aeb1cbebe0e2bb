"""Compressed streams as chunks of bounded size: gzip, Zstandard, bzip2, or plain bytes."""

import bz2
import zlib
from collections.abc import Iterator
from typing import BinaryIO

import zstandard

from massivetext.errors import RecordError
from massivetext.limits import FREE_EXPANSION_BYTES, MAX_EXPANSION, MAX_ZSTD_WINDOW

READ_BYTES = 1 << 16
CHUNK_BYTES = 1 << 18  # the most that one step of gzip or bzip2 expands to
ZSTD_STEP = 1 << 10  # a zstd block of 4 bytes may expand to 128 KB, so input goes in small steps

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
        """Puts `data`, the end of what was read, back."""
        self._held = data + self._held
        self.offset -= len(data)


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
    """Returns the chunks that expand what is read from `raw` from now on.

    Raises:
        RecordError: before they exceed `MAX_EXPANSION`, beyond the first `FREE_EXPANSION_BYTES`.
    """
    start, expanded = raw.offset, 0
    for chunk in chunks:
        expanded += len(chunk)
        if expanded > FREE_EXPANSION_BYTES + MAX_EXPANSION * (raw.offset - start):
            raise RecordError(f"expands more than {MAX_EXPANSION} times, at byte {raw.offset}")
        yield chunk


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
    while _at_member(raw, name):
        yield from expand_member(raw, name)


def expand_member(raw: RawStream, name: str) -> Iterator[bytes]:
    """Returns the expanded bytes of one gzip member, zstd frame or bzip2 stream.

    Afterwards `raw` stands at the byte behind it.

    Raises:
        RecordError: after everything that can be read, if it is cut short or corrupt.
    """
    expanders = {"gzip": _gzip_member, "zstd": _zstd_frame, "bzip2": _bzip2_stream}
    return expanders[name](raw)


def _at_member(raw: RawStream, name: str) -> bool:
    """Returns whether another member follows; zero bytes between members are padding."""
    while block := raw.read():
        rest = block.lstrip(b"\0")
        if rest:
            raw.unread(rest)
            head = raw.read(4)
            raw.unread(head)
            if compression_of(head) != name:
                raise RecordError(f"bytes that are not {name} at byte {raw.offset}")
            return True
    return False


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
    """Returns what `data` gives before the error: byte by byte, since zlib drops it otherwise."""
    expanded = bytearray()
    try:
        for at in range(len(data)):
            expanded += inflate.decompress(data[at : at + 1])
    except zlib.error:
        pass
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


def _zstd_frame(raw: RawStream) -> Iterator[bytes]:
    frame = zstandard.ZstdDecompressor(max_window_size=MAX_ZSTD_WINDOW).decompressobj()
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
