"""A fuzzer, guided by the ways that lines take through the kernel, compares it and fastText.

Lines that take a new way are kept and changed again, and run once more under the sanitizers.
"""

import ctypes
import struct
from collections.abc import Callable
from pathlib import Path

import pytest

from massivetext.filters.language.detect import LanguageModel, LanguageScore
from tests.kernels.fuzz.growing import PIECES, grow
from tests.kernels.harness import GUIDE, LIBRARY, SANITIZE, run_harness, save_fields
from tests.support.commands import model_path

TEXTS = 25_000  # by each of two models
MORE_PIECES = [
    "</s>",
    "</s> ",
    "__label__en ",
    "__label__",
    "<",
    ">",
    "_",
    "der ",
    "zh12",
    "\v",
    "\f",
]

pytestmark = [pytest.mark.heavy, pytest.mark.timeout(1800)]


def compare_with_fasttext(library: Path, model: Path) -> Callable[[str], bool]:
    """Returns a function that scores a line by both, and says whether it took a new way."""
    kernel, plain = ctypes.CDLL(str(library)), LanguageModel(str(model), native=False)
    labels = [label.removeprefix("__label__") for label in plain._model.get_labels()]
    english = ctypes.c_size_t(labels.index("en"))
    data = model.read_bytes()
    kernel.load(data, ctypes.c_size_t(len(data)))
    best, shares = ctypes.c_int32(), (ctypes.c_float * 2)()

    def run_and_compare(text: str) -> bool:
        line = text.replace("\n", " ").encode()
        size = ctypes.c_size_t(len(line))
        is_new = kernel.run(line, size, english, ctypes.byref(best), shares)
        name = labels[best.value] if best.value >= 0 else ""
        score = LanguageScore(name, min(1.0, shares[0]), min(1.0, shares[1]))
        assert score == plain.score(line.decode()), line
        return bool(is_new)

    return run_and_compare


@pytest.mark.parametrize("name", ["lid.176", "small"])
def test_scores_are_those_of_fasttext_wherever_the_fuzzer_goes(
    compile_kernels, small_language_model, tmp_path, name
):
    model = model_path() if name == "lid.176" else small_language_model
    library = compile_kernels("fuzz_language.cpp", *GUIDE, *LIBRARY)
    seeds = ["the cat and the dog", *PIECES, *MORE_PIECES]
    corpus = grow(seeds, TEXTS, compare_with_fasttext(library, model))
    assert len(corpus) > len(seeds) + 40  # it does find new ways
    lines = [text.replace("\n", " ").encode() for text in corpus]
    lines_path = save_fields(tmp_path / "lines.bin", lines)
    whole = save_fields(tmp_path / "whole.bin", [struct.pack("<II", model.stat().st_size, 0)])
    run_harness(compile_kernels("harness_language.cpp", *SANITIZE), model, whole, lines_path)
