"""Texts that the kernels are tried on: all of the real data, and texts made to break them."""

import gzip
import json
import struct
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from benchmarks.hostile import HOSTILE
from massivetext import kernels, nfc
from massivetext.paper import SHINGLE_WORDS, STOP_WORDS

HERE = Path(__file__).parent
SLICE = 20_000  # characters of a document cut from a file that is no list of documents


@pytest.fixture(scope="session")
def real_texts(real_data: Path) -> list[str]:
    """Returns every document of the real data; web archives and other files cut in slices."""
    texts = []
    for path in sorted(path for path in real_data.rglob("*") if path.is_file()):
        data = path.read_bytes()
        data = gzip.decompress(data) if path.suffix == ".gz" else data
        content = data.decode("utf-8", "replace")
        if ".json" in path.name:
            texts += [text for line in content.splitlines() for text in strings(json.loads(line))]
        else:
            texts += [content[i : i + SLICE] for i in range(0, len(content), SLICE)]
    return texts


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


def save_fields(path: Path, fields: list[bytes]) -> Path:
    path.write_bytes(b"".join(struct.pack("<I", len(field)) + field for field in fields))
    return path


@pytest.fixture(scope="session")
def write_fields() -> Callable[[Path, list[bytes]], Path]:
    """Returns a function that writes what the harness reads: each field after its length."""
    return save_fields


@pytest.fixture(scope="session")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Returns the tables that Python hands to the kernels, as a file for the harness."""
    unicode_tables = [kernels.properties(), nfc.combining_classes()]
    unicode_tables += [kernels.decompositions(), kernels.compositions()]
    paper = [bytes([SHINGLE_WORDS]), *[word.encode() for word in STOP_WORDS]]
    return save_fields(tmp_path_factory.mktemp("tables") / "tables.bin", unicode_tables + paper)


@pytest.fixture(scope="session")
def compile_kernels(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Returns a function that compiles a source file of this folder with given flags."""
    folder = tmp_path_factory.mktemp("compiled")

    def compile_source(source: str, *flags: str) -> Path:
        output = folder / Path(source).with_suffix(".bin").name
        command = ["g++", "-std=c++17", "-g", "-Wall", "-Wextra", "-Werror", *flags]
        subprocess.run([*command, HERE / source, "-o", output], check=True)
        return output

    return compile_source
