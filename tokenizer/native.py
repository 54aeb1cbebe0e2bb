"""Makes the native encoder of a model, where the model is of the kind that it encodes exactly."""

import sys
from typing import Any

from massivetext.text.kernels import find_kernels
from massivetext.tokenizer.sentencepiece_file import (
    BPE,
    BYTE,
    NORMAL,
    UNUSED,
    USER_DEFINED,
    Model,
    read_model,
)
from massivetext.tokenizer.vocabulary import SYMBOLS

ESCAPED_SPACE = "\u2581".encode()


def make_native(data: bytes) -> Any | None:
    """Returns an object whose `encode(text)` gives little-endian uint16 ids, or None.

    None without native kernels, and for a model that is not like those of `train_vocabulary`:
    SentencePiece itself encodes then.

    Raises:
      ConfigError: the model cannot be read.
    """
    kernels = find_kernels()
    if kernels is None:
        return None
    model = read_model(data)
    if not _is_encoded_exactly(model):
        return None
    pieces = [
        (piece.text.replace(ESCAPED_SPACE, b" "), number, piece.score)
        for number, piece in enumerate(model.pieces)
        if piece.kind in (NORMAL, USER_DEFINED)
    ]
    byte_ids = [number for number, piece in enumerate(model.pieces) if piece.kind == BYTE]
    try:
        return kernels.Encoder(pieces, byte_ids, model.rules, model.remove_extra_whitespaces)
    except ValueError as error:  # rules of another kind, say with letters' case folded
        sys.stderr.write(f"massivetext: this vocabulary is encoded by SentencePiece: {error}\n")
        return None


def _is_encoded_exactly(model: Model) -> bool:
    """Returns whether a model is plain byte-pair encoding with byte fallback, as ours are."""
    kinds = {piece.kind for piece in model.pieces}
    byte_pieces = [piece.text for piece in model.pieces if piece.kind == BYTE]
    symbols = {piece.text for piece in model.pieces if piece.kind == USER_DEFINED}
    return (
        model.model_type == BPE
        and model.escape_whitespaces
        and not model.add_dummy_prefix
        and not model.whitespace_as_suffix
        and UNUSED not in kinds
        and byte_pieces == [f"<0x{byte:02X}>".encode() for byte in range(256)]
        and symbols == {symbol.encode() for symbol in SYMBOLS}
    )
