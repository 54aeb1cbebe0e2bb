"""An export: its shards in parallel, those that are missing alone, and the count at the end."""

import sys
import time
from collections import Counter
from functools import partial
from typing import Any, NamedTuple

from massivetext.config.recipe import digest
from massivetext.errors import StageError
from massivetext.exports.folder import finish_folder, start_folder
from massivetext.exports.plan import Shard, plan_shards
from massivetext.exports.write import ShardWork, write_shard
from massivetext.finished.build import FinishedBuild, check_sources
from massivetext.processes.pool import each_written
from massivetext.storage.files import list_names

_PLAIN_SECONDS = 10.0  # between lines of progress where they go to no terminal


class Export(NamedTuple):
    """What is asked for."""

    folder: str
    format: str = "jsonl"
    suffix: str = "jsonl.gz"
    split: str = "all"
    sources: tuple[str, ...] = ()  # none: all
    shards: int | None = None  # None: one a part
    workers: int = 1


def export_text(build: FinishedBuild, asked: Export) -> dict[str, int]:
    """Writes the surviving documents of a build; returns how many, by source.

    A rerun writes the shards that are missing. The bytes depend on the build, the split, the
    sources, the shards and the format alone, not on the number of workers.

    Raises:
      ConfigError: nothing is left to write, or the folder holds something else.
      StageError: the shards do not hold what the manifest counts.
    """
    sources = check_sources(build, asked.sources)
    parts = [part for part in build.parts if part.source in sources]
    shards = plan_shards(parts, asked.split, asked.suffix, asked.shards)
    counts = _check_counts(build, shards, sources, asked.split)
    record: dict[str, Any] = {"key": _key(build, asked, sources), "build": _build_key(build)}
    record |= {"split": asked.split, "documents": counts}
    there = start_folder(asked.folder, record, "another build")
    todo = [shard for shard in shards if shard.name not in there]
    work = ShardWork(build, asked.folder, asked.split, asked.format)
    _write_all(work, todo, len(shards), asked.workers)
    _check_files(asked.folder, shards)
    files = {shard.name: shard.documents for shard in shards}
    finish_folder(asked.folder, record | {"files": files})
    return counts


def _check_counts(
    build: FinishedBuild, shards: list[Shard], sources: tuple[str, ...], split: str
) -> dict[str, int]:
    """Returns the documents of the shards by source, which are those of the manifest."""
    found: Counter[str] = Counter()
    for piece in (piece for shard in shards for piece in shard.pieces):
        found[piece.source] += piece.last - piece.first
    wanted = {source: _count(build, source, split) for source in sources}
    for source, count in wanted.items():
        if found[source] != count:
            raise StageError(
                f"{source}: files of the build list {found[source]:,} documents, its manifest"
                f" {count:,}; run massivetext build again"
            )
    return wanted


def _count(build: FinishedBuild, source: str, split: str) -> int:
    """Returns the documents of a source that the manifest counts."""
    facts = build.facts("overlap")[source]
    train, held = facts["train_documents"], facts["validation_documents"]
    if split == "validation":
        return int(build.facts("tokens").get(source, facts)["validation_documents"])
    return int(train if split == "train" else train + held)


def _key(build: FinishedBuild, asked: Export, sources: tuple[str, ...]) -> str:
    """Returns a digest of all that decides the bytes."""
    own = {"format": asked.format, "suffix": asked.suffix, "split": asked.split}
    own |= {"sources": ",".join(sources), "shards": str(asked.shards)}
    if asked.split == "validation":
        own["left_out"] = str(build.manifest["stages"]["tokens"]["key"])
    return digest(own | {"build": _build_key(build)})


def _build_key(build: FinishedBuild) -> str:
    return str(build.manifest["stages"]["overlap"]["key"])


def _check_files(folder: str, shards: list[Shard]) -> None:
    there = set(list_names(folder))
    missing = [shard.name for shard in shards if shard.name not in there]
    if missing:
        raise StageError(f"{folder}: {len(missing)} shards are missing; run the command again")


def _write_all(work: ShardWork, todo: list[Shard], total: int, workers: int) -> None:
    shards, documents, told = total - len(todo), 0, time.monotonic()
    for written in each_written(partial(write_shard, work), todo, min(workers, len(todo))):
        shards, documents = shards + 1, documents + written
        last = shards == total
        if sys.stderr.isatty() or last or time.monotonic() - told > _PLAIN_SECONDS:
            told = time.monotonic()
            line = f"export-text  {shards:,}/{total:,} shards  {documents:,} documents"
            end = "\n" if last or not sys.stderr.isatty() else ""
            sys.stderr.write(("\r" if sys.stderr.isatty() else "") + line + end)
