"""The sanitizers find nothing in the language kernel, whatever the line, however damaged the model.

It runs without Python, each line in a buffer of its exact size, and its labels and probabilities
are compared with fastText's.
"""

import random
import struct
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import numpy as np
import pytest

from massivetext.filters.language.detect import LanguageModel, LanguageScore, sample_line
from tests.kernels.harness import SANITIZE, run_harness, save_fields
from tests.support.commands import model_path

LINES = [
    "",
    "the cat and the dog",
    "中文 e\u0301 zh12 \U0010ffff",
    "</s> x",
    "__label__en \0 zz",
    "x" * 999,
]
RESULT = np.dtype([("best", "<i4"), ("probability", "<f4"), ("wanted", "<f4")])
Damage = tuple[int, int, bytes]  # the size that is left, a place, and what is written there

pytestmark = [pytest.mark.heavy, pytest.mark.timeout(1800)]


@pytest.fixture
def run(compile_kernels, tmp_path) -> Callable[[Path, Iterable[Damage], list[str]], memoryview]:
    """Returns a function that scores lines by damaged copies of a model under the sanitizers."""
    harness = compile_kernels("harness_language.cpp", *SANITIZE)

    def run_copies(model: Path, damages: Iterable[Damage], lines: list[str]) -> memoryview:
        fields = [struct.pack("<II", size, place) + new for size, place, new in damages]
        damages_path = save_fields(tmp_path / "damages.bin", fields)
        lines_path = save_fields(tmp_path / "lines.bin", [line.encode() for line in lines])
        return run_harness(harness, model, damages_path, lines_path)

    return run_copies


def read_results(results: memoryview, lines: list[str]) -> Iterator[np.ndarray | None]:
    """Yields each copy's result of each line, None for a copy that was refused."""
    while results:
        is_read, results = results[0], results[1:]
        if not is_read:
            yield None
            continue
        found = np.frombuffer(results, RESULT, len(lines))
        results = results[found.nbytes :]
        yield found


@pytest.fixture(params=["lid.176", "small"])
def model(request, small_language_model) -> Path:
    return model_path() if request.param == "lid.176" else small_language_model


@pytest.fixture
def run_and_compare(run, model) -> Callable[[Iterable[str]], None]:
    plain = LanguageModel(str(model), native=False)
    labels = [label.removeprefix("__label__") for label in plain._model.get_labels()]

    def compare(texts: Iterable[str]) -> None:
        lines = [text.replace("\n", " ") for text in texts]
        (found,) = read_results(run(model, [(model.stat().st_size, 0, b"")], lines), lines)
        for line, (best, probability, wanted) in zip(lines, found.tolist(), strict=True):
            name = labels[best] if best >= 0 else ""
            score = LanguageScore(name, min(1.0, probability), min(1.0, wanted))
            assert score == plain.score(line), repr(line[:1000])

    return compare


def test_hostile_texts(run_and_compare, hostile_texts, large_hostile_texts):
    run_and_compare([*hostile_texts.values(), *large_hostile_texts.values()])


def test_every_end_of_a_text(run_and_compare):
    text = (
        "It’s — the “same”… e\u0301t\u00e9 中文\u3000字 ... 😀#\u2028 </s>\twith\t__label__that, "
        * 4
    )
    run_and_compare([text[:end] for end in range(len(text))])


def test_every_real_text(run_and_compare, real_texts):
    run_and_compare([sample_line(text) for text in real_texts])


def damages(data: bytes, count: int) -> Iterator[Damage]:
    """Yields cuts, flipped bits and odd numbers; half of them in the header and the dictionary."""
    choices = random.Random(24)
    for number in range(count):
        place = choices.randrange(choices.choice([160, len(data) // 4, len(data)]))
        odd = struct.pack("<q", choices.choice([-1, 0, 1 << 20, 1 << 31, 1 << 40, -(1 << 63)]))
        flipped = bytes([data[place] ^ 1 << choices.randrange(8)])
        new = [flipped, odd[:4], odd][number % 3]
        yield (place, 0, b"") if number % 5 == 0 else (len(data), place, new)


def test_damaged_models(run, model):
    data, count = model.read_bytes(), 200 if model == model_path() else 4_000
    found = list(read_results(run(model, damages(data, count), LINES), LINES))
    refused = sum(results is None for results in found)
    assert len(found) == count
    assert min(refused, count - refused) > count // 10


def test_every_cut_of_a_small_model_is_refused(run, small_language_model):
    size = small_language_model.stat().st_size
    cuts = [(cut, 0, b"") for cut in range(size)]
    found = list(read_results(run(small_language_model, cuts, LINES), LINES))
    assert found == [None] * size
