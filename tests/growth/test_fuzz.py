"""Mutated real files of every format: every record ends as Document, Dropped or Broken.

Seeds are the real files beside the project, else the embedded sample, and the cases of
`tests/cases`; a mutation changes, deletes, repeats or moves bytes, or splices two seeds. Quick:
some hundred files; heavy: 10^6 records, or as many as FUZZ_RECORDS says.
"""

import io
import os
import random
import subprocess
import sys
from collections import Counter
from pathlib import Path
from xml.sax.saxutils import escape

import pytest

from massivetext.document import Broken, Document, Dropped, Origin
from massivetext.errors import ConfigError, RecordError
from massivetext.readers.bytes.decompress import expand
from massivetext.readers.formats import format_of, reader_for
from tests.growth.files import wiki

HERE = Path(__file__).parent.parent
MAX_SEED_BYTES = 200_000  # of a file: its beginning
QUICK_RECORDS = 3_000
HEAVY_RECORDS = int(os.environ.get("FUZZ_RECORDS", "1000000"))
FOLDERS = {"books": "books", "c4": "c4", "github": "github", "news": "news", "web": "web",
           "wikipedia": "wikipedia", "extraction": "web"}  # fmt: skip
TOKENS = [
    *(
        b"<",
        b">",
        b"&",
        b'"',
        b"\\",
        b"{",
        b"}",
        b"\n",
        b"\r\n",
        b"\0",
        b"\xff",
        b"\xc3",
        b"{{",
        b"]]",
    ),
    *(
        b"PK\1\2",
        b"PAR1",
        b"\x1f\x8b",
        b"WARC/1.0\r\n",
        b"<page>",
        b"NaN",
        b"\\ud83d",
        b"\xef\xbb\xbf",
    ),
]

Seed = tuple[str, str, bytes]  # source, format, data


def seeds(folder: Path) -> list[Seed]:
    """Returns the beginnings of all files below whose names tell their formats."""
    found: list[Seed] = []
    for path in sorted(folder.rglob("*")):
        source = next((FOLDERS[part] for part in path.parts[::-1] if part in FOLDERS), "web")
        if "code" in path.parts:
            source = "github"
        try:
            kind = format_of(source, path.name)
        except ConfigError:
            continue
        if path.is_file() and path.stat().st_size:
            with path.open("rb") as file:
                whole = kind in ("parquet", "github-parquet", "epub", "tfds")
                found.append((source, kind, file.read(-1 if whole else MAX_SEED_BYTES)))
            if kind == "wiki-xml":  # changed when packed, it is nothing but a damaged archive
                found += [(source, kind, dump) for dump in dumps(path)]
    return [seed for seed in found if len(seed[2]) <= 10 * MAX_SEED_BYTES]


def dumps(path: Path) -> list[bytes]:
    """Returns the pages of a wiki dump as plain dumps of one page, none of a damaged archive."""
    with path.open("rb") as file:
        try:
            first, *pages = b"".join(expand(file)).split(b"<page>")
        except RecordError:
            return []
    return [first + b"<page>" + page[:MAX_SEED_BYTES] for page in pages]


def pages_of_cases() -> list[Seed]:
    """Returns the wikitext of `tests/cases/wiki` as dumps of one page."""
    texts = "\n".join(
        path.read_text(encoding="utf-8") for path in sorted((HERE / "cases/wiki").glob("*.txt"))
    )
    wrapped = (wiki(escape(text)) for text in texts.split("\n@@ "))
    return [("wikipedia", "wiki-xml", dump) for dump in wrapped]


@pytest.fixture(scope="module")
def all_seeds(tmp_path_factory: pytest.TempPathFactory) -> list[Seed]:
    real = HERE.parent.parent / "shared" / "data"
    if not real.is_dir():
        real = tmp_path_factory.mktemp("sample")
        command = [sys.executable, "-m", "massivetext", "sample", str(real)]
        subprocess.run(command, check=True, capture_output=True)
    return seeds(real) + seeds(HERE / "cases") + pages_of_cases()


def mutated(data: bytes, other: bytes, chance: random.Random) -> bytes:
    """Returns `data` after one to eight changes."""
    out = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 4, 8))):
        at = chance.randrange(len(out) + 1)
        size = chance.choice((1, 2, 8, 100, 2_000))
        kind = chance.randrange(6)
        if kind == 0 and at < len(out):
            out[at] ^= 1 << chance.randrange(8)
        elif kind == 1:
            del out[at : at + size]
        elif kind == 2:
            out[at:at] = out[at : at + size] * chance.choice((1, 3, 50))
        elif kind == 3:
            out[at : at + 1] = chance.choice(TOKENS) * chance.choice((1, 1, 30))
        elif kind == 4:
            start = chance.randrange(len(other) + 1)
            out[at : at + size] = other[start : start + size]
        else:
            out[at : at + size] = chance.randbytes(size)
    return bytes(out[: chance.choice((len(out), len(out), chance.randrange(len(out) + 1)))])


def fuzz(found: list[Seed], records: int, seed: int) -> Counter[str]:
    """Reads mutated files until `records` records have come out; returns counts by kind."""
    chance, counts = random.Random(seed), Counter[str]()
    while counts.total() < records:
        source, kind, data = chance.choice(found)
        data = mutated(data, chance.choice(found)[2], chance)
        read = reader_for(source, kind)
        if keep := os.environ.get("FUZZ_KEEP"):  # what an error can be found with
            Path(keep).write_bytes(data)
        for record in read(io.BytesIO(data), Origin(source, "a"), 0, None):
            assert isinstance(record, Document | Dropped | Broken)
            counts[f"{kind} {type(record).__name__}"] += 1
    return counts


def test_mutated_files_give_records(all_seeds: list[Seed]) -> None:
    counts = fuzz(all_seeds, QUICK_RECORDS, 1)
    assert counts.total() >= QUICK_RECORDS


@pytest.mark.heavy
@pytest.mark.timeout(0)
def test_a_million_mutated_records(all_seeds: list[Seed]) -> None:
    counts = fuzz(all_seeds, HEAVY_RECORDS, 2)
    for kind, count in sorted(counts.items()):
        print(f"{kind:32} {count:9,}")
    assert counts.total() >= HEAVY_RECORDS
