"""A fuzzer, guided by the ways that texts take through the kernels, compares them and definitions.

Texts that take a new way are kept and changed again. Every text is compared, and those kept run
once more under the sanitizers.
"""

import ctypes
import random
import subprocess
from pathlib import Path

import numpy as np
import pytest

from filters.measure import Measures, define_measures
from massivetext.minhash import PERMUTATIONS, define_minhash, define_shingle_hashes

TEXTS = 20_000
LONGEST = 400  # characters: the definitions are slow
SHARED = ("-O1", "-shared", "-fPIC", "-fsanitize-coverage=trace-pc")
SANITIZE = ("-O1", "-fsanitize=address,undefined", "-fno-sanitize-recover=all")
PIECES = [
    "the ",
    "of",
    "And,",
    " ",
    "\n",
    "\n\n",
    "\r\n",
    "\t",
    "\u2028",
    "\u3000",
    "\u0085",
    "x" * 64,
]
PIECES += ["...", "…", ".", "#", "-", "• ", "“", "”", "'", "$", "0", "a b c d e f g h i j k l m n "]
PIECES += [
    "é",
    "e\u0301",
    "\u0301",
    "\u0316",
    "\u0344",
    "\u0f73",
    "\u0301" * 31,
    "\u0958",
    "ﬁ",
    "Å",
]
PIECES += ["가", "\u1100\u1161", "\u11a8", "中文", "😀", "\0", "\U0010ffff", "\U00011f02", "ab" * 5]

pytestmark = [pytest.mark.heavy, pytest.mark.timeout(1800)]


class Kernels:
    """The instrumented kernels."""

    def __init__(self, library: Path, tables: list[bytes]) -> None:
        self.library = ctypes.CDLL(str(library))
        self.results = (ctypes.c_int64 * (len(Measures._fields) + PERMUTATIONS + 1))()
        sizes = (ctypes.c_size_t * len(tables))(*map(len, tables))
        self.library.load(
            (ctypes.c_char_p * len(tables))(*tables), sizes, ctypes.c_size_t(len(tables))
        )

    def run(self, text: str) -> bool:
        """Returns whether `text` took a new way; what was counted is in `results`."""
        data = text.encode()
        return bool(self.library.run(data, ctypes.c_size_t(len(data)), self.results))


def read_fields(path: Path) -> list[bytes]:
    data, fields = path.read_bytes(), []
    while data:
        size = int.from_bytes(data[:4], "little")
        fields.append(data[4 : 4 + size])
        data = data[4 + size :]
    return fields


def change(text: str, corpus: list[str], choices: random.Random) -> str:
    """Returns `text` with a part replaced by nothing, a piece, itself twice or another text's."""
    begin, end = sorted(choices.choices(range(len(text) + 1), k=2))
    if choices.random() < 0.5:
        end = min(end, begin + 3)
    other = choices.choice(corpus)
    start = choices.randrange(len(other) + 1)
    new = [
        "",
        choices.choice(PIECES),
        choices.choice(PIECES) * choices.randrange(9),
        text[begin:end] * 2,
        other[start : start + choices.randrange(99)],
        chr(choices.choice([choices.randrange(0xD800), choices.randrange(0xE000, 0x110000)])),
    ]
    return (text[:begin] + choices.choice(new) + text[end:])[:LONGEST]


def compare(text: str, results: list[int]) -> None:
    measures, minima = results[: len(Measures._fields)], results[len(Measures._fields) : -1]
    assert Measures(*measures) == define_measures(text), repr(text)
    hashes = define_shingle_hashes(text)
    assert np.array(minima, "<u4").tobytes() == define_minhash(hashes), repr(text)


def test_kernels_and_definitions_agree_wherever_the_fuzzer_goes(
    compile_kernels, write_fields, tables, tmp_path
):
    kernels = Kernels(compile_kernels("fuzz.cpp", *SHARED), read_fields(tables))
    choices = random.Random(20)
    corpus = ["the cat and the dog", *PIECES]
    seeds = len(corpus)
    for _ in range(TEXTS):
        text = change(choices.choice(corpus), corpus, choices)
        if kernels.run(text):
            corpus.append(text)
        compare(text, list(kernels.results))
    assert len(corpus) > 4 * seeds  # it does find new ways
    path = write_fields(tmp_path / "corpus.bin", [text.encode() for text in corpus])
    harness = compile_kernels("harness.cpp", *SANITIZE)
    subprocess.run([harness, tables, path], check=True, stdout=subprocess.DEVNULL)
