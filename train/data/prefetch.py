"""Reads batches ahead in a thread; each comes with the data position after it.

So a checkpoint never skips what waits in the queue.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import NamedTuple

import jax
import numpy as np
from jax.sharding import NamedSharding
from numpy.typing import NDArray

from massivetext.train.data.batches import Batches, Indices, Position

DEPTH = 4  # batches read ahead


class Item(NamedTuple):
    """One batch on the host."""

    tokens: NDArray[np.int32]  # (batch, context + 1); rows of other hosts are zero
    position: Position  # after this batch


def prefetch(batches: Batches, requests: Iterable[tuple[int, Indices]]) -> Iterator[Item]:
    """Yields one batch for each (size, wanted rows); what fails in the thread is raised here."""

    def draw(size: int, wanted: Indices) -> Item:
        return Item(batches.draw(size, wanted), batches.position)

    pending: deque[Future[Item]] = deque()
    pool = ThreadPoolExecutor(1, "prefetch")
    try:
        for size, wanted in requests:
            pending.append(pool.submit(draw, size, wanted))
            if len(pending) > DEPTH:
                yield pending.popleft().result()
        while pending:
            yield pending.popleft().result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def rows_of_host(sharding: NamedSharding, size: int) -> Indices:
    """Returns the rows of a batch that this host's devices need."""
    rows = np.zeros(size, bool)
    for index in sharding.addressable_devices_indices_map((size, 1)).values():
        if index is not None:
            rows[index[0]] = True
    return np.flatnonzero(rows)


def to_devices(tokens: NDArray[np.int32], sharding: NamedSharding) -> jax.Array:
    """Returns the batch as one array over all hosts; each gives the rows it has read."""
    return jax.make_array_from_callback(tokens.shape, sharding, lambda index: tokens[index])
