"""The documents of a part that went on to the tokens: as stored, or derived from the raw inputs."""

import dataclasses
from collections.abc import Iterator
from typing import Any, NamedTuple

from massivetext.corpus.parts import Part
from massivetext.document import Broken
from massivetext.filters.judge import Models
from massivetext.pipelines.engine.build_plan import Build
from massivetext.pipelines.folder.sums import open_part_file
from massivetext.pipelines.stages.documents.sources import source_works
from massivetext.pipelines.stages.documents.write import judged, read_part
from massivetext.pipelines.stages.survivors import (
    dropped_rows,
    in_validation,
    left_out_rows,
    read_wanted,
)
from massivetext.shards.parquet_files import open_parquet
from massivetext.storage.files import exists
from massivetext.storage.paths import join

_SHOWN = ("source", "file", "position", "source_id", "url", "title", "timestamp")


class Survivor(NamedTuple):
    """A document that no stage has dropped, and that is in one of the splits."""

    row: int  # of the part's kept documents
    id: str
    text: str
    validation: bool
    about: dict[str, Any]  # what is known of where it comes from


def stored_documents(build: Build, part: Part, left_out: bool = False) -> Iterator[Survivor]:
    """Yields the surviving documents of a part from ``documents/``, in order.

    Args:
      build: a finished build.
      part: of it.
      left_out: whether to give those too that are held out and left out of both splits.
    """
    path = join(build.output, "documents", f"{part.stem}.parquet")
    with open_part_file(path) as file:
        columns = open_parquet(file).schema_arrow.names
    shown = [name for name in _SHOWN if name in columns]
    light = ["id", "repository", *shown]
    dropped = dropped_rows(build.output, part.stem) if left_out else _gone(build, part)
    for row in read_wanted(build.output, part.stem, light, lambda _: True, dropped):
        about = {name: row[name] for name in shown}
        yield Survivor(row["row"], row["id"], row["text"], _held(build, row), about)


def derived_documents(build: Build, part: Part, models: Models) -> Iterator[Survivor]:
    """Yields the surviving documents of a part, read from the raw inputs and judged anew.

    Only the lists of the stages that compare documents are taken from the build.
    """
    dropped = _gone(build, part)
    row = -1
    source = source_works(build.recipe)[part.source]
    for record in read_part(_whatever_version(part), source):
        verdict = judged(record, source.filters, models)
        if isinstance(verdict, Broken) or verdict.reasons:
            continue
        row += 1
        document = verdict.document
        if row not in dropped:
            unit = {"id": document.id, "repository": document.signals.repository}
            about = {name: getattr(document, name) for name in ("source", "url", "title")}
            yield Survivor(row, document.id, document.text, _held(build, unit), about)


def _gone(build: Build, part: Part) -> set[int]:
    """Returns the rows of documents that are dropped, or held out and left out of both splits."""
    return dropped_rows(build.output, part.stem) | left_out_rows(build.output, part.stem)


def _held(build: Build, row: dict[str, Any]) -> bool:
    return in_validation(row, build.recipe.seed, build.recipe.sequences.validation)


def _whatever_version(part: Part) -> Part:
    """Returns the part without the versions of its inputs: a copy has another time."""
    slices = tuple(dataclasses.replace(piece, version="") for piece in part.slices)
    return dataclasses.replace(part, slices=slices)


def missing_inputs(part: Part) -> list[str]:
    """Returns the raw inputs of a part that are not there any more."""
    return [path for path in dict.fromkeys(s.path for s in part.slices) if not exists(path)]
