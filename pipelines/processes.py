"""Local processes for work on parts or shards: each process runs a pipeline over its share.

Beam's own local processes are started anew for every pipeline and import Beam each time, and all
that they read and count passes through their parent. These come from one server that imports once,
beside the parent's own start, and share its memory.
"""

import ctypes
import multiprocessing
import signal
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from typing import Any

from massivetext.errors import StageError
from massivetext.parts import Part
from pipelines.fork_server import CONTEXT
from pipelines.runner import Execution, run
from pipelines.stage import Stage

Add = Callable[..., None]  # of a pipeline and items; it is sent to processes, so no closure
Deal = Callable[[Sequence[Any], int], list[list[Any]]]  # items into shares for so many workers

_PR_SET_PDEATHSIG = 1


def run_spread(
    stage: Stage, add: Add, items: Sequence[Any], execution: Execution, deal: Deal
) -> None:
    """Runs a stage's work on items, each of which is done alone: parts or shards.

    Local work with several workers is dealt to as many processes; else it is one pipeline.
    """
    if execution.is_local and execution.workers > 1:
        run_shares(stage, add, deal(items, execution.workers), execution)
    else:
        run(stage, partial(add_share, add, items), execution)


def run_shares(
    stage: Stage, add: Add, shares: Sequence[Sequence[Any]], execution: Execution
) -> None:
    """Runs a pipeline over each share, in as many processes as the execution has workers.

    Raises:
      StageError: a process died, or its work failed for a reason that a user can mend.
    """
    workers = min(execution.workers, len(shares))
    with ProcessPoolExecutor(workers, CONTEXT, initializer=_follow_parent) as pool:
        finished = False
        try:
            done = as_completed([pool.submit(_run, stage, add, s, execution) for s in shares])
            for future in done:
                future.result()
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


def _run(stage: Stage, add: Add, items: Sequence[Any], execution: Execution) -> None:
    run(stage, partial(add_share, add, items), execution)


def add_share(add: Add, items: Sequence[Any], pipeline: object) -> None:
    """Adds the work on a share of items to a pipeline."""
    add(pipeline, items)


def _follow_parent() -> None:
    """Leaves Ctrl-C to the parent, and dies when it does, so that no orphan goes on writing."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def share_out(parts: Sequence[Part], workers: int) -> list[list[Part]]:
    """Returns shares of parts: one of about half the work of each worker, then two of a quarter.

    The small ones come last and go to whoever is first done, so that workers end at about the same
    time; many more would cost a pipeline each. Every share has about equal bytes of every kind.
    """
    quarters = _even_shares(parts, 4 * workers)
    quarters.sort(key=lambda share: -sum(part.bytes for part in share))
    halves = [first + second for first, second in zip(quarters, quarters[workers:], strict=False)]
    return quarters if len(quarters) < 4 * workers else halves[:workers] + quarters[2 * workers :]


def _even_shares(parts: Sequence[Part], count: int) -> list[list[Part]]:
    """Returns at most `count` shares; the largest parts of each source and format go first."""
    shares: list[list[Part]] = [[] for _ in range(min(count, len(parts)))]
    ordered = sorted(parts, key=lambda p: (p.source, p.format, -p.bytes, p.number))
    for place, part in enumerate(ordered):
        turn, offset = divmod(place, len(shares))
        shares[-1 - offset if turn % 2 else offset].append(part)
    return shares


def deal_in_turn(items: Sequence[Any], workers: int) -> list[list[Any]]:
    """Returns a share of items of about the same work for each worker.

    >>> deal_in_turn([1, 2, 3], 2), deal_in_turn([1], 2)
    ([[1, 3], [2]], [[1]])
    """
    return [list(items[place::workers]) for place in range(min(workers, len(items)))]
