"""Texts that the kernels are tried on: all of the real data, and texts made to break them."""

import gzip
import json
import random
import struct
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

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


def make_hostile(words: int) -> dict[str, str]:
    """Returns texts that strain a table, a counter or a branch, of about so many words each."""
    choose = random.Random(7).choices
    numbers = [f"{i:x}" for i in range(words)]
    marks = "\u0301\u0316"
    return {
        "empty": "",
        "one line": " ".join(choose(numbers[:2000], k=words)),
        "one long word": "x" * 5 * words,
        "one word again and again": "word " * words,
        "two words": "foo bar " * (words // 2),
        "one line again and again": "the same line of six words\n" * (words // 6),
        "one paragraph again and again": "two\nlines\n\n" * (words // 2),
        "different words": " ".join(numbers),
        "different lines": "\n".join(numbers),
        "different paragraphs": "\n\n".join(numbers),
        "different words twice": " ".join(numbers[: words // 2] * 2),
        "thue-morse": " ".join("ab"[i.bit_count() & 1] for i in range(words)),
        "random of two": " ".join(choose("ab", k=words)),
        "random letters": " ".join(choose("abcdefghijklmnopqrstuvwxyz", k=words)),
        "only newlines": "\n" * words,
        "only blanks": " " * words,
        "only dots": "." * words,
        "dots and blanks": ". .. ... .... " * (words // 4),
        "hashes": "# " * words,
        "nul": "\0" * words,
        "nul words": "\0 the\0 " * (words // 2),
        "emoji": "😀" * words,
        "emoji words": "😀 👩\u200d🚀 " * (words // 2),
        "chinese": "中文字符" * words,
        "ideographic spaces": "中\u3000" * words,
        "no-break spaces": "a\u00a0\u2028" * words,
        "right to left": "שלום עולם\u200f " * (words // 2),
        "marks": "a" + marks * words,
        "marked words": "a\u0316\u0301 " * words,
        "thirty marks": ("a" + marks * 15 + " ") * (words // 30),
        "thirty-one marks": ("a" + marks * 15 + "\u0301 ") * (words // 31),
        "marks that decompose": "\u0344\u0f73 \u0f75e\u0f73\u0301 " * (words // 2),
        "hangul": "\u1100\u1161\u11a8 가\u11a8 \u1161\u11a8 " * (words // 3),
        "the last code point": "\U0010ffff " * words,
        "punctuation": "“,” ! ... the, (of) " * (words // 5),
        "long words": ("y" * 1000 + " ") * (words // 100),
        "words of one beginning": " ".join("z" * (i % 300) for i in range(words // 10)),
        "sizes about a block": "\n".join("é" * (i % 70) + "." * (i % 5) for i in range(words // 9)),
    }


@pytest.fixture(scope="session")
def hostile_texts() -> dict[str, str]:
    """Returns texts of 5,000 words made to break the kernels."""
    return make_hostile(5_000)


@pytest.fixture(scope="session")
def large_hostile_texts() -> dict[str, str]:
    """Returns texts of a million words made to break the kernels."""
    return make_hostile(1_000_000)


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
