"""Local processes for work on parts or shards: each process runs a pipeline of its own.

Beam's own local processes are started anew for every pipeline and import Beam each time, and all
that they read and count passes through their parent. These come from one server that imports once,
beside the parent's own start, and share its memory.

Processes that work on the same items take one after another, whoever is free the next: what an item
costs is not known before, and items that were dealt out ahead left one process waiting.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from functools import partial
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any, NamedTuple

from massivetext.errors import StageError
from massivetext.pipelines.engine.fork_server import CONTEXT, start_server
from massivetext.pipelines.engine.runner import Execution, run
from massivetext.pipelines.engine.worker import Turns, shared_turns, take_turn, work
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
        run_jobs(stage, [partial(_add_taken, add, items)] * workers, execution, len(items))
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
        while (place := take_turn()) is not None:
            yield self._items[place]


class _Worker(NamedTuple):
    process: BaseProcess
    answer: Connection  # None when its job is done, or the error that ended it


def run_jobs(stage: Stage, jobs: Sequence[Job], execution: Execution, turns: int = 0) -> None:
    """Runs a pipeline for each job: one in this process, several at once in as many others.

    Args:
      stage: that the jobs belong to.
      jobs: each adds its work to a pipeline.
      execution: how pipelines run.
      turns: how many items the jobs take by `take_turn`.

    Raises:
      StageError: a process died, or its work failed for a reason that a user can fix.
    """
    if len(jobs) == 1:
        run(stage, jobs[0], execution)
        return
    start_server()  # before anything else here starts Python's own helpers
    with ExitStack() as ends:
        shared = ends.enter_context(shared_turns(turns))
        try:
            workers = [_start(partial(run, stage, job, execution), shared, ends) for job in jobs]
        except (EOFError, ConnectionError) as ended:  # the server that starts them
            raise _died(stage) from ended
        _wait_for(stage, workers)


def _start(job: Callable[[], None], turns: Turns, ends: ExitStack) -> _Worker:
    """Returns a worker at its job, which ends with the block that `ends` stands for."""
    answer, ours = CONTEXT.Pipe(duplex=False)
    process = CONTEXT.Process(target=work, args=(job, ours, turns, held_lock()))
    ends.enter_context(answer)
    with ours:  # the worker has the only other end, so the pipe ends with it
        process.start()
    ends.callback(process.join)
    ends.callback(process.terminate)  # before it is waited for; one that is done has ended
    return _Worker(process, answer)


def _wait_for(stage: Stage, workers: Sequence[_Worker]) -> None:
    pending = {worker.answer: worker.process for worker in workers}
    while pending:
        ready = wait(pending, timeout=0.1)
        check_interrupt()
        for answer in ready:
            assert isinstance(answer, Connection)
            _raise_error(stage, answer)
            pending.pop(answer).join()


def _raise_error(stage: Stage, answer: Connection) -> None:
    try:
        error = answer.recv()
    except (EOFError, ConnectionError) as ended:
        raise _died(stage) from ended
    if error is not None:
        raise error


def _died(stage: Stage) -> StageError:
    return StageError(
        f"{stage.name}: a worker process died, often for want of memory; run the same command"
        " again, perhaps with fewer --workers: finished parts are kept"
    )


def deal_in_turn(items: Sequence[Any], processes: int) -> list[list[Any]]:
    """Returns a share of items of about the same work for each process.

    >>> deal_in_turn([1, 2, 3], 2), deal_in_turn([1], 2)
    ([[1, 3], [2]], [[1]])
    """
    return [list(items[place::processes]) for place in range(min(processes, len(items)))]
