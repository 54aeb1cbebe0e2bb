"""Expanded bytes of a WARC file, marked where gzip members begin and where bytes are damaged."""

import re
import zlib
from collections.abc import Iterator
from io import SEEK_END
from typing import BinaryIO, NamedTuple

from massivetext.errors import RecordError
from massivetext.readers.bytes.decompress import (
    CHUNK_BYTES,
    Expansion,
    RawStream,
    compression_of,
    expand_member,
    zstd_dictionary,
)

MARK = b"WARC/"  # what every record begins with
_MEMBER = re.compile(rb"\x1f\x8b\x08[\x00-\x1f]")
_HEAD_BYTES = 64  # that tell what a file is
_SCAN_BYTES = 1 << 20
_FIRST_SCAN_BYTES = 1 << 14  # the next member is often near
_PROBE_BYTES = 512  # compressed bytes that show what a member begins with


class Piece(NamedTuple):
    """Expanded bytes that follow the piece before, unless `starts` or `damage` says otherwise."""

    data: bytes
    offset: int  # in the file: of the member they come from; of the bytes if not compressed
    starts: bool = False  # first bytes of a member or file
    damage: str = ""  # why the bytes after the piece before are lost
    end: int | None = None  # where the file ends; None if it is compressed


def read_pieces(file: BinaryIO) -> Iterator[Piece]:
    """Returns a file's expanded bytes in pieces of bounded size; damage is a piece, no error."""
    raw = RawStream(file)
    head = raw.read(_HEAD_BYTES)
    raw.unread(head)
    name = compression_of(head)
    if name:
        yield from _read_members(file, raw, name)
    elif head.lstrip(b"\r\n").startswith(MARK) or (found := _find_member(file, 0)) is None:
        yield from _read_plain(file)
    else:
        yield Piece(b"", 0, starts=True, damage="neither a gzip member nor a WARC record")
        yield from _read_members(file, found, "gzip")


def _read_plain(file: BinaryIO) -> Iterator[Piece]:
    end = file.seek(0, SEEK_END)
    raw = RawStream(file)
    offset = 0
    while data := raw.read(CHUNK_BYTES):
        yield Piece(data, offset, starts=offset == 0, end=end)
        offset = raw.offset


def _read_members(file: BinaryIO, raw: RawStream, name: str) -> Iterator[Piece]:
    """Yields all members; after a damaged one it goes on at the next that begins with a record."""
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
            stream = _find_member(file, start + 1) if name == "gzip" else None


def _find_member(file: BinaryIO, start: int) -> RawStream | None:
    """Returns the file at the first gzip member from `start` on that begins with a record."""
    raw, size = RawStream(file, start), _FIRST_SCAN_BYTES
    while block := raw.read(size):
        whole = len(block) == size
        size = _SCAN_BYTES
        keep = 3 if whole else 0  # a member's first bytes may lie across two blocks
        for found in _MEMBER.finditer(block):
            at = found.start()
            if whole and len(block) - at < _PROBE_BYTES:
                keep = len(block) - at
                break
            if _begins_record(block[at : at + _PROBE_BYTES]):
                raw.unread(block[at:])
                return raw
        raw.unread(block[len(block) - keep :])
    return None


def _begins_record(member: bytes) -> bool:
    try:
        return zlib.decompressobj(wbits=31).decompress(member, len(MARK)) == MARK
    except zlib.error:
        return False
