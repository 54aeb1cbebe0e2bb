"""Reads a SentencePiece model file: a protobuf message (`sentencepiece_model.proto`).

SentencePiece's Python interface does not give the normaliser's rules, and its own protobuf module
wants another protobuf than Beam does; so the few fields that encoding needs are read here.
"""

import struct
from typing import NamedTuple

from massivetext.errors import ConfigError

BPE = 2  # TrainerSpec.ModelType
NORMAL, UNKNOWN, CONTROL, USER_DEFINED, UNUSED, BYTE = range(1, 7)  # SentencePiece.Type


class Piece(NamedTuple):
    """One id's piece."""

    text: bytes  # UTF-8, spaces written as U+2581
    score: float  # of two possible merges the higher comes first
    kind: int


class Model(NamedTuple):
    """What encoding needs to know of a model."""

    pieces: list[Piece]
    model_type: int
    whitespace_as_suffix: bool
    rules: bytes  # the normaliser's
    add_dummy_prefix: bool
    remove_extra_whitespaces: bool
    escape_whitespaces: bool


def read_model(data: bytes) -> Model:
    """Returns the content of a model file; raises ConfigError where it cannot be read."""
    try:
        model = _Message(data)
        trainer, normaliser = _Message(model.content(2)), _Message(model.content(3))
        pieces = [_piece(_Message(value)) for value in model.fields.get(1, [])]
    except (IndexError, struct.error) as error:
        raise ConfigError("not a SentencePiece model: the file is cut or broken") from error
    return Model(
        pieces,
        trainer.integer(3, default=1),
        bool(trainer.integer(24, default=0)),
        normaliser.content(2),
        bool(normaliser.integer(3, default=1)),
        bool(normaliser.integer(4, default=1)),
        bool(normaliser.integer(5, default=1)),
    )


def _piece(message: "_Message") -> Piece:
    (score,) = struct.unpack("<f", message.content(2) or bytes(4))
    return Piece(message.content(1), score, message.integer(3, default=NORMAL))


class _Message:
    """The fields of a protobuf message as bytes; integers as eight little-endian bytes."""

    def __init__(self, data: bytes) -> None:
        self.fields: dict[int, list[bytes]] = {}
        at = 0
        while at < len(data):
            key, at = _varint(data, at)
            value, at = _value(data, at, key & 7)
            self.fields.setdefault(key >> 3, []).append(value)

    def content(self, number: int) -> bytes:
        """Returns the last value of a field, empty where there is none."""
        return self.fields.get(number, [b""])[-1]

    def integer(self, number: int, default: int) -> int:
        """Returns the last value of a field of integers."""
        return int.from_bytes(self.content(number), "little") if number in self.fields else default


def _value(data: bytes, at: int, wire_type: int) -> tuple[bytes, int]:
    """Returns the value of a field that begins at `at`, and where it ends."""
    if wire_type == 0:
        value, at = _varint(data, at)
        return (value & 0xFFFFFFFFFFFFFFFF).to_bytes(8, "little"), at
    if wire_type == 2:
        size, at = _varint(data, at)
    else:
        size = {1: 8, 5: 4}.get(wire_type, len(data))
    if at + size > len(data):
        raise IndexError("a field ends beyond its message")
    return data[at : at + size], at + size


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """Returns the integer at `at`, and where it ends."""
    value = shift = 0
    while data[at] & 0x80:
        value |= (data[at] & 0x7F) << shift
        at, shift = at + 1, shift + 7
    return value | data[at] << shift, at + 1
