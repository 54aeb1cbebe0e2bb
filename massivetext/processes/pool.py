"""Processes that write the shards of an export."""

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from typing import TypeVar

from massivetext.processes.lifetime import end_with_the_parent

T = TypeVar("T")


def each_written(write: Callable[[T], int], todo: Sequence[T], workers: int) -> Iterator[int]:
    """Yields what `write` returns of each shard, as they are done; it goes to other processes."""
    if workers <= 1:
        yield from map(write, todo)
        return
    # Spawned, not forked: clients of object stores and Arrow have threads.
    context = get_context("spawn")
    with ProcessPoolExecutor(workers, context, end_with_the_parent) as pool:
        try:
            jobs = [pool.submit(write, shard) for shard in todo]
            for job in as_completed(jobs):
                yield job.result()
        except BaseException:
            pool.shutdown(wait=True, cancel_futures=True)  # those at work end whole
            raise


def all_cores() -> int:
    """Returns how many processors this process may use."""
    return len(os.sched_getaffinity(0))
