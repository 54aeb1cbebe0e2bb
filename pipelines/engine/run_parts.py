"""Running a stage that works part by part: documents, overlap and tokens have this shape."""

import dataclasses
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from massivetext.corpus.origins import Origins
from massivetext.corpus.parts import Part
from massivetext.pipelines.engine.processes import Add, run_spread
from massivetext.pipelines.engine.progress import progress
from massivetext.pipelines.engine.reading import shares_read
from massivetext.pipelines.engine.runner import Execution
from massivetext.pipelines.folder.stage import Stage, finish, finished_parts, start

# Work of a byte of input in documents, in that of a web archive's byte: a dump is packed as bzip2.
WORK = {"wiki-xml": 4}


def largest_first(parts: Sequence[Part]) -> list[Part]:
    """Returns the parts in the order in which they are best taken: the last ones are short."""
    return sorted(parts, key=lambda part: (-work_of(part), part.number))


def work_of(part: Part) -> int:
    """Returns how much work a part is, in bytes of a web archive."""
    return part.bytes * WORK.get(part.format, 1)


def run_parts(
    stage: Stage,
    parts: Sequence[Part],
    add: Add,
    execution: Execution,
    ready: Callable[[], object] | None = None,
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Runs the parts of a stage that are not done yet.

    Args:
      stage: the stage; its folder is readied first.
      parts: all parts of the stage, with what they are made from.
      add: adds the work on a PCollection of parts; no closure, it goes to other processes.
      execution: where it runs.
      ready: makes, in the stage's folder, what all parts need.

    Returns:
      The summaries of all parts that are done, in order, and facts about this run.
    """
    began = time.monotonic()
    stems = [part.stem for part in parts]
    made_from = {part.stem: part.made_from for part in parts}
    done = start(stage, stems, made_from)
    todo = [part for part in parts if part.stem not in done]
    if ready is not None:
        ready()  # though nothing may be to do: its files belong to the stage
    if todo:
        within = partial(shares_read, todo) if execution.is_local else None
        with progress(stage, {part.stem: work_of(part) for part in parts}, within=within):
            run_spread(stage.asking(made_from), add, largest_first(todo), execution)
    summaries = finished_parts(stage, stems)
    facts = {"redone_parts": len(todo)} | seconds_since(began)
    return [summaries[stem] for stem in stems if stem in summaries], facts


def seconds_since(began: float) -> dict[str, float]:
    """Returns, for a manifest, how long a stage took that began at a monotonic time."""
    return {"seconds": round(time.monotonic() - began, 3)}


def with_made_from(parts: Sequence[Part], origins: Origins) -> list[Part]:
    """Returns the parts, each with what it is made from."""
    known = origins.parts or {}
    return [dataclasses.replace(part, made_from=known.get(part.stem, {})) for part in parts]


def summary_of(stage: Stage, part: Part) -> dict[str, Any]:
    """Returns how the summary of a part begins."""
    begun = {"key": stage.key, "part": part.stem, "source": part.source}
    return begun | ({"made_from": dict(part.made_from)} if part.made_from else {})


def finish_parts(
    stage: Stage, parts: Sequence[Part], summaries: list[dict[str, Any]], facts: dict[str, Any]
) -> dict[str, Any]:
    """Writes and returns the manifest of a stage that worked part by part.

    Raises:
      StageError: a part left no summary.
    """
    by_stem = {summary["part"]: summary for summary in summaries}
    return finish(stage, by_stem, [part.stem for part in parts], facts)
