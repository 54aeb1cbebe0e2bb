"""The ids must be SentencePiece's own, to the last one, whatever the text and the vocabulary."""

import bz2
import gzip
import io
import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
import sentencepiece
from hypothesis import given, settings
from hypothesis import strategies as st

from massivetext.config.recipe import Vocabulary
from massivetext.text.kernels import find_kernels
from massivetext.tokenizer.encode import Encoder
from massivetext.tokenizer.native import make_native
from massivetext.tokenizer.sentencepiece_file import read_model
from massivetext.tokenizer.vocabulary import train_vocabulary
from tests.tokenizer.comparison import assert_equal

# Letters of the vocabulary, and everything that SentencePiece treats in a way of its own.
ALPHABET = (
    "aeinorstTHE09.,;:!?()[]{}<>_-='\"`#/\\ \n\t\r\0\x01\x7f"
    "\u2581\u00a0\u2003\u3000\u200b\u2028\u0085\u00ad\ufeff\ufffd\u2047"
    "\u0300\u0301\u0308\u0327\u0345\u093c\u3099\u1161\u11a8"
    "\u00e9\u00c5\u212b\u1e9b\u0958\uac00\u1100\u304b\uff21\uff9e\u2460\u00bd\ufb01\ufdfa\u00b4"
    "\u65e5\u672c\u0436\u05d0\u0e01\U0001f600\ue000\U0010ffff\U0001d400\u02b9\u037e\u1fef"
)
TEXTS = st.one_of(
    st.text(),
    st.text(alphabet=ALPHABET, max_size=60),
    st.lists(
        st.sampled_from(["the", " the", "    ", "\n", "ing", " return", "e\u0301", " \u0301", "("]),
        max_size=40,
    ).map("".join),
)
LONG = 200_000
ADVERSARIAL = {
    "one letter": "x" * LONG,
    "one word": "thethethe" * (LONG // 9),
    "spaces": " " * LONG,
    "escaped spaces": "\u2581" * LONG,
    "spaces of both kinds": " \u2581\u00a0" * (LONG // 3),
    "newlines": "\n" * LONG,
    "words": "word " * (LONG // 5),
    "compositions": "e\u0301" * (LONG // 2),
    "marks": "e" + "\u0301" * LONG,
    "marks after spaces": " \u0301\n\u0301\t\u0301" * (LONG // 6),
    "ideographs": "\u65e5\u672c\u8a9e" * (LONG // 3),
    "unknown characters": "\U0010ffff" * (LONG // 4),
    "expanding": "\ufdfa" * (LONG // 20),
    "zeros": "\0" * LONG,
    "brackets": "([{" * (LONG // 3),
}


def test_the_kernel_encodes_where_there_is_one(models: dict[str, bytes]) -> None:
    for name, model in models.items():
        assert Encoder(model).is_native == (find_kernels() is not None), name
        assert not Encoder(model, native=False).is_native


@given(TEXTS)
@settings(max_examples=400, deadline=None)
def test_any_text(pairs: dict[str, tuple], text: str) -> None:
    for pair in pairs.values():
        assert_equal(pair, text)


@pytest.mark.parametrize("name", ADVERSARIAL)
def test_adversarial_texts(pairs: dict[str, tuple], name: str) -> None:
    for vocabulary in ("sample", "collapse", "foreign"):
        assert_equal(pairs[vocabulary], ADVERSARIAL[name])


def test_every_character_alone_and_between_others(pairs: dict[str, tuple]) -> None:
    every = [chr(point) for point in range(0x3400) if not 0xD800 <= point < 0xE000]
    every += [chr(point) for point in range(0xF900, 0x10000)]
    for vocabulary in ("sample", "collapse", "identity"):
        for pattern in ("{0}", "a{0} b", " {0}e\u0301\n{0}\u0327"):
            joined = "\n".join(pattern.format(character) for character in every)
            assert_equal(pairs[vocabulary], joined)


@pytest.mark.parametrize("size", range(1, 80))
def test_words_around_what_is_remembered(pairs: dict[str, tuple], size: int) -> None:
    choose = random.Random(size)
    for alphabet in ("etaoin", "the ", "a\u0436\u65e5"):
        word = "".join(choose.choice(alphabet) for _ in range(size))
        assert_equal(pairs["sample"], f"{word} {word}({word})\n{word}")


def test_a_word_that_takes_the_place_of_another(pairs: dict[str, tuple]) -> None:
    choose = random.Random(0)
    words = ["".join(choose.choices("etaoinshrdlu", k=5)) for _ in range(120_000)]
    assert_equal(pairs["sample"], " ".join(words))


@pytest.mark.parametrize("part", range(3))
def test_words_that_differ_in_eight_bytes_alone(pairs: dict[str, tuple], part: int) -> None:
    choose = random.Random(part)
    parts = ["returnin", "ationing", "thestand"]
    words = []
    for _ in range(60_000):
        parts[part] = "".join(choose.choices("etaoinshrdlu", k=8))
        words.append("".join(parts))
    assert_equal(pairs["sample"], " ".join(words))


def test_threads_share_an_encoder(pairs: dict[str, tuple], texts: list[str]) -> None:
    encoder, reference = pairs["sample"]
    expected = [reference.encode(text) for text in texts]
    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(encoder.encode, texts))
    assert [ids.tolist() for ids in found] == expected


def test_lone_surrogates_are_refused(model: bytes) -> None:
    for native in (True, False):
        with pytest.raises(UnicodeEncodeError):
            Encoder(model, native).encode("a\ud800b")


def open_any(path: Path, block: int = 1 << 18) -> Iterator[str]:
    """Returns the content of a file in pieces, as text, whatever it is."""
    opened = {".gz": gzip.open, ".bz2": bz2.open}.get(path.suffix, open)
    with opened(path, "rb") as file:
        try:
            while data := file.read(block):
                yield data.decode("utf-8", "replace")
        except (EOFError, OSError):  # cut on purpose
            return


def real_files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def test_real_data(pairs: dict[str, tuple], real_data: Path) -> None:
    for path in real_files(real_data):
        for text in islice(open_any(path, 1 << 16), 1):
            assert_equal(pairs["sample"], text)


@pytest.mark.heavy
@pytest.mark.timeout(1_800)
def test_all_real_data(pairs: dict[str, tuple], real_data: Path) -> None:
    books = [text for path in real_files(real_data / "books") for text in open_any(path)]
    large = train_vocabulary(books, Vocabulary())
    both = Encoder(large), sentencepiece.SentencePieceProcessor(model_proto=large)
    for path in real_files(real_data):
        for text in open_any(path):
            assert_equal(pairs["sample"], text)
            assert_equal(both, text)


def test_models_of_other_kinds_are_left_to_sentencepiece(texts: list[str]) -> None:
    options = {
        "sentence_iterator": None,
        "vocab_size": 600,
        "byte_fallback": True,
        "user_defined_symbols": ["\n", "\t"],
        "pad_id": -1,
        "unk_id": 0,
        "minloglevel": 2,
    }
    kinds = {
        "unigram": {"model_type": "unigram"},
        "prefix": {"model_type": "bpe"},
        "suffix": {"model_type": "bpe", "treat_whitespace_as_suffix": True},
        "folded": {
            "model_type": "bpe",
            "add_dummy_prefix": False,
            "normalization_rule_name": "nfkc_cf",
        },
        "symbols": {
            "model_type": "bpe",
            "add_dummy_prefix": False,
            "user_defined_symbols": ["\n", "\t", "<extra>"],
        },
    }
    for name, kind in kinds.items():
        file = io.BytesIO()
        lines = iter([line for text in texts[:40] for line in text.splitlines()])
        chosen = {**options, **kind, "sentence_iterator": lines, "model_writer": file}
        sentencepiece.SentencePieceTrainer.train(**chosen)
        assert make_native(file.getvalue()) is None, name


def test_the_model_is_read_as_sentencepiece_reads_it(models: dict[str, bytes]) -> None:
    for name, data in models.items():
        reference = sentencepiece.SentencePieceProcessor(model_proto=data)
        model = read_model(data)
        assert len(model.pieces) == reference.vocab_size()
        for number, piece in enumerate(model.pieces):
            assert piece.text.decode() == reference.id_to_piece(number)
            assert np.float32(piece.score) == np.float32(reference.get_score(number))
        assert model.remove_extra_whitespaces == (name == "collapse")
        assert bool(model.rules) == (name != "identity")
