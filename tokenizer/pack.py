"""Packs crops into sequences of equal length without padding (Rae et al. 2021, A.1.1)."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

T = TypeVar("T")
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


class Member(NamedTuple):
    """The tokens of a crop, or how many it had that is gone."""

    tokens: NDArray[np.uint16]
    gone: int = 0


class Repacked(NamedTuple):
    """The sequences of a group some of whose crops are gone, and holes where it had more."""

    packed: Packed
    holes: int  # sequences at its end that there were before


def repack_groups(members: Iterable[Member], length: int, group: int) -> Iterator[Repacked]:
    """Yields the groups of `pack`, made of the same crops, without those that are gone."""
    for found in _groups(members, group):
        yield repack(found, length)


def repack(members: list[Member], length: int) -> Repacked:
    """Returns the sequences of a group without the crops that are gone.

    >>> crops = [Member(np.arange(5, dtype=np.uint16)), Member(np.empty(0, np.uint16), 6)]
    >>> found = repack(crops, 3)
    >>> found.packed.sequences.tolist(), found.packed.tail, found.holes
    ([[0, 1, 2, 3]], 2, 2)
    """
    before = max(0, sum(len(crop.tokens) + crop.gone for crop in members) - 1) // length
    left = _pack_group(np.concatenate([crop.tokens for crop in members]), length)
    return Repacked(left, before - len(left.sequences))


def pack_on(crops: Iterable[NDArray[np.uint16]], length: int) -> Iterator[Packed]:
    """Yields the sequences of all crops joined in the order they come in, some at a time.

    What one block leaves over continues to the next, so that each token but the first is a target
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


def _groups(crops: Iterable[T], group: int) -> Iterator[list[T]]:
    members: list[T] = []
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
