"""Writes the documents of a build that docs/read-by-eye.md judges, one JSON object a line.

    python examples/read_by_eye.py DIR > documents.jsonl

Of each source: the kept and the dropped documents with the smallest hash, so that everyone reads
the same ones. Records that are no documents of their source at all (images, redirects, error
pages) are left out.
"""

import argparse
import heapq
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq  # type: ignore[import-untyped]

from massivetext.hashing import hash64
from massivetext.reasons import Reason

COUNT = 20
NO_DOCUMENT = frozenset(
    (
        Reason.RECORD_TYPE,
        Reason.HTTP_STATUS,
        Reason.NOT_HTML,
        Reason.REDIRECT,
        Reason.NAMESPACE,
    )
)
LATER_STAGES = ("duplicates", "overlap")
UNREAD = ("signature", "content_hash")

Row = dict[str, Any]


def rows_of(build: Path) -> Iterator[Row]:
    """Yields every document of a build with all its reasons; none: it is in the corpus."""
    for path in sorted((build / "documents").glob("part-*.parquet")):
        later = drops_of(build, path.name)
        for number, row in enumerate(_rows(path)):
            yield row | {"reasons": [], "twin": ""} | later.get(number, {})
    for path in sorted((build / "documents").glob("dropped-part-*.parquet")):
        yield from (row for row in _rows(path) if not NO_DOCUMENT & set(row["reasons"]))


def drops_of(build: Path, name: str) -> dict[int, Row]:
    """Returns what the later stages say of the rows of one part that they drop."""
    drops = {}
    for stage in LATER_STAGES:
        for drop in pq.read_table(build / stage / name).to_pylist():
            twin = drop.get("twin_id") or drop.get("item") or ""
            said = {"reasons": [drop["kind"]], "twin": twin, "jaccard": drop["jaccard"]}
            drops[drop["row"]] = said
    return drops


def _rows(path: Path) -> Iterator[Row]:
    names = [name for name in pq.read_schema(path).names if name not in UNREAD]
    for batch in pq.ParquetFile(path).iter_batches(256, columns=names):
        yield from batch.to_pylist()


def order(document_id: str) -> int:
    """Returns the hash by which documents are chosen."""
    return hash64(0, "read by eye", document_id)


def choose(build: Path, count: int = COUNT) -> list[Row]:
    """Returns of each source the `count` kept and the `count` dropped documents to be read."""
    groups: dict[tuple[str, bool], list[tuple[int, str, Row]]] = {}
    for row in rows_of(build):
        group = groups.setdefault((row["source"], bool(row["reasons"])), [])
        heapq.heappush(group, (-order(row["id"]), row["id"], row))
        if len(group) > count:
            heapq.heappop(group)
    return [row for name in sorted(groups) for _, _, row in sorted(groups[name], reverse=True)]


def main() -> None:
    """Writes the chosen documents of the build named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("build", type=Path, metavar="DIR", help="output of massivetext build")
    parser.add_argument("--count", type=int, default=COUNT, help="of each kind (default: 20)")
    arguments = parser.parse_args()
    for row in choose(arguments.build, arguments.count):
        sys.stdout.write(json.dumps(row, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
