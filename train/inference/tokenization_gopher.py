"""The tokenizer of an export for Hugging Face transformers: SentencePiece itself, so equal ids.

Load it with ``AutoTokenizer.from_pretrained(FOLDER, trust_remote_code=True)``. A text becomes a
begin of document and its pieces; control tokens written in a text are text.
"""

import shutil
from pathlib import Path
from typing import Any

import sentencepiece
from transformers import PreTrainedTokenizer

VOCABULARY = "vocabulary.model"


class GopherTokenizer(PreTrainedTokenizer):  # type: ignore[misc]
    """BPE with byte fallback: 0 unknown, 1 begin and 2 end of document."""

    vocab_files_names = {"vocab_file": VOCABULARY}  # noqa: RUF012  (transformers' own form)
    model_input_names = ["input_ids", "attention_mask"]  # noqa: RUF012

    def __init__(self, vocab_file: str, **others: Any) -> None:
        """Loads a SentencePiece model."""
        self.vocab_file = vocab_file
        self.pieces = sentencepiece.SentencePieceProcessor(model_file=vocab_file)
        names = {key: self.pieces.id_to_piece(i) for i, key in enumerate(("unk", "bos", "eos"))}
        tokens = {f"{key}_token": name for key, name in names.items()}
        tokens["pad_token"] = names["eos"]
        others = {"split_special_tokens": True, **others}  # "<s>" in a text is three characters
        super().__init__(**{**tokens, **others})

    @property
    def vocab_size(self) -> int:
        """Returns the number of ids."""
        return int(self.pieces.vocab_size())

    def get_vocab(self) -> dict[str, int]:
        """Returns the id of each piece."""
        return {self.pieces.id_to_piece(i): i for i in range(self.vocab_size)}

    def _tokenize(self, text: str, **_: Any) -> list[str]:
        return [str(self.pieces.id_to_piece(i)) for i in self.pieces.encode(text)]

    def _convert_token_to_id(self, token: str) -> int:
        return int(self.pieces.piece_to_id(token))

    def _convert_id_to_token(self, index: int) -> str:
        return str(self.pieces.id_to_piece(index))

    def convert_tokens_to_string(self, tokens: list[str]) -> str:
        """Returns the text of pieces."""
        return str(self.pieces.decode([self._convert_token_to_id(token) for token in tokens]))

    def build_inputs_with_special_tokens(
        self, token_ids_0: list[int], token_ids_1: list[int] | None = None
    ) -> list[int]:
        """Returns the ids behind a begin of document."""
        return [self.bos_token_id, *token_ids_0, *(token_ids_1 or [])]

    def save_vocabulary(
        self, save_directory: str, filename_prefix: str | None = None
    ) -> tuple[str]:
        """Returns the path of the model file's copy."""
        prefix = f"{filename_prefix}-" if filename_prefix else ""
        path = Path(save_directory) / f"{prefix}{VOCABULARY}"
        if path.resolve() != Path(self.vocab_file).resolve():
            shutil.copyfile(self.vocab_file, path)
        return (str(path),)
