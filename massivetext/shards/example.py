"""The training record's content: a `tf.train.Example` of one sequence, always of the same size.

Features: `source`, one byte, the index of the sequence's source in the data set's list; `tokens`,
length + 1 little-endian uint16. The serialized message is a constant prefix with the source in it,
then the tokens; so writing is a copy, and record i is found by arithmetic. The prefix is written
by protobuf's rules below, and a test holds it equal to protobuf's own bytes.
"""

import struct
from collections.abc import Iterator
from functools import cache
from itertools import islice
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from massivetext.errors import RecordError
from massivetext.protobuf import BYTES, FIXED32, VARINT, Field, content, read_fields, read_varint


class Layout(NamedTuple):
    """Where things are in the example of a sequence."""

    prefix: bytes  # up to the tokens, which end the example; of source 0
    source: int  # offset of the source in the prefix
    bytes: int  # of the whole example


@cache
def layout(length: int) -> Layout:
    """Returns the layout of the example of a sequence of `length` + 1 tokens.

    >>> layout(2_048).bytes
    4138
    """
    size = 2 * (length + 1)
    source, tokens = _entry(b"source", b"\0"), _entry(b"tokens", bytes(size))
    whole = _field(1, source + tokens)  # Example.features
    return Layout(whole[:-size], len(whole) - len(tokens) - 1, len(whole))


def _entry(key: bytes, value: bytes) -> bytes:
    """Returns one entry of the map of features: key and a list of one bytes value."""
    feature = _field(1, _field(1, value))  # Feature.bytes_list, BytesList.value
    return _field(1, _field(1, key) + _field(2, feature))


def _field(number: int, value: bytes) -> bytes:
    """Returns a length-delimited field of a protobuf message."""
    return bytes([number << 3 | 2]) + _varint(len(value)) + value


def _varint(value: int) -> bytes:
    low, rest = value & 0x7F, value >> 7
    return bytes([low | 0x80]) + _varint(rest) if rest else bytes([low])


def to_examples(sequences: NDArray[np.uint16], sources: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Returns serialized examples, (n, bytes), of sequences (n, length + 1) and sources (n,).

    >>> to_examples(np.zeros((3, 5), np.uint16), np.zeros(3, np.uint8)).shape
    (3, 45)
    """
    found = layout(sequences.shape[1] - 1)
    examples = np.empty((len(sequences), found.bytes), np.uint8)
    examples[:, : len(found.prefix)] = np.frombuffer(found.prefix, np.uint8)
    examples[:, found.source] = sources
    examples[:, len(found.prefix) :] = np.ascontiguousarray(sequences, "<u2").view(np.uint8)
    return examples


def to_integers(tokens: NDArray[np.uint16], key: bytes = b"text") -> bytes:
    r"""Returns a serialized example of one feature: the tokens as a list of 64-bit integers.

    >>> to_integers(np.array([1, 300], np.uint16))[-3:]
    b'\x01\xac\x02'
    """
    wide = tokens.astype(np.uint32)[:, None]
    low = (wide >> np.array([0, 7, 14], np.uint32)) & 0x7F  # seven bits a byte
    more = wide >> np.array([7, 14, 21], np.uint32) > 0  # whether another byte follows
    used = np.concatenate([np.ones_like(more[:, :1]), more[:, :2]], 1)
    varints = (low | (more << 7)).astype(np.uint8)[used].tobytes()
    feature = _field(3, _field(1, varints))  # Feature.int64_list, Int64List.value
    return _field(1, _field(1, _field(1, key) + _field(2, feature)))


def from_example(data: bytes, length: int, name: str) -> tuple[int, NDArray[np.uint16]]:
    """Returns the source and the tokens, (length + 1,), of one example.

    Raises:
      RecordError: it is not an example of that length; the message begins with `name`.
    """
    found = layout(length)
    prefix = bytearray(data[: len(found.prefix)])
    if len(data) == found.bytes:
        source, prefix[found.source] = prefix[found.source], 0
        if prefix == found.prefix:
            return source, np.frombuffer(data, "<u2", offset=len(prefix)).astype(np.uint16)
    raise RecordError(f"{name}: not an example of {length + 1:,} tokens")


Value = bytes | int | float


def read_features(data: bytes) -> dict[str, list[Value]]:
    r"""Returns the features of any `tf.train.Example`, by name.

    Of a list of numbers the first alone: they serve as dates or ids, and lists may be long.

    Raises:
      RecordError: it is no such message.

    >>> read_features(layout(1).prefix + bytes(4))["tokens"]
    [b'\x00\x00\x00\x00']
    """
    found: dict[str, list[Value]] = {}
    for field in read_fields(content(data, 1)):  # Example.features
        if field.number == 1 and field.kind == BYTES:  # an entry of Features.feature
            key, parts = b"", list[bytes]()
            for part in read_fields(field.value):
                key = part.value if part[:2] == (1, BYTES) else key
                if part[:2] == (2, BYTES):
                    parts.append(part.value)
            found[key.decode("utf-8", "replace")] = _values(b"".join(parts))
    return found


def _values(feature: bytes) -> list[Value]:
    """Returns the values of a Feature: of its three lists the last written holds (a oneof)."""
    pieces, kind = list[bytes](), 1
    for field in read_fields(feature):
        if field.kind == BYTES and field.number in (1, 2, 3):
            pieces = pieces if field.number == kind else []
            pieces.append(field.value)
            kind = field.number
    fields = (field for field in read_fields(b"".join(pieces)) if field.number == 1)
    if kind == 1:
        return [field.value for field in fields if field.kind == BYTES]
    first = _first_float if kind == 2 else _first_integer
    return list(islice((n for field in fields for n in first(field)), 1))


def _first_float(field: Field) -> Iterator[float]:
    if field.kind in (BYTES, FIXED32) and len(field.value) >= 4:
        yield struct.unpack_from("<f", field.value)[0]


def _first_integer(field: Field) -> Iterator[int]:
    if field.kind == BYTES and field.value:
        number, _ = read_varint(field.value, 0)
        yield number - (number >> 63 << 64)
    elif field.kind == VARINT:
        yield int.from_bytes(field.value, "little", signed=True)
