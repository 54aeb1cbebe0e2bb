"""English text of any size: real documents, their words shuffled so that none is a copy."""

import json
import os
import pydoc_data.topics
import random
from collections.abc import Iterator
from itertools import count
from pathlib import Path

from benchmarks.english import read_english

REAL_DATA = "MASSIVETEXT_REAL_DATA"


def find_data() -> Path | None:
    """Returns the folder of real data, or None where there is none."""
    beside = Path(__file__).parents[2] / "shared" / "data"
    folder = Path(os.environ.get(REAL_DATA, beside))
    return folder if folder.is_dir() else None


def english_texts() -> list[str]:
    """Returns English documents: real data, or what every Python has."""
    data = find_data()
    if data is not None:
        return read_english(data)
    return [text for text in pydoc_data.topics.topics.values() if len(text) > 1_000]


def web_texts() -> list[str]:
    """Returns English pages of C4 where there are real data, else `english_texts`."""
    data = find_data()
    return read_english(data, books=False) if data is not None else english_texts()


def shuffle_words(text: str, random_source: random.Random) -> str:
    """Returns the text with its words in another order, and as many in each line as before."""
    lines = [line.split() for line in text.split("\n")]
    words = [word for line in lines for word in line]
    random_source.shuffle(words)
    rest = iter(words)
    return "\n".join(" ".join(next(rest) for _ in line) for line in lines)


def shuffled(texts: list[str], size: int) -> Iterator[str]:
    """Yields at least `size` bytes of documents, each of the texts again and again, shuffled."""
    random_source, left = random.Random(0), size
    for number in count():
        if left <= 0:
            return
        text = shuffle_words(texts[number % len(texts)], random_source)
        left -= len(text.encode())
        yield text


def write_corpus(folder: Path, megabytes: int, files: int) -> int:
    """Writes JSON lines like C4's in so many files; returns the bytes of text in them."""
    folder.mkdir(parents=True)
    texts = list(shuffled(web_texts(), megabytes * 1_000_000))
    for number in range(files):
        rows = texts[number::files]
        url = "https://example.org/"
        lines = [json.dumps({"text": text, "timestamp": "2019", "url": url}) for text in rows]
        (folder / f"{number:03}.json").write_text("\n".join(lines) + "\n")
    return sum(len(text.encode()) for text in texts)
