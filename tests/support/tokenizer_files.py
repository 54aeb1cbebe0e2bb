"""Files of `tokenizers`, of the kinds that GPT-2, GPT-NeoX and Llama have; small."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.support.commands import prose

tokenizers = pytest.importorskip("tokenizers", reason="tokenizers is an extra")

BYTES = [f"<0x{byte:02X}>" for byte in range(256)]
TEXTS = [prose(n) for n in range(30)]


def like_gpt2(**options: Any) -> Any:
    """Byte level, one token for begin and end."""
    made = tokenizers.Tokenizer(tokenizers.models.BPE())
    made.pre_tokenizer = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = tokenizers.decoders.ByteLevel()
    chosen = {"vocab_size": 400, "special_tokens": ["<|endoftext|>"], "show_progress": False}
    alphabet = tokenizers.pre_tokenizers.ByteLevel.alphabet()
    trainer = tokenizers.trainers.BpeTrainer(**(chosen | {"initial_alphabet": alphabet} | options))
    made.train_from_iterator(TEXTS, trainer)
    return made


def like_neox() -> Any:
    """Byte level behind a normal form and a first cut; added tokens for runs of spaces."""
    made = like_gpt2(special_tokens=["<|endoftext|>", "<|padding|>"])
    made.normalizer = tokenizers.normalizers.NFC()
    steps = [tokenizers.pre_tokenizers.Digits(individual_digits=True), made.pre_tokenizer]
    made.pre_tokenizer = tokenizers.pre_tokenizers.Sequence(steps)
    made.post_processor = tokenizers.processors.ByteLevel(trim_offsets=True)
    made.add_tokens(["    ", "        "])
    made.enable_truncation(4)
    made.enable_padding(length=9)
    return made


def like_llama() -> Any:
    """Byte fallback: unknown, begin and end are 0, 1 and 2; spaces are pieces' own."""
    fallback = tokenizers.models.BPE(unk_token="<unk>", byte_fallback=True, fuse_unk=True)
    made = tokenizers.Tokenizer(fallback)
    normalizers = tokenizers.normalizers
    steps = [normalizers.Prepend("\u2581"), normalizers.Replace(" ", "\u2581")]
    made.normalizer = normalizers.Sequence(steps)
    special = ["<unk>", "<s>", "</s>"]
    made.train_from_iterator(
        (line for text in TEXTS for line in text.split()),
        tokenizers.trainers.BpeTrainer(
            vocab_size=500, special_tokens=[*special, *BYTES], show_progress=False
        ),
    )
    decoders = tokenizers.decoders
    steps = [decoders.Replace("\u2581", " "), decoders.ByteFallback(), decoders.Fuse()]
    made.decoder = decoders.Sequence([*steps, decoders.Strip(" ", 1, 0)])
    made.post_processor = tokenizers.processors.TemplateProcessing(
        single="<s> $A", special_tokens=[("<s>", 1)]
    )
    data = json.loads(made.to_str())
    data["added_tokens"] = [t for t in data["added_tokens"] if t["content"] in special]
    return tokenizers.Tokenizer.from_str(json.dumps(data))


MADE: dict[str, Callable[[], Any]] = {"gpt2": like_gpt2, "neox": like_neox, "llama": like_llama}
FILES = {name: make().to_str().encode() for name, make in MADE.items()}
