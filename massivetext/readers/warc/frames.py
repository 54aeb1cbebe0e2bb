"""WARC records cut out of a file: header fields and block, or what is wrong with the record."""

from collections.abc import Collection, Iterator
from typing import BinaryIO, NamedTuple

from massivetext.limits import MAX_HEADER_BYTES, MAX_RECORD_BYTES
from massivetext.readers.warc.pieces import read_pieces
from massivetext.readers.warc.window import Window


class Frame(NamedTuple):
    """One record of an archive."""

    fields: dict[str, str]  # names in lower case
    block: bytes
    offset: int  # in the file: of the record's gzip member, or of the stretch it stands in
    oversized: bool = False  # its block is over `MAX_RECORD_BYTES` and was left out
    problem: str = ""  # why it cannot be read


def read_frames(file: BinaryIO) -> Iterator[Frame]:
    """Returns every record of a WARC file in order, and one `Frame` with a problem a damage.

    The file may be plain, one gzip member a record, or one member as a whole; any WARC version.
    Behind damage it goes on at the next record, so only records that cannot be read are lost.
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
        window.skip(1)  # or this would be the next record found
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
    if window.is_in_doubt():  # its gzip member goes wrong later, so these bytes are in doubt
        return _broken(window, window.damage)
    return Frame(fields, block, window.offset())


def _broken(window: Window, problem: str) -> Frame:
    return Frame({}, b"", window.offset(), problem=problem)


def parse_fields(head: bytes, joined: Collection[str] = ()) -> dict[str, str]:
    r"""Returns header fields by lower-case name; lines may be folded.

    Of several the first holds, but the values of those in `joined` are joined by commas.

    >>> parse_fields(b"WARC/1.0\r\nWARC-Type: response\r\nX-Long: a\r\n b")
    {'warc-type': 'response', 'x-long': 'a b'}
    """
    values: dict[str, list[list[str]]] = {}
    parts: list[str] | None = None  # of the field that a folded line goes on with
    for line in head.decode("utf-8", "replace").split("\n")[1:]:
        if line[:1] in (" ", "\t"):
            if parts is not None:
                parts.append(line.strip())
            continue
        key, colon, value = line.partition(":")
        name, parts = key.strip().lower(), None
        if colon and name and (name not in values or name in joined):
            parts = [value.strip()]
            values.setdefault(name, []).append(parts)
    return {name: ", ".join(map(" ".join, found)) for name, found in values.items()}
