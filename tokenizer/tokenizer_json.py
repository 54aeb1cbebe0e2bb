"""A Hugging Face ``tokenizer.json``, encoded by `tokenizers` itself: the same ids for every text.

Text is text: what looks like a special token in a document (``<|endoftext|>``) is encoded as the
characters that it is, so no document can end another. Padding and truncation are off.
"""

import json
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from massivetext.errors import ConfigError
from massivetext.extras import require

# Names of the tokens that begin and end a text, the likeliest first; nothing in the file says it.
ENDS: Final = ("</s>", "<|endoftext|>", "<|end_of_text|>", "<eos>", "<|im_end|>")
BEGINS: Final = ("<s>", "<|begin_of_text|>", "<bos>", "<|startoftext|>")
_SPACE: Final = "\u2581"  # as byte fallback's vocabularies write it
# Has every byte that UTF-8 has: 13 have no place in it, and GPT-NeoX's vocabulary lacks them.
_LEADS: Final = [*range(0x800), *range(0x800, 0xD800, 0x800), *range(0xE000, 0x10000, 0x1000)]
_EVERY_BYTE: Final = "".join(map(chr, [*_LEADS, *range(0x10000, 0x110000, 0x40000), 0x10FFFF]))
_PROBE: Final = "".join(map(chr, range(1, 0x180))) + "a  b\n\n\tc \u65e5\u672c e\u0301 \U0001f600."


class TokenizerJson:
    """The engine of an `Encoder` for a ``tokenizer.json``."""

    is_native = False

    def __init__(self, data: bytes) -> None:
        """Reads the file's content.

        Raises:
          ConfigError: `tokenizers` is not installed or cannot read it, it cannot encode every
            text, or names no token that ends one.
        """
        require("tokenizers", "a tokenizer.json")
        import tokenizers

        try:
            self._tokenizer = tokenizers.Tokenizer.from_buffer(data)
            settings = json.loads(data)
        except Exception as error:  # tokenizers raises nothing narrower
            raise ConfigError(
                f"not a tokenizer.json that tokenizers {tokenizers.__version__} reads: {error}"
            ) from error
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()
        self._tokenizer.encode_special_tokens = True
        self._ids: dict[str, int] = self._tokenizer.get_vocab(with_added_tokens=True)
        self._alphabet = frozenset(tokenizers.pre_tokenizers.ByteLevel.alphabet())
        self._is_byte_level = _is_byte_level(settings)
        self.size = max(self._ids.values(), default=-1) + 1
        self._special = _special(settings)
        self.bos, self.eos = self._marks()
        self._verify(settings)

    def _marks(self) -> tuple[int, int]:
        """Returns the ids that begin and end a text; GPT-2's one token does both."""
        ends = [self._special[name] for name in ENDS if name in self._special]
        if not ends:
            names = ", ".join(ENDS)
            raise ConfigError(f"no special token ends a text; one of {names} must be there")
        begins = [self._special[name] for name in BEGINS if name in self._special]
        return (begins or ends)[0], ends[0]

    def _verify(self, settings: dict[str, Any]) -> None:
        wanted = _byte_characters() if self._is_byte_level else _byte_tokens(settings)
        if not wanted or not wanted <= set(self._ids):
            raise ConfigError(
                "the vocabulary has no byte fallback and is not byte level, so it cannot encode"
                " every text: take one that is"
            )
        ids = self.encode(_PROBE).tolist()
        found = self.decode(ids)
        kept = _PROBE if settings.get("normalizer") is None else "日本"
        if kept.strip() not in found:
            raise ConfigError("the vocabulary loses parts of a text: take one that keeps all of it")

    def encode(self, text: str) -> NDArray[np.uint16]:
        """Returns the ids of a text, (tokens,)."""
        return np.array(self._encoding(text).ids, np.uint16)

    def _encoding(self, text: str) -> Any:
        try:
            return self._tokenizer.encode(text, add_special_tokens=False)
        except TypeError:
            text.encode()  # raises what is wrong with a text that is no Unicode
            raise

    def offsets(self, data: bytes) -> NDArray[np.int64]:
        """Returns the bytes, (tokens, 2), of a UTF-8 text that each id stands for, without gaps."""
        text = data.decode()
        places = np.zeros(len(text) + 1, np.int64)
        np.cumsum(_utf8_sizes(text), out=places[1:])
        spans = np.array(self._encoding(text).offsets, np.int64).reshape(-1, 2)
        if not len(spans):
            return spans
        starts, ends = places[spans[:, 0]], places[spans[:, 1]]
        ends[:-1] = np.minimum(ends[:-1], starts[1:])  # a split character is its last id's
        ends[-1] = len(data)
        ends = np.maximum.accumulate(ends)
        return np.stack([np.concatenate([[0], ends[:-1]]), ends], 1)

    def decode(self, ids: list[int]) -> str:
        """Returns the text of ids, special ones left out."""
        return str(self._tokenizer.decode(ids, skip_special_tokens=True))

    def normalize(self, text: str) -> str:
        """Returns the text after the file's normalizer."""
        normalizer = self._tokenizer.normalizer
        return text if normalizer is None else str(normalizer.normalize_str(text))

    def piece(self, token: int) -> str:
        """Returns the token of an id as the file writes it; "" for an id that has none."""
        return self._tokenizer.id_to_token(token) or ""

    def byte_sizes(self) -> list[int]:
        """Returns the UTF-8 bytes that each id stands for; none for special ones."""
        sizes = [0] * self.size
        for piece, token in self._ids.items():
            if piece not in self._special:
                sizes[token] = self._bytes_of(piece)
        return sizes

    def _bytes_of(self, piece: str) -> int:
        if self._is_byte_level and self._alphabet.issuperset(piece):
            return len(piece)
        if len(piece) == 6 and piece.startswith("<0x") and piece.endswith(">"):
            return 1
        return len(piece.replace(_SPACE, " ").encode())


def is_tokenizer_json(data: bytes) -> bool:
    """Returns whether a file's content is JSON, as no SentencePiece model begins."""
    return data[:64].lstrip().startswith(b"{")


def _is_byte_level(settings: dict[str, Any]) -> bool:
    """Returns whether a byte-pair vocabulary is of bytes, as GPT-2's."""
    step = settings.get("pre_tokenizer") or {}
    steps = step.get("pretokenizers", []) if step.get("type") == "Sequence" else [step]
    is_bpe = (settings.get("model") or {}).get("type") == "BPE"
    return is_bpe and any(step.get("type") == "ByteLevel" for step in steps)


def _byte_characters() -> set[str]:
    """Returns the characters that stand for the bytes of UTF-8 in a byte-level vocabulary."""
    from tokenizers.pre_tokenizers import ByteLevel

    cut = ByteLevel(add_prefix_space=False, use_regex=False).pre_tokenize_str(_EVERY_BYTE)
    return {character for piece, _ in cut for character in piece}


def _byte_tokens(settings: dict[str, Any]) -> set[str]:
    """Returns the tokens that byte fallback needs; none where the model does not fall back."""
    falls_back = (settings.get("model") or {}).get("byte_fallback")
    return {f"<0x{byte:02X}>" for byte in range(256)} if falls_back else set()


def _special(settings: dict[str, Any]) -> dict[str, int]:
    added = settings.get("added_tokens") or []
    return {token["content"]: token["id"] for token in added if token.get("special")}


def _utf8_sizes(text: str) -> NDArray[np.int64]:
    """Returns the bytes of each character.

    >>> _utf8_sizes("aé日😀").tolist()
    [1, 2, 3, 4]
    """
    points = np.frombuffer(text.encode("utf-32-le"), "<u4")
    return 1 + (points > 0x7F) + (points > 0x7FF) + (points > 0xFFFF).astype(np.int64)
