"""The documents of a build that are nearest to a text: candidates by LSH, verified by shingles."""

from collections.abc import Container, Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from massivetext.dedup.signature import Shingles, jaccard, shingle_hashes, sign
from massivetext.errors import ConfigError
from massivetext.finished.build import BuiltPart, FinishedBuild
from massivetext.finished.taken_out import read_record, read_taken_out
from massivetext.shards.document_columns import read_rows
from massivetext.shards.parquet_files import open_parquet, read_table
from massivetext.similar.index import open_index, text_keys
from massivetext.storage.files import open_file

VERIFIED = 64  # candidates whose text is read, at least: those that their signatures put first
_SHOWN = ("id", "source", "url", "title", "text_bytes")


class Near(NamedTuple):
    """A document of a build that is near a text."""

    jaccard: float  # of their n-grams, exact
    id: str
    fate: str  # "kept", or the stage that dropped it
    about: dict[str, Any]  # source, url, title, text_bytes, file and row in ``documents/``


class _Candidate(NamedTuple):
    estimate: float  # of the Jaccard similarity, by signatures
    part: BuiltPart
    row: int


def shingles_of(build: FinishedBuild) -> Shingles:
    """Returns what a build's shingles are made of.

    Raises:
      ConfigError: its signatures are from another definition.
    """
    rules = build.manifest["recipe"]["duplicates"]
    if "punctuation" not in rules:
        raise ConfigError(f"{build.output}: its signatures are of an older version; build it again")
    return Shingles(rules["shingle_words"], rules["punctuation"])


LeftOut = Mapping[str, Container[int]]  # rows by the part's stem


def taken_rows(build: FinishedBuild) -> LeftOut:
    """Returns the rows that were taken out of a build: they have signatures, but no text."""
    stems = (read_record(build.output) or {}).get("parts", {})
    return {stem: read_taken_out(build.output, stem).rows for stem in stems}


def dropped_rows(build: FinishedBuild) -> dict[str, set[int]]:
    """Returns the rows of documents that stage 2 or 3 dropped, or that were taken out."""
    return {part.stem: set(_fates(build, part)) for part in build.parts}


def find_similar(
    build: FinishedBuild, text: str, count: int = 10, left_out: LeftOut | None = None
) -> list[Near]:
    """Returns the documents nearest to a text that share a shingle with it, nearest first.

    Args:
      build: from `open_build`, indexed by `make_index`.
      text: any text; one of fewer words than a shingle has is near to none but its equals.
      count: how many at most.
      left_out: rows that are not looked at, so that many of them hide no other; `taken_rows` where
        it is not given.
    """
    shingles = shingles_of(build)
    wanted = shingle_hashes(text, shingles)
    if not len(wanted):
        return []
    signature = np.frombuffer(sign(text, shingles).minhash, "<u4")
    left_out = taken_rows(build) if left_out is None else left_out
    candidates = sorted(
        _candidates(build, signature, left_out), key=lambda c: (-c.estimate, c.part.stem)
    )
    chosen = candidates[: max(VERIFIED, 2 * count)]
    found = list(_verified(build, chosen, wanted, shingles))
    return sorted(found, key=lambda near: (-near.jaccard, near.id))[:count]


def _candidates(
    build: FinishedBuild, signature: NDArray[np.uint32], left_out: LeftOut
) -> Iterator[_Candidate]:
    keys = text_keys(signature.tobytes())
    for part, index in open_index(build):
        out, rows = left_out.get(part.stem), index.rows_of(keys)
        if out is not None:
            rows = np.array([row for row in rows.tolist() if row not in out], np.uint32)
        if len(rows):
            with open_file(build.path("documents", f"{part.stem}.parquet")) as file:
                for row, values in read_rows(file, ["signature"], rows):
                    alike = np.frombuffer(values["signature"], "<u4") == signature
                    yield _Candidate(float(alike.mean()), part, row)


def _verified(
    build: FinishedBuild,
    chosen: list[_Candidate],
    wanted: NDArray[np.uint64],
    shingles: Shingles,
) -> Iterator[Near]:
    for part in dict.fromkeys(candidate.part for candidate in chosen):
        rows = np.array(sorted(c.row for c in chosen if c.part == part), np.uint32)
        name = f"{part.stem}.parquet"
        fates = _fates(build, part)
        with open_file(build.path("documents", name)) as file:
            there = open_parquet(file).schema_arrow.names
            columns = ["text", *(column for column in _SHOWN if column in there)]
            for row, values in read_rows(file, columns, rows):
                near = jaccard(shingle_hashes(values.pop("text") or "", shingles), wanted)
                if near > 0:
                    about = {**values, "file": name, "row": row}
                    yield Near(near, values["id"], fates.get(row, "kept"), about)


def _fates(build: FinishedBuild, part: BuiltPart) -> dict[int, str]:
    fates: dict[int, str] = {}
    for stage in ("overlap", "duplicates"):
        with open_file(build.path(stage, f"{part.stem}.parquet")) as file:
            fates |= dict.fromkeys(read_table(file, ["row"])["row"].to_pylist(), stage)
    return fates
