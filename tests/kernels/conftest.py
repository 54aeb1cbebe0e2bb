"""Texts that the kernels are tried on: all of the real data, and texts made to break them."""

import gzip
import json
import random
import subprocess
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from pydoc_data import topics

import fasttext
import pytest

from benchmarks.hostile import HOSTILE
from massivetext.config.recipe import Vocabulary
from massivetext.paper import STOP_WORDS
from massivetext.text import kernels
from massivetext.tokenizer.vocabulary import train_vocabulary
from tests.kernels.harness import save_fields

HERE = Path(__file__).parent
KERNELS = HERE.parents[1] / "kernels"
SLICE = 20_000  # characters of a document cut from a file that is no list of documents


@pytest.fixture(scope="session")
def real_texts(real_data: Path) -> list[str]:
    """Returns every document of the real data; web archives and other files cut in slices."""
    files = sorted(path for path in real_data.rglob("*") if path.is_file())
    return [text for path in files for text in texts_of(path)]


@pytest.fixture(scope="session")
def some_texts(real_data: Path) -> list[str]:
    """Returns one in 600 documents of each file of the real data."""
    files = sorted(path for path in real_data.rglob("*") if path.is_file())
    return [text for path in files for text in texts_of(path, every=600)]


def texts_of(path: Path, every: int = 1) -> Iterator[str]:
    """Yields the texts of every so many lines of JSON, or slices, of a file."""
    # `gzip.decompress` copies what is left at each of thousands of members.
    with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
        content = file.read().decode("utf-8", "replace")
    if ".json" in path.name:
        for line in content.splitlines()[::every]:
            yield from strings(json.loads(line))
    else:
        for start in range(0, len(content), SLICE * every):
            yield content[start : start + SLICE]


def strings(value: object) -> Iterator[str]:
    """Yields the strings in a record, but those with lone surrogates."""
    if isinstance(value, str):
        yield value.encode("utf-8", "replace").decode()
    elif isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from strings(item)


@pytest.fixture(scope="session")
def hostile_texts() -> dict[str, str]:
    """Returns texts of 5,000 words made to break the kernels."""
    return {name: make(5_000) for name, make in HOSTILE.items()}


@pytest.fixture(scope="session")
def large_hostile_texts() -> dict[str, str]:
    """Returns texts of 150,000 words made to break the kernels, some of them of a million."""
    longest = ("one line", "one long word", "one word again and again", "emoji", "only newlines")
    return {name: make(1_000_000 if name in longest else 150_000) for name, make in HOSTILE.items()}


@pytest.fixture(scope="session")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Returns the tables that Python hands to the kernels, as a file for the harness."""
    words = [word.encode() for word in STOP_WORDS]
    path = tmp_path_factory.mktemp("tables") / "tables.bin"
    return save_fields(path, [*kernels.unicode_tables(), *words])


@pytest.fixture(scope="session")
def compile_kernels(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Returns a function that compiles a source file of this folder with given flags, once."""
    folder = tmp_path_factory.mktemp("compiled")

    @cache
    def compile_source(source: str, *flags: str) -> Path:
        output = folder / f"{Path(source).stem}-{len(list(folder.iterdir()))}"
        command = ["g++", "-std=c++17", "-g", "-Wall", "-Wextra", "-Werror", "-I", KERNELS, *flags]
        subprocess.run([*command, HERE / source, "-o", output], check=True)
        return output

    return compile_source


@pytest.fixture(scope="session")
def vocabularies() -> dict[str, bytes]:
    """Returns models that differ in all that the kernel does differently."""
    texts = [*topics.topics.values(), "\u65e5\u672c\u8a9e \u0436\u0430\u0440 caf\u00e9 " * 99]
    choices = {
        "usual": Vocabulary(4_096),
        "collapse": Vocabulary(1_000, whitespace="collapse"),
        "identity": Vocabulary(1_000, normalization="identity"),
        "foreign": Vocabulary(1_000, character_coverage=1.0),
    }
    return {name: train_vocabulary(texts, chosen) for name, chosen in choices.items()}


@pytest.fixture(scope="session")
def small_language_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Returns a model of the kind of lid.176.ftz with four languages of hardly a hundred words."""
    folder = tmp_path_factory.mktemp("language")
    choices = random.Random(1)
    languages = {
        "en": "the cat and the dog on a mat",
        "de": "der Hund und die Katze auf der Matte",
        "fr": "le chat et le chien sur une natte",
        "zh": "中文 字符 的 一 我 e\u0301",
    }
    lines = []
    for name in choices.choices(list(languages), k=4_000):
        words = [*languages[name].split(), *(f"{name}{number}" for number in range(80))]
        lines.append(f"__label__{name} {' '.join(choices.choices(words, k=5))}\n")
    (folder / "lines.txt").write_text("".join(lines))
    source = str(folder / "lines.txt")
    options = {"dim": 4, "loss": "hs", "bucket": 300, "minn": 1, "maxn": 3, "thread": 1}
    model = fasttext.train_supervised(source, verbose=0, **options)
    model.quantize(source, cutoff=260, qnorm=True, dsub=2, thread=1)
    model.save_model(str(folder / "small.ftz"))
    return folder / "small.ftz"
