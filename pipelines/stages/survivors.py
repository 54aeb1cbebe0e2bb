"""The documents of a part that no stage has dropped, without reading text that nobody wants."""

from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from massivetext.config.recipe import Recipe, short_digest
from massivetext.corpus.parts import Part
from massivetext.finished.taken_out import REASON, read_taken_out
from massivetext.hashing import hash64
from massivetext.mixture.quotas import is_validation, split_unit, threshold64
from massivetext.pipelines.changes.contents import done_parts
from massivetext.pipelines.folder.interrupts import check_interrupt
from massivetext.pipelines.folder.stage import Stage, stage_facts
from massivetext.pipelines.folder.sums import open_part_file
from massivetext.shards.document_files import read_columns
from massivetext.shards.parquet_files import open_parquet, read_column
from massivetext.storage.paths import join
from massivetext.tokenizer.crop import mean_crop_bytes, piece_count

DROP_STAGES = ("duplicates", "overlap")
ROWS = "rows_digest"  # of a summary, for the stages that come after
COUNTED = ("documents", "bytes", "crop_bytes", "crop_squares", "pieces", "piece_squares")


def mixed_sources(recipe: Recipe) -> dict[str, float]:
    """Returns the weights of the sources that are in the mixture at all."""
    return {source: weight for source, weight in recipe.mixture.items() if weight > 0}


def dropped_rows(output: str, stem: str, stages: tuple[str, ...] = DROP_STAGES) -> set[int]:
    """Returns the rows of a part's documents that the named stages dropped, or were taken out."""
    rows: set[int] = set()
    for stage in stages:
        with open_part_file(join(output, stage, f"{stem}.parquet")) as file:
            rows.update(read_column(file, "row"))
    return rows | read_taken_out(output, stem).rows if stages == DROP_STAGES else rows


def planned_survivors(stage: Stage) -> dict[str, dict[str, Any]]:
    """Returns what the stages after stage 3, which is given, plan with, by source.

    Documents that were taken out later count still, so that nothing is planned anew for them.
    """
    found: dict[str, dict[str, Any]] = stage_facts(stage)["sources"]
    return {
        source: facts | {n: facts[n] + count for n, count in facts.get(REASON, {}).items()}
        for source, facts in found.items()
    }


def left_out_rows(output: str, stem: str) -> set[int]:
    """Returns the rows of a part's documents that are held out, and left out of both splits."""
    with open_part_file(join(output, "tokens", f"left-out-{stem}.parquet")) as file:
        return set(read_column(file, "row"))


def digest_of_rows(rows: Iterable[int]) -> str:
    """Returns a digest of which rows of a part are dropped: what the stages after it go by.

    >>> digest_of_rows([7, 2]) == digest_of_rows([2, 7]) != digest_of_rows([2])
    True
    """
    return short_digest(sorted(rows))


def survivor_origins(
    stages: Mapping[str, Stage], parts: Iterable[Part], sources: Container[str]
) -> dict[tuple[str, str], dict[str, str]]:
    """Returns what the surviving documents of each part, by stem and source, are made from."""
    documents = done_parts(stages["documents"])
    dropped = {stage: done_parts(stages[stage]) for stage in DROP_STAGES}
    return {
        (part.stem, part.source): {
            "documents": documents[part.stem].sums[f"{part.stem}.parquet"],
            **{stage: done[part.stem].facts[ROWS] for stage, done in dropped.items()},
        }
        for part in parts
        if part.source in sources
    }


class SplitRules(NamedTuple):
    """What decides between train and validation, and how much of a document a crop takes."""

    seed: int
    validation_fraction: float
    crop_bytes: int


def count_survivors(output: str, stem: str, dropped: set[int], split: SplitRules) -> dict[str, int]:
    """Returns documents, bytes, mean crops and pieces of a part's survivors, by split."""
    return count_all(_survivors(output, stem, dropped, split), split)


def _survivors(
    output: str, stem: str, dropped: set[int], split: SplitRules
) -> Iterator[tuple[bool, int]]:
    """Yields whether each survivor is of validation, and its bytes."""
    with open_part_file(join(output, "documents", f"{stem}.parquet")) as file:
        for first, columns in read_columns(file, ["id", "repository", "text_bytes"]):
            check_interrupt()
            rows = zip(columns["id"], columns["repository"], columns["text_bytes"], strict=True)
            for number, (name, repository, size) in enumerate(rows, first):
                if number not in dropped:
                    held = is_validation(
                        split.seed, split_unit(name, repository), split.validation_fraction
                    )
                    yield held, size


def count_all(documents: Iterable[tuple[bool, int]], split: SplitRules) -> dict[str, int]:
    """Returns `count_survivors` of documents: whether each is of validation, and its bytes."""
    counts = {f"{s}_{n}": 0 for s in ("train", "validation") for n in COUNTED}
    for held, size in documents:
        _count(counts, "validation" if held else "train", size, split.crop_bytes)
    return counts


def _count(counts: dict[str, int], side: str, size: int, crop_bytes: int) -> None:
    crop, pieces = mean_crop_bytes(size, crop_bytes), piece_count(size, crop_bytes)
    counted = (1, size, crop, crop * crop, pieces, size * size // pieces)
    for name, value in zip(COUNTED, counted, strict=True):
        counts[f"{side}_{name}"] += value


Wanted = Callable[[dict[str, Any]], bool]


def read_wanted(
    output: str, stem: str, light: list[str], wanted: Wanted, dropped: set[int]
) -> Iterator[dict[str, Any]]:
    """Yields rows, with their text and number, of the surviving documents that `wanted` takes.

    Args:
      output: the build's folder.
      stem: the part.
      light: columns that `wanted` looks at; they are read of every document, text only of some.
      wanted: takes a document by its light columns.
      dropped: rows that are out.
    """
    with open_part_file(join(output, "documents", f"{stem}.parquet")) as file:
        parquet = open_parquet(file)
        first = 0
        for group in range(parquet.num_row_groups):
            rows = parquet.read_row_group(group, light, use_threads=False).to_pylist()
            take = [i for i, r in enumerate(rows) if first + i not in dropped and wanted(r)]
            yield from _with_text(parquet, group, rows, take, first)
            first += len(rows)


def _with_text(
    parquet: pq.ParquetFile, group: int, rows: list[dict[str, Any]], take: list[int], first: int
) -> Iterator[dict[str, Any]]:
    if not take:
        return
    column = parquet.read_row_group(group, ["text"], use_threads=False)["text"]
    if len(take) < len(rows):
        column = column.take(pa.array(take))
    for i, text in zip(take, column, strict=True):
        check_interrupt()
        yield rows[i] | {"row": first + i, "text": text.as_py()}


def in_validation(row: dict[str, Any], seed: int, share: float) -> bool:
    """Returns whether a document belongs to the validation split."""
    return is_validation(seed, split_unit(row["id"], row["repository"]), share)


def sampled(row: dict[str, Any], seed: int, purpose: str, share: float) -> bool:
    """Returns whether a document is in the sample of a purpose that holds a `share` of all."""
    return hash64(seed, purpose, row["id"]) < threshold64(share)
