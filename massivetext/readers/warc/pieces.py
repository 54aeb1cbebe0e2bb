"""Expanded bytes of a WARC file, marked where gzip members begin and where bytes are damaged."""

import re
import zlib
from collections.abc import Iterator
from functools import partial
from io import SEEK_END
from itertools import chain
from typing import BinaryIO

from massivetext.readers.bytes.decompress import (
    CHUNK_BYTES,
    Piece,
    RawStream,
    compression_of,
    read_members,
)

MARK = b"WARC/"  # what every record begins with
_MEMBER = re.compile(rb"\x1f\x8b\x08[\x00-\x1f]")
_HEAD_BYTES = 64  # that tell what a file is
_SCAN_BYTES = 1 << 20
_FIRST_SCAN_BYTES = 1 << 14  # the next member is often near
_PROBE_BYTES = 512  # compressed bytes that show what a member begins with


def read_pieces(file: BinaryIO) -> Iterator[Piece]:
    """Returns a file's expanded bytes in pieces of bounded size; damage is a piece, no error."""
    raw = RawStream(file)
    head = raw.read(_HEAD_BYTES)
    raw.unread(head)
    name = compression_of(head)
    if name:
        return read_members(raw, name, partial(_find_member, file))
    if head.lstrip(b"\r\n").startswith(MARK) or (found := _find_member(file, 0)) is None:
        return _read_plain(file)
    problem = Piece(b"", 0, starts=True, damage="neither a gzip member nor a WARC record")
    return chain([problem], read_members(found, "gzip", partial(_find_member, file)))


def _read_plain(file: BinaryIO) -> Iterator[Piece]:
    end = file.seek(0, SEEK_END)
    raw = RawStream(file)
    offset = 0
    while data := raw.read(CHUNK_BYTES):
        yield Piece(data, offset, starts=offset == 0, end=end)
        offset = raw.offset


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
