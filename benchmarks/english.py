"""English documents for speeds: C4 and news as they are, books cut to 1 to 10 KB."""

import gzip
import json
import random
from collections.abc import Iterator
from pathlib import Path

SHORTEST, LONGEST = 1_000, 10_000


def read_english(data: Path, books: bool = True) -> list[str]:
    """Returns the documents of the folder of real data (see tests/conftest.py)."""
    texts = []
    for path in (*(data / "news").glob("*.jsonl"), *(data / "c4").glob("*.json.gz")):
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            texts += [json.loads(line)["text"] for line in file]
    for path in sorted((data / "books").glob("*.txt")) if books else ():
        texts += cut_book(path.read_text("utf-8", "replace"))
    return texts


def cut_book(text: str) -> Iterator[str]:
    """Yields parts of a book, cut at line ends, of lengths spread evenly on a logarithmic scale."""
    sizes, begin = random.Random(0), 0
    while begin < len(text):
        size = int(SHORTEST * (LONGEST / SHORTEST) ** sizes.random())
        end = text.find("\n", begin + size) + 1 or len(text)
        yield text[begin:end]
        begin = end
