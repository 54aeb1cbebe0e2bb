"""Reads the wire format of protobuf messages: enough for the few messages that come from others.

Without the protobuf package: what reads models and examples must not depend on which version of
it Beam, TensorFlow or SentencePiece want.
"""

from collections.abc import Iterator
from typing import NamedTuple

from massivetext.errors import RecordError

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5
_VARINT_BYTES = 10  # of 64 bits
_SIZES = {FIXED64: 8, FIXED32: 4}


class Field(NamedTuple):
    """One field of a message; numbers are little-endian, a varint as eight bytes."""

    number: int
    kind: int
    value: bytes


def read_fields(data: bytes) -> Iterator[Field]:
    r"""Yields the fields of a message in the order written.

    Raises:
      RecordError: the message is cut or broken, or has a group, which is long obsolete.

    >>> list(read_fields(b"\x0a\x02hi\x10\x07"))[0]
    Field(number=1, kind=2, value=b'hi')
    """
    at = 0
    while at < len(data):
        key, at = read_varint(data, at)
        number, kind = key >> 3, key & 7
        if kind == VARINT:
            value, at = read_varint(data, at)
            yield Field(number, kind, value.to_bytes(8, "little"))
            continue
        if kind == BYTES:
            size, at = read_varint(data, at)
        elif kind in _SIZES:
            size = _SIZES[kind]
        else:
            raise RecordError(f"protobuf: wire type {kind}")
        if not number or at + size > len(data):
            raise RecordError("protobuf: the message is cut or broken")
        yield Field(number, kind, data[at : at + size])
        at += size


def content(data: bytes, number: int) -> bytes:
    """Returns the submessage in a field; written in several pieces, it is all of them joined."""
    pieces = (field for field in read_fields(data) if field.number == number)
    return b"".join(field.value for field in pieces if field.kind == BYTES)


def read_varint(data: bytes, at: int) -> tuple[int, int]:
    """Returns the integer at `at`, of at most 64 bits, and where it ends.

    Raises:
      RecordError: it is cut or has more than 64 bits.
    """
    value = 0
    for place, byte in enumerate(data[at : at + _VARINT_BYTES]):
        value |= (byte & 0x7F) << 7 * place
        if not byte & 0x80:
            return value & 0xFFFFFFFFFFFFFFFF, at + place + 1
    raise RecordError("protobuf: a number is cut or has more than 64 bits")
