"""Encodes text to exactly the ids of SentencePiece, and decodes them.

The native kernel (`kernels/encode`) does it some 15 times faster; without it SentencePiece runs.
"""

from pathlib import Path

import numpy as np
import sentencepiece
from numpy.typing import ArrayLike, NDArray

from massivetext.config.recipe import LARGEST_VOCABULARY
from massivetext.errors import ConfigError
from massivetext.limits import MAX_DOCUMENT_BYTES
from massivetext.tokenizer.native import make_native
from massivetext.tokenizer.vocabulary import BOS, EOS, UNKNOWN

SPACE = "\u2581"  # how SentencePiece writes a space inside pieces


class Encoder:
    """A trained vocabulary. Not shared between processes: each loads its own from the bytes."""

    def __init__(self, model: bytes, native: bool = True) -> None:
        """Loads a model file's content; raises ConfigError where it is not one of ours.

        `native=False` encodes by SentencePiece, even where there are native kernels.
        """
        self._processor = sentencepiece.SentencePieceProcessor()
        try:
            self._processor.LoadFromSerializedProto(model)
        except (RuntimeError, UnicodeDecodeError) as error:  # its messages quote the file
            raise ConfigError(f"not a SentencePiece model: {error}") from error
        _verify(self._processor)
        self._native = make_native(model) if native else None

    @classmethod
    def load(cls, path: Path) -> "Encoder":
        """Returns the encoder of a model file."""
        return cls(path.read_bytes())

    @property
    def is_native(self) -> bool:
        """Returns whether the native kernel encodes."""
        return self._native is not None

    @property
    def size(self) -> int:
        """Returns the number of ids."""
        return int(self._processor.vocab_size())

    def encode(self, text: str) -> NDArray[np.uint16]:
        """Returns the ids of a text, (tokens,) uint16, without begin and end of document.

        Do not write into the array.

        Raises:
          UnicodeEncodeError: the text has a lone surrogate.
          ValueError: the text is longer than any document: a character's normal form has up to 33
            bytes, and places in it are 32-bit numbers.
        """
        if len(text) > MAX_DOCUMENT_BYTES:
            raise ValueError(f"a text of more than {MAX_DOCUMENT_BYTES:,} characters")
        if self._native is None:
            return np.array(self._processor.encode(text.encode()), np.uint16)
        return np.frombuffer(self._native.encode(text), "<u2").astype(np.uint16, copy=False)

    def offsets(self, data: bytes) -> NDArray[np.int64]:
        """Returns the bytes, (tokens, 2), of a UTF-8 text that each id of `encode` stands for.

        A character that takes several ids belongs to the last of them.
        """
        found = self._processor.encode_as_offset_mapping(data)["offsets"]
        return np.array(found, np.int64).reshape(-1, 2)

    def decode(self, ids: ArrayLike) -> str:
        """Returns the text of ids; control ids are left out, broken characters are U+FFFD.

        Raises:
          ValueError: the vocabulary does not have an id.
        """
        values = [int(value) for value in np.asarray(ids, np.int64)]
        if values and not 0 <= min(values) <= max(values) < self.size:
            raise ValueError(f"ids must be below {self.size}")
        return str(self._processor.decode(values))

    def normalize(self, text: str) -> str:
        """Returns the text that `decode` gives back after `encode`: NFKC, and U+2581 a space."""
        return bytes(self._processor.normalize(text.encode())).decode().replace(SPACE, " ")

    def piece(self, token: int) -> str:
        """Returns the piece of an id, spaces written as U+2581."""
        return str(self._processor.id_to_piece(token))


def _verify(processor: sentencepiece.SentencePieceProcessor) -> None:
    """Raises ConfigError where shards cannot hold a model's ids, or it cannot encode every text."""
    special = (processor.unk_id(), processor.bos_id(), processor.eos_id())
    if special != (UNKNOWN, BOS, EOS):
        raise ConfigError(f"ids of unknown, begin and end are {special}, must be 0, 1, 2")
    if processor.vocab_size() > LARGEST_VOCABULARY:
        raise ConfigError(
            f"{processor.vocab_size():,} ids; at most {LARGEST_VOCABULARY:,}, for ids are stored in"
            " 16 bits: take a smaller vocabulary"
        )
    pieces = [processor.piece_to_id(f"<0x{byte:02X}>") for byte in range(256)]
    if not all(map(processor.is_byte, pieces)):
        raise ConfigError(
            "the vocabulary has no byte fallback, so it cannot encode every text: take one that has"
        )
