"""Reads a SentencePiece model file: a protobuf message (`sentencepiece_model.proto`).

SentencePiece's Python interface does not give the normalizer's rules, and its own protobuf module
wants another protobuf than Beam does; so the few fields that encoding needs are read here.
"""

import struct
from typing import NamedTuple

from massivetext.errors import ConfigError, RecordError
from massivetext.protobuf import read_fields

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
    rules: bytes  # the normalizer's
    add_dummy_prefix: bool
    remove_extra_whitespaces: bool
    escape_whitespaces: bool


def read_model(data: bytes) -> Model:
    """Returns the content of a model file; raises ConfigError where it cannot be read."""
    try:
        model = _Message(data)
        trainer, normalizer = _Message(model.content(2)), _Message(model.content(3))
        pieces = [_piece(_Message(value)) for value in model.fields.get(1, [])]
    except (RecordError, struct.error) as error:
        raise ConfigError("not a SentencePiece model: the file is cut or broken") from error
    return Model(
        pieces,
        trainer.integer(3, default=1),
        bool(trainer.integer(24, default=0)),
        normalizer.content(2),
        bool(normalizer.integer(3, default=1)),
        bool(normalizer.integer(4, default=1)),
        bool(normalizer.integer(5, default=1)),
    )


def _piece(message: "_Message") -> Piece:
    (score,) = struct.unpack("<f", message.content(2) or bytes(4))
    return Piece(message.content(1), score, message.integer(3, default=NORMAL))


class _Message:
    """The fields of a message as bytes; numbers are little-endian."""

    def __init__(self, data: bytes) -> None:
        self.fields: dict[int, list[bytes]] = {}
        for field in read_fields(data):
            self.fields.setdefault(field.number, []).append(field.value)

    def content(self, number: int) -> bytes:
        """Returns the last value of a field, empty where there is none."""
        return self.fields.get(number, [b""])[-1]

    def integer(self, number: int, default: int) -> int:
        """Returns the last value of a field of integers."""
        return int.from_bytes(self.content(number), "little") if number in self.fields else default
