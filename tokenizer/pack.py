"""Packs crops into sequences of equal length without padding (Rae et al. 2021, A.1.1)."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

BLOCK_SEQUENCES = 64  # that `pack_on` gives at a time, about


class Packed(NamedTuple):
    """The sequences of some crops: of a group, or as many as `pack_on` gives at a time."""

    sequences: NDArray[np.uint16]  # (sequences, length + 1)
    tokens: int  # of the crops that are done with: length x sequences + tail
    tail: int  # tokens left over


def pack(crops: Iterable[NDArray[np.uint16]], length: int, group: int) -> Iterator[Packed]:
    """Yields the sequences of each `group` crops, which are joined in the order they come in.

    A sequence has `length` + 1 tokens and the next one begins with its last: each token but a
    group's first is a target once. What is left at a group's end is dropped and counted.

    >>> [packed] = pack([np.arange(5, dtype=np.uint16), np.arange(4, dtype=np.uint16)], 3, 10)
    >>> packed.sequences.tolist(), packed.tail
    ([[0, 1, 2, 3], [3, 4, 0, 1]], 3)
    """
    for members in _groups(crops, group):
        yield _pack_group(np.concatenate(members), length)


def pack_on(crops: Iterable[NDArray[np.uint16]], length: int) -> Iterator[Packed]:
    """Yields the sequences of all crops joined in the order they come in, some at a time.

    What one block leaves over goes on to the next, so that each token but the first is a target
    once, and less than one sequence of `length` + 1 tokens is left at the very end.

    >>> blocks = list(pack_on([np.arange(5, dtype=np.uint16), np.arange(4, dtype=np.uint16)], 3))
    >>> [block.sequences.tolist() for block in blocks], sum(block.tail for block in blocks)
    ([[[0, 1, 2, 3], [3, 4, 0, 1]]], 3)
    """
    waiting: list[NDArray[np.uint16]] = []
    size = 0
    for crop in crops:
        waiting.append(crop)
        size += len(crop)
        if size > BLOCK_SEQUENCES * length:
            joined = np.concatenate(waiting)
            found = _pack_group(joined, length)
            yield found._replace(tokens=found.tokens - found.tail, tail=0)
            waiting, size = [joined[len(joined) - found.tail :]], found.tail
    if size:
        yield _pack_group(np.concatenate(waiting), length)


def _groups(crops: Iterable[NDArray[np.uint16]], group: int) -> Iterator[list[NDArray[np.uint16]]]:
    members: list[NDArray[np.uint16]] = []
    for crop in crops:
        members.append(crop)
        if len(members) == group:
            yield members
            members = []
    if members:
        yield members


def _pack_group(tokens: NDArray[np.uint16], length: int) -> Packed:
    count = max(0, len(tokens) - 1) // length
    if count == 0:
        empty = np.empty((0, length + 1), np.uint16)
        return Packed(empty, len(tokens), len(tokens))
    windows = np.lib.stride_tricks.sliding_window_view(tokens, length + 1)
    sequences = np.ascontiguousarray(windows[: count * length : length])
    return Packed(sequences, len(tokens), len(tokens) - count * length)
