"""Running a stage that works part by part: documents, overlap and tokens have this shape."""

import time
from collections.abc import Callable, Sequence
from typing import Any

from massivetext.parts import Part
from pipelines.processes import Add, run_spread, share_out
from pipelines.progress import progress
from pipelines.runner import Execution
from pipelines.stage import Stage, finished_parts, start


def run_parts(
    stage: Stage,
    parts: Sequence[Part],
    add: Add,
    execution: Execution,
    redo: Sequence[str] = (),
    ready: Callable[[], object] | None = None,
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Runs the parts of a stage that are not done yet.

    Args:
      stage: the stage; its folder is readied first.
      parts: all parts of the stage.
      add: adds the work on some parts to a pipeline; no closure, it goes to other processes.
      execution: where it runs.
      redo: stems of parts whose finished output no longer fits the plan.
      ready: makes, in the stage's folder, what all parts need.

    Returns:
      The summaries of all parts that are done, in order, and facts about this run.
    """
    began = time.monotonic()
    stems = [part.stem for part in parts]
    done = start(stage, [stem for stem in stems if stem not in redo])
    todo = [part for part in parts if part.stem not in done]
    if todo and ready is not None:
        ready()
    if todo:
        with progress(stage, len(parts)):
            run_spread(stage, add, todo, execution, share_out)
    summaries = finished_parts(stage, stems)
    facts = {"redone_parts": len(todo), "seconds": round(time.monotonic() - began, 3)}
    return [summaries[stem] for stem in stems if stem in summaries], facts
