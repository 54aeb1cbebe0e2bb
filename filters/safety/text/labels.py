"""Weak labels from a build: pages flagged by ratings, lists or addresses, against random others.

Stage 1 of a build is the pipeline that goes over the crawl: it stores the text of each page that it
drops with the reason. Here its files are read once. Pages of hosts of which no page is flagged are
the other side, as many, chosen by hash.
"""

import heapq
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

import pyarrow.parquet as pq
import xxhash

from massivetext.errors import ConfigError
from massivetext.filters.safety.text.rows import EXPLICIT, SAFE

FLAGS: Final = ("rating", "domain", "url")  # reasons of the content filter that are no text's
_COLUMNS: Final = ("host", "text", "language")
_BATCH: Final = 256


class Choice(NamedTuple):
    """Which pages are taken."""

    of_host: int = 20  # at most; one host must not teach its name
    most: int = 100_000  # of each label
    least_characters: int = 200


def weak_labels(build: str, choice: Choice) -> Iterator[dict[str, str]]:
    """Yields rows with text, label and host of a finished stage 1, explicit ones first.

    Raises:
      ConfigError: there is no stage 1, it kept no text of what it dropped, or nothing is flagged.
    """
    folder = Path(build) / "documents"
    dropped = sorted(folder.glob("dropped-part-*.parquet"))
    kept = sorted(folder.glob("part-*.parquet"))
    if not kept:
        raise ConfigError(f"{build} has no documents; run `massivetext documents` first")
    flagged: Counter[str] = Counter(row["host"] for row in _flagged(dropped))
    explicit = _chosen(_flagged(dropped), choice, choice.most)
    if not explicit:
        raise ConfigError(
            f"{build}: no page with text is flagged by {', '.join(FLAGS)}; give"
            " filters.safety.domain_lists, and keep dropped text"
        )
    others = (row for row in _rows(kept) if row["host"] not in flagged)
    for label, rows in ((EXPLICIT, explicit), (SAFE, _chosen(others, choice, len(explicit)))):
        for row in rows:
            yield {"text": row["text"], "label": label, "host": row["host"]}


def _flagged(files: list[Path]) -> Iterator[dict[str, Any]]:
    return (row for row in _rows(files, "reasons") if set(row["reasons"]) & set(FLAGS))


def _rows(files: list[Path], *more: str) -> Iterator[dict[str, Any]]:
    for file in files:
        for batch in pq.ParquetFile(file).iter_batches(_BATCH, columns=[*_COLUMNS, *more]):
            yield from batch.to_pylist()


def _chosen(rows: Iterator[dict[str, Any]], choice: Choice, most: int) -> list[dict[str, Any]]:
    """Returns at most `most` rows by the hash of their text, so many of a host; no text twice."""
    heap: list[tuple[int, int, dict[str, Any]]] = []
    of_host: Counter[str] = Counter()
    seen: set[int] = set()
    for number, row in enumerate(rows):
        text, site = row["text"] or "", row["host"] or ""
        rank = xxhash.xxh3_64_intdigest(text.encode())
        if len(text) < choice.least_characters or of_host[site] >= choice.of_host or rank in seen:
            continue
        of_host[site] += 1
        seen.add(rank)
        heapq.heappush(heap, (-rank, -number, row))
        if len(heap) > most:
            heapq.heappop(heap)
    return [row for _, _, row in sorted(heap, reverse=True, key=lambda item: item[:2])]
