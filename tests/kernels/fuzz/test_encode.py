"""A fuzzer, guided by the ways that texts take through the encoder, compares it and SentencePiece.

Every text is encoded by encoders that differ in all that the kernel does differently. Texts that
take a new way through one are kept and changed again, and run once more under the sanitizers.
"""

import ctypes
from pathlib import Path

import pytest
import sentencepiece

from massivetext.tokenizer.sentencepiece_file import read_model
from tests.kernels.fuzz.growing import LONGEST, PIECES, grow
from tests.kernels.harness import (
    GUIDE,
    LIBRARY,
    SANITIZE,
    encoder_fields,
    run_harness,
    save_fields,
)

TEXTS = 15_000
ROOM = 100 * LONGEST  # ids of one text: a character may become 18, and each of those 4 bytes
MORE_PIECES = [
    "\u2581",
    " \u2581",
    "\u00a0",
    "\ufdfa",
    "①",
    "\u3099",
    "\uff9e",
    "日本語",
    "the" * 9,
]

pytestmark = [pytest.mark.heavy, pytest.mark.timeout(1800)]


class Encoders:
    """The instrumented encoders, and SentencePiece's own."""

    def __init__(self, library: Path, models: list[bytes]) -> None:
        self.library = ctypes.CDLL(str(library))
        self.ids = (ctypes.c_uint16 * ROOM)()
        self.count = ctypes.c_size_t()
        self.processors = [sentencepiece.SentencePieceProcessor(model_proto=m) for m in models]
        for fields in (encoder_fields(read_model(model)) for model in models):
            self.library.load(fields, ctypes.c_size_t(len(fields)))

    def run_and_compare(self, text: str) -> bool:
        """Returns whether `text` took a new way."""
        data, is_new = text.encode(), False
        for number, processor in enumerate(self.processors):
            is_new |= bool(self.run(number, data))
            assert self.count.value <= ROOM
            assert self.ids[: self.count.value] == processor.encode(text), (number, text)
        return is_new

    def run(self, number: int, data: bytes) -> int:
        size, room = ctypes.c_size_t(len(data)), ctypes.c_size_t(ROOM)
        count = ctypes.byref(self.count)
        return int(self.library.run(ctypes.c_size_t(number), data, size, self.ids, room, count))


def test_ids_are_those_of_sentencepiece_wherever_the_fuzzer_goes(
    compile_kernels, vocabularies, tmp_path
):
    models = list(vocabularies.values())
    encoders = Encoders(compile_kernels("fuzz_encode.cpp", *GUIDE, *LIBRARY), models)
    seeds = ["the cat and the dog", *PIECES, *MORE_PIECES]
    corpus = grow(seeds, TEXTS, encoders.run_and_compare)
    assert len(corpus) > 4 * len(seeds)  # it does find new ways
    models_path = save_fields(
        tmp_path / "models.bin", [encoder_fields(read_model(m)) for m in models]
    )
    texts_path = save_fields(tmp_path / "corpus.bin", [text.encode() for text in corpus])
    run_harness(compile_kernels("harness_encode.cpp", *SANITIZE), models_path, texts_path)
