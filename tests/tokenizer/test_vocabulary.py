import hashlib
import json
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from massivetext.config.recipe import LARGEST_VOCABULARY, SMALLEST_VOCABULARY, Vocabulary
from massivetext.errors import ConfigError
from massivetext.tokenizer.encode import Encoder
from massivetext.tokenizer.vocabulary import (
    MAX_SENTENCE_BYTES,
    train_vocabulary,
    training_sentences,
)

ROSES = ["a rose is a rose is a rose"] * 9


def test_ids_are_laid_out_as_documented(encoder: Encoder) -> None:
    pieces = [encoder.piece(token) for token in range(encoder.size)]
    assert len(pieces) == 4_096
    assert pieces[:5] == ["<unk>", "<s>", "</s>", "\n", "\t"]
    assert pieces[5:261] == [f"<0x{byte:02X}>" for byte in range(256)]


def test_spaces_stand_only_at_the_beginning_of_pieces(encoder: Encoder) -> None:
    pieces = [encoder.piece(token) for token in range(261, encoder.size)]
    assert all("\u2581" not in piece.lstrip("\u2581") for piece in pieces)
    assert "\u2581" * 4 in pieces  # indentation is one piece


def test_the_model_is_the_same_bytes_in_another_process(texts: list[str], model: bytes) -> None:
    program = (
        "import sys, hashlib, json\n"
        "from massivetext import Vocabulary, train_vocabulary\n"
        "texts = json.load(sys.stdin)\n"
        "model = train_vocabulary(texts, Vocabulary(size=4_096))\n"
        "print(hashlib.sha256(model).hexdigest())\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", program],
        input=json.dumps(texts),
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout.strip() == hashlib.sha256(model).hexdigest()


def test_a_sample_too_small_names_the_largest_size() -> None:
    with pytest.raises(ConfigError, match=r"at most (\d+)") as caught:
        train_vocabulary(ROSES, Vocabulary(size=32_000))
    largest = int(str(caught.value).split("at most ")[1].split(":")[0])
    model = train_vocabulary(ROSES, Vocabulary(size=largest))
    assert Encoder(model).size == largest
    with pytest.raises(ConfigError, match=f"at most {largest}"):
        train_vocabulary(ROSES, Vocabulary(size=largest + 1))


def test_too_many_characters_name_the_smallest_size() -> None:
    alphabet = "".join(chr(code) for code in range(0x4E00, 0x4E00 + 500))
    with pytest.raises(ConfigError, match="characters alone need 761"):
        train_vocabulary([alphabet], Vocabulary(size=300, character_coverage=1.0))


@pytest.mark.parametrize("texts", [[], [""], ["\n\n"], ["\0"]])
def test_no_text_is_a_clear_error(texts: list[str]) -> None:
    with pytest.raises(ConfigError, match=r"vocabulary\.size"):
        train_vocabulary(texts, Vocabulary(size=300))


@pytest.mark.parametrize("size", [SMALLEST_VOCABULARY - 1, LARGEST_VOCABULARY + 1])
def test_sizes_out_of_bounds_are_refused(size: int) -> None:
    with pytest.raises(ConfigError, match="must be"):
        Vocabulary(size=size)


@pytest.mark.parametrize("size", [SMALLEST_VOCABULARY, LARGEST_VOCABULARY])
def test_sizes_at_the_bounds_are_accepted(size: int) -> None:
    assert Vocabulary(size=size).size == size


def test_other_settings_are_checked() -> None:
    with pytest.raises(ConfigError, match="keep or collapse"):
        Vocabulary(whitespace="drop")
    with pytest.raises(ConfigError, match="nfkc or identity"):
        Vocabulary(normalization="nmt_nfkc")
    with pytest.raises(ConfigError, match="character_coverage"):
        Vocabulary(character_coverage=0.97)
    assert Vocabulary(character_coverage=0.98)


def test_collapse_joins_runs_of_spaces_and_keeps_lines() -> None:
    settings = Vocabulary(size=270, whitespace="collapse")
    encoder = Encoder(train_vocabulary(ROSES, settings))
    assert encoder.decode(encoder.encode("  a   rose\n\n  is ")) == "a rose\n\n is"


def test_identity_leaves_characters_as_they_are() -> None:
    encoder = Encoder(train_vocabulary(ROSES, Vocabulary(270, normalization="identity")))
    text = "e\u0301 \ufb01 \u2460\u00a0x"
    assert encoder.decode(encoder.encode(text)) == encoder.normalize(text) == text


@given(st.text(max_size=200))
def test_sentences_are_the_text_without_its_symbols(text: str) -> None:
    joined = "".join(training_sentences(text))
    assert joined == text.replace("\n", "").replace("\t", "").replace("\0", "")


@pytest.mark.parametrize("character", ["x", "\u00e9", "\u65e5", "\U0001f600"])
@pytest.mark.parametrize("extra", [0, 1])
def test_sentences_are_cut_just_above_the_bound(character: str, extra: int) -> None:
    fitting = MAX_SENTENCE_BYTES // len(character.encode())
    sentences = list(training_sentences(character * (fitting + extra)))
    assert (len(sentences) == 1) == (extra == 0)
    assert max(len(sentence.encode()) for sentence in sentences) <= MAX_SENTENCE_BYTES


def test_long_lines_are_cut_before_words() -> None:
    line = "word " * 10_000
    sentences = list(training_sentences(line))
    assert "".join(sentences) == line
    assert all(sentence.startswith(" ") for sentence in sentences[1:])
