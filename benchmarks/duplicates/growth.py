"""What the stage costs as a corpus grows, and what new data against an old build costs.

`python -m benchmarks.duplicates.growth [DOCUMENTS]`: documents of 60 to 90 words, of which one in
16 is a copy (one in 48 with a word replaced), as files of stage 1; CPU seconds of the stage alone,
in one process without a runner.
"""

import json
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from massivetext.dedup.hosts import HostRules
from massivetext.dedup.signature import sign
from massivetext.document import Document, Origin
from massivetext.measures import Measures
from massivetext.pipelines.flow.here import Here
from massivetext.pipelines.folder.sums import Written
from massivetext.pipelines.stages.duplicates.graph import SHUFFLED, add_duplicates
from massivetext.pipelines.stages.duplicates.old_builds import OldBuild, numbered
from massivetext.pipelines.stages.duplicates.read import DocumentPart, DuplicateSettings
from massivetext.shards.document_files import (
    DROPPED,
    KEPT,
    NO_SCORE,
    NOT_MASKED,
    RowWriter,
    document_schema,
    kept_row,
)

PART_ROWS = 20_000
NEW = 0.05  # share of the documents that are new in an increment
_WORDS = [f"w{number:x}" for number in range(50_000)]


def texts(first: int, last: int) -> Iterator[str]:
    """Yields the texts of a range of documents; a copy is of any document before it."""
    for number in range(first, last):
        copied = number % 16 == 0 and number > 0
        source = int(np.random.default_rng([number, 1]).integers(number)) if copied else number
        rng = np.random.default_rng(source)
        words = rng.integers(0, len(_WORDS), int(rng.integers(60, 91))).tolist()
        if copied and number % 48 == 0:
            words[len(words) // 2] = 7
        yield " ".join([_WORDS[word] for word in words])


def write(folder: Path, first: int, last: int) -> tuple[DocumentPart, ...]:
    """Writes a range of documents as stage 1 does; returns its parts."""
    (folder / "documents").mkdir(parents=True)
    rows = texts(first, last)
    return tuple(
        _write_part(folder, number, min(PART_ROWS, last - start), start, rows)
        for number, start in enumerate(range(first, last, PART_ROWS))
    )


def _write_part(
    folder: Path, number: int, count: int, start: int, rows: Iterator[str]
) -> DocumentPart:
    stem = f"part-{number:016x}"
    kept, dropped, summary = (
        str(folder / "documents" / name)
        for name in (f"{stem}.parquet", f"dropped-{stem}.parquet", f"{stem}.json")
    )
    written = Written()
    with written.new_file(dropped) as file:
        RowWriter(file, document_schema(DROPPED, Measures._fields)).close()
    with written.new_file(kept) as file:
        out = RowWriter(file, document_schema(KEPT, Measures._fields))
        for row, text in zip(range(count), rows, strict=False):
            document = Document(Origin("c4", str(start)).document_id(row), "c4", text)
            content = (*NO_SCORE, None, *NOT_MASKED)
            out.write(kept_row(document, "", content, sign(text), None))
        out.close()
    written.write_summary(summary, {})
    return DocumentPart(number, "c4", kept, dropped, count, stem=stem)


def run(parts: tuple[DocumentPart, ...], output: Path, old: OldBuild | None = None) -> float:
    """Runs the stage; returns its CPU seconds, and prints what it took."""
    olds, firsts = numbered([old] if old else [], len(parts))
    every = [*parts, *olds]
    settings = DuplicateSettings(
        str(output),
        hosts=HostRules(5, None),
        stems=tuple(part.stem for part in every),
        old=tuple((first, old.folder) for first in firsts if old),
    )
    output.mkdir()
    start = time.process_time()
    add_duplicates(Here(), every, settings)
    seconds = time.process_time() - start
    rows = sum(part.rows for part in parts)
    shuffled = json.loads((output / SHUFFLED).read_text())["total"]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
    print(
        f"{rows:>10,}{sum(part.rows for part in olds):>12,} old{seconds:>8.2f} CPU s"
        f"{seconds / rows * 1e6:>7.1f} us{shuffled / rows:>6.0f} bytes{peak:>6} MiB",
        flush=True,
    )
    return seconds


def main(count: int) -> None:
    """Prints the cost of all documents, and of the last of them against the others."""
    with tempfile.TemporaryDirectory() as work:
        folder = Path(work)
        cut = count - int(count * NEW)
        everything = write(folder / "all", 0, count)
        before = write(folder / "old", 0, cut)
        after = write(folder / "new", cut, count)
        whole = run(everything, folder / "all" / "duplicates")
        run(before, folder / "old" / "duplicates")
        lists = [str(folder / "old" / "duplicates" / f"{part.stem}.parquet") for part in before]
        known = [part._replace(drops=path) for part, path in zip(before, lists, strict=True)]
        old = OldBuild(str(folder / "old"), "", tuple(known))
        increment = run(after, folder / "new" / "duplicates", old)
        print(f"increment of {NEW:.0%}: {increment / whole:.1%} of all at once")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
