"""Local processes for work on parts or shards: each process runs a pipeline of its own.

Beam's own local processes are started anew for every pipeline and import Beam each time, and all
that they read and count passes through their parent. These come from one server that imports once,
beside the parent's own start, and share its memory.

Processes that work on the same items take one after another, whoever is free the next: what an item
costs is not known before, and items that were dealt out ahead left one process waiting.
"""

import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from typing import Any

from massivetext.errors import StageError
from massivetext.pipelines.engine.fork_server import CONTEXT, start_server
from massivetext.pipelines.engine.runner import Execution, run
from massivetext.pipelines.engine.worker import begin, take_turn
from massivetext.pipelines.flow import flow
from massivetext.pipelines.folder.interrupts import check_interrupt
from massivetext.pipelines.folder.lock import held_lock
from massivetext.pipelines.folder.stage import Stage

# Both are sent to processes, so neither is a closure.
Job = Callable[[flow.Flow], None]  # adds work to a pipeline
Add = Callable[[flow.Elements], None]  # adds the work on items, of whatever kind


def run_spread(stage: Stage, add: Add, items: Sequence[Any], execution: Execution) -> None:
    """Runs a stage's work on items, each of which is done alone.

    Several local processes take them in the order given; otherwise one pipeline spreads them.
    """
    workers = min(execution.processes, len(items))
    if workers > 1:
        run_jobs(stage, [partial(_add_taken, add, items)] * workers, execution)
    else:
        run(stage, partial(_add_spread, add, items), execution)


def _add_spread(add: Add, items: Sequence[Any], pipeline: flow.Flow) -> None:
    add(pipeline | "parts" >> flow.Create(values=items) | "spread parts" >> flow.Spread())


def _add_taken(add: Add, items: Sequence[Any], pipeline: flow.Flow) -> None:
    add(pipeline | "next parts" >> flow.Create(values=_Turns(items)))


class _Turns:
    """Those of the items whose turn comes when this process asks for one, one after another."""

    def __init__(self, items: Sequence[Any]) -> None:
        self._items = items

    def __iter__(self) -> Iterator[Any]:
        while (place := take_turn()) < len(self._items):
            yield self._items[place]


def run_jobs(stage: Stage, jobs: Sequence[Job], execution: Execution) -> None:
    """Runs a pipeline for each job: one in this process, several at once in as many others.

    Raises:
      StageError: a process died, or its work failed for a reason that a user can fix.
    """
    if len(jobs) == 1:
        run(stage, jobs[0], execution)
        return
    start_server()  # before anything else here starts Python's own helpers
    given = (CONTEXT.Value("q", 0), held_lock())
    with ProcessPoolExecutor(len(jobs), CONTEXT, initializer=begin, initargs=given) as pool:
        finished = False
        try:
            _wait_for([pool.submit(run, stage, job, execution) for job in jobs])
            finished = True
        except BrokenProcessPool as error:
            raise StageError(
                f"{stage.name}: a worker process died, often for want of memory; run the same"
                " command again, perhaps with fewer --workers: finished parts are kept"
            ) from error
        finally:
            if not finished:
                pool.shutdown(wait=False, cancel_futures=True)
                for child in multiprocessing.active_children():
                    child.terminate()


def _wait_for(running: list["Future[None]"]) -> None:
    pending = set(running)
    while pending:
        done, pending = wait(pending, timeout=0.1, return_when=FIRST_COMPLETED)
        check_interrupt()
        for future in done:
            future.result()


def deal_in_turn(items: Sequence[Any], processes: int) -> list[list[Any]]:
    """Returns a share of items of about the same work for each process.

    >>> deal_in_turn([1, 2, 3], 2), deal_in_turn([1], 2)
    ([[1, 3], [2]], [[1]])
    """
    return [list(items[place::processes]) for place in range(min(processes, len(items)))]
