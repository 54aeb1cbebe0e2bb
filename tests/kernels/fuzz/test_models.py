"""A fuzzer, guided by the ways that damaged models take through the kernels, under the sanitizers.

A damaged model is refused, or it works like any other. The models are small, so that most changes
hit something that matters.
"""

import io
from pathlib import Path
from pydoc_data import topics

import pytest
import sentencepiece

from massivetext.tokenizer.sentencepiece_file import read_model
from tests.kernels.harness import GUIDE, SANITIZE, run_harness, save_fields

RULES = {
    "é": "e\u0301",
    "ﬁ": "fi",
    "\u212b": "\u00c5",
    "ﷺ": "a long one",
    "\u00a0": " ",
    "e\u0301": "é",
    "中文": "Z",
    "①": "1",
}
TEXTS = ["é\0é a中文 ﬁx \u212b ﷺ e\u0301", "\0é\0\0中\0", "①\u2581\u00a0x", "日本語 \U0010ffff"]
LINES = ["the cat and the dog", "中文 zh12 e\u0301", "</s> x", "__label__en \0 zz", ""]
FEWEST = 50  # damaged models that took a way of their own

pytestmark = [pytest.mark.heavy, pytest.mark.timeout(1800)]


@pytest.fixture
def rules(tmp_path: Path) -> bytes:
    """Returns a normalizer's rules as SentencePiece compiles them."""
    table, model = tmp_path / "rules.tsv", io.BytesIO()
    with table.open("w") as rows:
        for rule in RULES.items():
            sides = (" ".join(f"{ord(character):X}" for character in side) for side in rule)
            rows.write("\t".join(sides) + "\n")
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(topics.topics["assignment"].splitlines()),
        model_writer=model,
        model_type="bpe",
        vocab_size=400,
        byte_fallback=True,
        normalization_rule_tsv=str(table),
        minloglevel=2,
    )
    return read_model(model.getvalue()).rules


@pytest.fixture
def fuzz(compile_kernels, tmp_path):
    def run(kind: str, model: bytes, texts: list[str], changes: int) -> None:
        path = save_fields(tmp_path / "fields.bin", [model, *[text.encode() for text in texts]])
        fuzzer = compile_kernels("fuzz_models.cpp", *SANITIZE, *GUIDE)
        read, refused, kept = map(int, bytes(run_harness(fuzzer, kind, path, str(changes))).split())
        assert read + refused == changes
        assert min(read, refused) > changes // 20
        assert kept > FEWEST

    return run


def test_damaged_rules(fuzz, rules):
    fuzz("rules", rules, TEXTS, 40_000)


def test_damaged_language_models(fuzz, small_language_model):
    fuzz("language", small_language_model.read_bytes(), LINES, 30_000)
