"""The sanitizers find nothing in the measures, the signature and the shingles.

The kernels run without Python, each text in a buffer of its exact size, and their results are
compared with those of the module that Python uses.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from massivetext.dedup.signature import PERMUTATIONS, Shingles, shingle_hashes, sign
from massivetext.filters.measure import Measures, measure
from tests.kernels.harness import RULES, SANITIZE, run_harness, save_fields

pytestmark = [pytest.mark.heavy, pytest.mark.timeout(1800)]


@pytest.fixture(scope="module", params=["native", "portable"])
def harness(request, compile_kernels) -> Path:
    """The kernels as on this machine, and without what only x86-64 has."""
    portable = ["-DMASSIVETEXT_PORTABLE"] if request.param == "portable" else []
    return compile_kernels("harness_text.cpp", *SANITIZE, *portable)


@pytest.fixture
def run_and_compare(harness, tables, tmp_path) -> Callable[[list[str]], None]:
    def run(texts: list[str]) -> None:
        path = save_fields(tmp_path / "texts.bin", [text.encode() for text in texts])
        compare(run_harness(harness, tables, path), texts)

    return run


def compare(results: memoryview, texts: list[str]) -> None:
    for text in texts:
        counts = np.frombuffer(results, "<i8", len(Measures._fields))
        assert Measures(*counts.tolist()) == measure(text)
        results = results[counts.nbytes :]
        for rules in RULES:
            results = compare_shingles(results, text, rules)
    assert len(results) == 0


def compare_shingles(results: memoryview, text: str, rules: Shingles) -> memoryview:
    assert bytes(results[: 4 * PERMUTATIONS]) == sign(text, rules).minhash
    size = int(np.frombuffer(results[4 * PERMUTATIONS :], "<u8", 1)[0])
    hashes = np.frombuffer(results[4 * PERMUTATIONS + 8 :], "<u8", size)
    assert np.array_equal(hashes, shingle_hashes(text, rules))
    return results[4 * PERMUTATIONS + 8 + hashes.nbytes :]


def test_hostile_texts(run_and_compare, hostile_texts, large_hostile_texts):
    run_and_compare([*hostile_texts.values(), *large_hostile_texts.values()])


def test_every_end_of_a_text(run_and_compare):
    text = "It’s — the “same”…\n\n• e\u0301t\u00e9 中文\u3000字 ... 😀#\u2028 with\tthat, " * 4
    run_and_compare([text[:end] for end in range(len(text))])


def test_every_real_text(run_and_compare, real_texts):
    run_and_compare(real_texts)
