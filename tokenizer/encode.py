"""Encodes text to exactly the ids of SentencePiece, or of `tokenizers`, and decodes them.

A SentencePiece model is encoded by the native kernel (`kernels/encode`) some 15 times faster;
without it SentencePiece runs. A Hugging Face ``tokenizer.json`` is encoded by `tokenizers`.
"""

from pathlib import Path

import numpy as np
import sentencepiece
from numpy.typing import ArrayLike, NDArray

from massivetext.config.recipe import LARGEST_VOCABULARY
from massivetext.errors import ConfigError
from massivetext.limits import MAX_DOCUMENT_BYTES
from massivetext.tokenizer.native import make_native
from massivetext.tokenizer.tokenizer_json import TokenizerJson, is_tokenizer_json
from massivetext.tokenizer.vocabulary import BOS, EOS, UNKNOWN

SPACE = "\u2581"  # how SentencePiece writes a space inside pieces


class Encoder:
    """A vocabulary. Not shared between processes: each loads its own from the bytes."""

    def __init__(self, model: bytes, native: bool = True) -> None:
        """Loads a model file's content; raises ConfigError where it is not one that we can use.

        `native=False` encodes by SentencePiece, even where there are native kernels.
        """
        self._engine: TokenizerJson | _SentencePiece = (
            TokenizerJson(model) if is_tokenizer_json(model) else _SentencePiece(model, native)
        )
        if self.size > LARGEST_VOCABULARY:
            raise ConfigError(
                f"{self.size:,} ids; at most {LARGEST_VOCABULARY:,}, for ids are stored in"
                " 16 bits: take a smaller vocabulary"
            )

    @classmethod
    def load(cls, path: Path) -> "Encoder":
        """Returns the encoder of a model file."""
        return cls(path.read_bytes())

    @property
    def is_native(self) -> bool:
        """Returns whether the native kernel encodes."""
        return self._engine.is_native

    @property
    def size(self) -> int:
        """Returns the number of ids."""
        return self._engine.size

    @property
    def bos(self) -> int:
        """Returns the id that stands before a document."""
        return self._engine.bos

    @property
    def eos(self) -> int:
        """Returns the id that stands after a document; GPT-2's vocabulary has one for both."""
        return self._engine.eos

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
        return self._engine.encode(text)

    def offsets(self, data: bytes) -> NDArray[np.int64]:
        """Returns the bytes, (tokens, 2), of a UTF-8 text that each id of `encode` stands for.

        A character that takes several ids belongs to the last of them.
        """
        return self._engine.offsets(data)

    def decode(self, ids: ArrayLike) -> str:
        """Returns the text of ids; control ids are left out, broken characters are U+FFFD.

        Raises:
          ValueError: the vocabulary does not have an id.
        """
        values = [int(value) for value in np.asarray(ids, np.int64)]
        if values and not 0 <= min(values) <= max(values) < self.size:
            raise ValueError(f"ids must be below {self.size}")
        return self._engine.decode(values)

    def normalize(self, text: str) -> str:
        """Returns the text that `decode` gives back after `encode`: NFKC, and U+2581 a space."""
        return self._engine.normalize(text)

    def piece(self, token: int) -> str:
        """Returns the piece of an id as the vocabulary writes it, say spaces as U+2581."""
        return self._engine.piece(token)

    def byte_sizes(self) -> list[int]:
        """Returns the UTF-8 bytes that each id stands for: one for a byte, none for control."""
        return self._engine.byte_sizes()


class _SentencePiece:
    """The engine of a SentencePiece model."""

    bos, eos = BOS, EOS

    def __init__(self, model: bytes, native: bool) -> None:
        self._processor = sentencepiece.SentencePieceProcessor()
        try:
            self._processor.LoadFromSerializedProto(model)
        except (RuntimeError, UnicodeDecodeError) as error:  # its messages quote the file
            raise ConfigError(f"not a SentencePiece model: {error}") from error
        self.size = int(self._processor.vocab_size())
        _verify(self._processor)
        self._native = make_native(model) if native else None
        self.is_native = self._native is not None

    def encode(self, text: str) -> NDArray[np.uint16]:
        if self._native is None:
            return np.array(self._processor.encode(text.encode()), np.uint16)
        return np.frombuffer(self._native.encode(text), "<u2").astype(np.uint16, copy=False)

    def offsets(self, data: bytes) -> NDArray[np.int64]:
        found = self._processor.encode_as_offset_mapping(data)["offsets"]
        return np.array(found, np.int64).reshape(-1, 2)

    def decode(self, ids: list[int]) -> str:
        return str(self._processor.decode(ids))

    def normalize(self, text: str) -> str:
        return bytes(self._processor.normalize(text.encode())).decode().replace(SPACE, " ")

    def piece(self, token: int) -> str:
        return str(self._processor.id_to_piece(token))

    def byte_sizes(self) -> list[int]:
        pieces = [self.piece(token) for token in range(self.size)]
        sizes = [len(piece.replace(SPACE, " ").encode()) for piece in pieces]
        for token, piece in enumerate(pieces):
            if token <= EOS:
                sizes[token] = 0
            elif len(piece) == 6 and piece.startswith("<0x") and piece.endswith(">"):
                sizes[token] = 1
        return sizes


def _verify(processor: sentencepiece.SentencePieceProcessor) -> None:
    """Raises ConfigError where a model has other marks, or cannot encode every text."""
    special = (processor.unk_id(), processor.bos_id(), processor.eos_id())
    if special != (UNKNOWN, BOS, EOS):
        raise ConfigError(f"ids of unknown, begin and end are {special}, must be 0, 1, 2")
    if processor.vocab_size() > LARGEST_VOCABULARY:
        return  # which is said of any vocabulary, and its pieces are not read
    pieces = [processor.piece_to_id(f"<0x{byte:02X}>") for byte in range(256)]
    if not all(map(processor.is_byte, pieces)):
        raise ConfigError(
            "the vocabulary has no byte fallback, so it cannot encode every text: take one that has"
        )
