"""A fuzzer, guided by the ways that texts take through the kernels, compares them and definitions.

Texts that take a new way are kept and changed again. Every text is compared, and those kept run
once more under the sanitizers.
"""

import ctypes
from functools import reduce
from pathlib import Path

import numpy as np
import pytest

from massivetext.dedup.signature import PERMUTATIONS, define_minhash, define_shingle_hashes
from massivetext.filters.measure import Measures, define_measures
from tests.kernels.fuzz.growing import PIECES, grow
from tests.kernels.harness import (
    GUIDE,
    LIBRARY,
    RULES,
    SANITIZE,
    run_harness,
    save_fields,
    split_fields,
)

TEXTS = 20_000

pytestmark = [pytest.mark.heavy, pytest.mark.timeout(1800)]


class Kernels:
    """The instrumented kernels."""

    def __init__(self, library: Path, tables: list[bytes]) -> None:
        self.library = ctypes.CDLL(str(library))
        self.results = (
            ctypes.c_int64 * (len(Measures._fields) + len(RULES) * (PERMUTATIONS + 1))
        )()
        sizes = (ctypes.c_size_t * len(tables))(*map(len, tables))
        self.library.load(
            (ctypes.c_char_p * len(tables))(*tables), sizes, ctypes.c_size_t(len(tables))
        )

    def run_and_compare(self, text: str) -> bool:
        """Returns whether `text` took a new way."""
        data = text.encode()
        is_new = self.library.run(data, ctypes.c_size_t(len(data)), self.results)
        compare(text, list(self.results))
        return bool(is_new)


def compare(text: str, results: list[int]) -> None:
    assert Measures(*results[: len(Measures._fields)]) == define_measures(text), repr(text)
    results = results[len(Measures._fields) :]
    for place, rules in enumerate(RULES):
        *minima, checksum = results[place * (PERMUTATIONS + 1) :][: PERMUTATIONS + 1]
        hashes = define_shingle_hashes(text, rules)
        assert np.array(minima, "<u4").tobytes() == define_minhash(hashes), (rules, repr(text))
        expected = reduce(lambda sum, value: 31 * sum + value, hashes.tolist(), len(hashes))
        assert (checksum - expected) % (1 << 64) == 0, (rules, repr(text))


def test_kernels_and_definitions_agree_wherever_the_fuzzer_goes(compile_kernels, tables, tmp_path):
    library = compile_kernels("fuzz_text.cpp", *GUIDE, *LIBRARY)
    kernels = Kernels(library, split_fields(tables.read_bytes()))
    seeds = ["the cat and the dog", *PIECES]
    corpus = grow(seeds, TEXTS, kernels.run_and_compare)
    assert len(corpus) > 4 * len(seeds)  # it does find new ways
    path = save_fields(tmp_path / "corpus.bin", [text.encode() for text in corpus])
    run_harness(compile_kernels("harness_text.cpp", *SANITIZE), tables, path)
