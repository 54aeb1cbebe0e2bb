"""The sanitizers find nothing in the encoder, whatever the text and however damaged the model.

It runs without Python, each text in a buffer of its exact size, and its ids are compared with
SentencePiece's.
"""

import random
import struct
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import numpy as np
import pytest
import sentencepiece

from massivetext.errors import ConfigError
from massivetext.tokenizer.sentencepiece_file import read_model
from tests.kernels.harness import SANITIZE, encoder_fields, run_harness, save_fields

DAMAGED = 400
WORD = 100_000  # bytes
TEXTS = [
    "",
    "the same (text) \u2014 caf\u00e9 e\u0301\n\n\t\ufb01\ufdfa\u2460 \u65e5\u672c\u8a9e",
    "\0\u00e9\0\0\u00e9 \0e\u0301",
    "\u2581\u00a0 \u3000\u0301\U0001f600\U0010ffff" * 9,
    "the" * 99,
]

pytestmark = [pytest.mark.heavy, pytest.mark.timeout(1800)]


@pytest.fixture(scope="module")
def run(compile_kernels, tmp_path_factory) -> Callable[[Iterable[bytes], list[str]], memoryview]:
    """Returns a function that encodes texts by models under the sanitizers."""
    harness = compile_kernels("harness_encode.cpp", *SANITIZE)
    folder = tmp_path_factory.mktemp("encode")

    def run_models(models: Iterable[bytes], texts: list[str]) -> memoryview:
        models_path = save_fields(folder / "models.bin", models)
        texts_path = save_fields(folder / "texts.bin", [text.encode() for text in texts])
        return run_harness(harness, models_path, texts_path)

    return run_models


def read_results(results: memoryview, texts: list[str]) -> Iterator[list[list[int]] | None]:
    """Yields each model's ids of each text, None for a model that was refused."""
    while results:
        is_read, results = results[0], results[1:]
        ids: list[list[int]] = []
        for _ in texts if is_read else []:
            size = 2 * int.from_bytes(results[:4], "little")
            ids.append(np.frombuffer(results[4 : 4 + size], "<u2").tolist())
            results = results[4 + size :]
        yield ids if is_read else None


@pytest.fixture
def run_and_compare(run, vocabularies) -> Callable[[Iterable[str], list[str]], None]:
    def compare(names: Iterable[str], texts: list[str]) -> None:
        chosen = [vocabularies[name] for name in names]
        results = run([encoder_fields(read_model(model)) for model in chosen], texts)
        for model, found in zip(chosen, read_results(results, texts), strict=True):
            processor = sentencepiece.SentencePieceProcessor(model_proto=model)
            for text, ids in zip(texts, found, strict=True):
                assert ids == processor.encode(text), repr(text[:1000])

    return compare


def test_hostile_texts(run_and_compare, vocabularies, hostile_texts):
    run_and_compare(vocabularies, list(hostile_texts.values()))


def test_large_hostile_texts(run_and_compare, large_hostile_texts):
    run_and_compare(["usual"], list(large_hostile_texts.values()))


def test_every_end_of_a_text(run_and_compare, vocabularies):
    text = "It’s — the “same”…\n\n• e\u0301t\u00e9 中文\u3000字 ... 😀#\u2028 with\tthat, " * 4
    run_and_compare(vocabularies, [text[:end] for end in range(len(text))])


def test_long_words(run_and_compare, vocabularies):
    words = ["x", "the", "中文字符", "😀", "e\u0301", "\u0301", " ", "\u2581", "\U0010ffff"]
    words += ["\0é", "\ufdfa", "\n"]
    run_and_compare(vocabularies, [word * (WORD // len(word.encode())) for word in words])


def test_every_real_text(run_and_compare, real_texts):
    run_and_compare(["usual"], real_texts)
    run_and_compare(["collapse"], real_texts[::8])


def damage(model: bytes, choices: random.Random) -> bytes:
    """Returns a model cut off, or with some bits flipped."""
    if choices.random() < 0.2:
        return model[: choices.randrange(len(model))]
    data = bytearray(model)
    # The rules are most of the file, so half of the time only what stands before them changes.
    end = choices.choice([len(data), data.find(read_model(model).rules) or len(data)])
    for _ in range(choices.choice([1, 1, 3, 30])):
        data[choices.randrange(end)] ^= 1 << choices.randrange(8)
    return bytes(data)


def test_damaged_models(run, vocabularies):
    choices, fields, unreadable = random.Random(22), [], 0
    for _ in range(DAMAGED):
        try:
            model = read_model(damage(choices.choice(list(vocabularies.values())), choices))
            fields.append(encoder_fields(model))
        except (ConfigError, OverflowError):
            unreadable += 1
    found = list(read_results(run(fields, TEXTS), TEXTS))
    refused = sum(ids is None for ids in found)
    assert len(found) == len(fields) == DAMAGED - unreadable
    assert min(unreadable, refused, len(found) - refused) > 10  # damage of every kind


def make_rules(value: int) -> bytes:
    """Returns a trie of one key, U+00E9, with a value; the replacements are empty."""
    units = [1 << 31] * 512  # reached by no label
    units[0] = 1 << 10 | 1 << 9  # the children of the root lie at 0x100, exclusive-or their labels
    units[0x1C3] = 0xC3 | 1 << 10  # at 0x1C2
    units[0x16B] = 0xA9 | 1 << 10 | 1 << 8  # at 0x16A; a key ends here
    units[0x16A] = value
    return struct.pack("<513I", 4 * len(units), *units) + bytes(1 << 16)


def test_a_value_that_is_not_marked_as_one(run, vocabularies):
    """NUL after the key led into it, and from there to a place beyond the trie."""
    model, texts = read_model(vocabularies["usual"]), ["the \u00e9\0\0"]
    value = 0x20 << 10 | 1 << 9 | 1 << 8  # as a node, its children lie at 0x216A
    fields = [encoder_fields(model._replace(rules=make_rules(v))) for v in (1 << 31 | value, value)]
    marked, unmarked = read_results(run(fields, texts), texts)
    assert marked is not None
    assert unmarked is None


def test_memory_that_runs_out(compile_kernels, vocabularies, tmp_path: Path):
    harness = compile_kernels("harness_exhaustion.cpp", *SANITIZE)
    chosen = [vocabularies[name] for name in ("collapse", "identity", "foreign")]
    models = [encoder_fields(read_model(model)) for model in chosen]
    texts = ["the cat " * 200, "x" * 3_000 + " the e\u0301 the " * 40 + "the" * 300, "", "é" * 500]
    arguments = [
        save_fields(tmp_path / "models.bin", models),
        save_fields(tmp_path / "texts.bin", [text.encode() for text in texts]),
    ]
    assert int(bytes(run_harness(harness, *arguments))) > 100
