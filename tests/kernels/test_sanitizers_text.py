"""AddressSanitizer and UndefinedBehaviorSanitizer find nothing in the kernels.

The kernels run without Python, each text in a buffer of its exact size, and their results are
compared with those of the module that Python uses.
"""

import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from filters.measure import Measures, measure_and_sign
from massivetext.minhash import shingle_hashes

SANITIZE = ("-O1", "-fsanitize=address,undefined", "-fno-sanitize-recover=all")
MINIMA = 128

pytestmark = [pytest.mark.heavy, pytest.mark.timeout(1800)]


@pytest.fixture(scope="module", params=["native", "portable"])
def harness(request, compile_kernels) -> Path:
    """The kernels as on this machine, and without what only x86-64 has."""
    portable = ["-DMASSIVETEXT_PORTABLE"] if request.param == "portable" else []
    return compile_kernels("harness.cpp", *SANITIZE, *portable)


@pytest.fixture
def run_and_compare(harness, tables, write_fields, tmp_path) -> Callable[[list[str]], None]:
    def run(texts: list[str]) -> None:
        path = write_fields(tmp_path / "texts.bin", [text.encode() for text in texts])
        done = subprocess.run([harness, tables, path], capture_output=True, check=False)
        assert done.returncode == 0, done.stderr.decode()[-5000:]
        compare(memoryview(done.stdout), texts)

    return run


def compare(results: memoryview, texts: list[str]) -> None:
    for text in texts:
        measures, signature = measure_and_sign(text)
        counts = np.frombuffer(results, "<i8", len(Measures._fields))
        results = results[counts.nbytes :]
        assert Measures(*counts.tolist()) == measures
        assert bytes(results[: 4 * MINIMA]) == signature.minhash
        size = int(np.frombuffer(results[4 * MINIMA :], "<u8", 1)[0])
        hashes = np.frombuffer(results[4 * MINIMA + 8 :], "<u8", size)
        assert np.array_equal(np.unique(hashes), shingle_hashes(text))
        results = results[4 * MINIMA + 8 + hashes.nbytes :]
    assert len(results) == 0


def test_hostile_texts(run_and_compare, hostile_texts, large_hostile_texts):
    run_and_compare([*hostile_texts.values(), *large_hostile_texts.values()])


def test_every_end_of_a_text(run_and_compare):
    text = "It’s — the “same”…\n\n• e\u0301t\u00e9 中文\u3000字 ... 😀#\u2028 with\tthat, " * 4
    run_and_compare([text[:end] for end in range(len(text))])


def test_every_real_text(run_and_compare, real_texts):
    run_and_compare(real_texts)
