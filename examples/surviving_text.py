"""Writes the documents that survive all stages of a build, one JSON object a line.

    python examples/surviving_text.py DIR > corpus.jsonl

Which rows of `documents/part-N.parquet` survive is in the files of the same name of the two stages
that compare documents: they list the rows that go.
"""

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq  # type: ignore[import-untyped]

COLUMNS = ("id", "source", "url", "title", "timestamp", "text")
COMPARING = ("duplicates", "overlap")


def surviving(build: Path) -> Iterator[dict[str, Any]]:
    """Yields id, source, url, title, timestamp and text of every document that is left."""
    for path in sorted((build / "documents").glob("part-*.parquet")):
        lists = (pq.read_table(build / stage / path.name, columns=["row"]) for stage in COMPARING)
        gone = {row for table in lists for row in table["row"].to_pylist()}
        for number, document in enumerate(_rows(path)):
            if number not in gone:
                yield document


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    for batch in pq.ParquetFile(path).iter_batches(1_000, columns=list(COLUMNS)):
        yield from batch.to_pylist()


def main() -> None:
    """Writes the documents to the standard output."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("build", type=Path, metavar="DIR", help="the output of a build")
    for document in surviving(parser.parse_args().build):
        sys.stdout.write(json.dumps(document, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
