"""Stage 6, sequences: each part's draws dealt to shards, each shard written as TFRecords.

What crosses the shuffle is one block per (part, shard). Where token files are local it holds only
pointers, and the shard reads its sequences by offset; on an object store small reads are slow, and
the block carries the sequences themselves. Both write the same bytes.
"""

import bisect
import itertools
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from massivetext.dedup.packed_records import gather, pack
from massivetext.mixture.draw import draw
from massivetext.pipelines.flow import flow
from massivetext.pipelines.folder.interrupts import check_interrupt
from massivetext.pipelines.folder.stage import Stage
from massivetext.pipelines.folder.sums import Written
from massivetext.pipelines.stages.sequences.stream import TokenStream
from massivetext.pipelines.stages.shuffle import Block, Group
from massivetext.shards.tfds_metadata import shard_name
from massivetext.shards.tfrecord import write_records
from massivetext.storage.paths import is_local

NOWHERE = -1  # instead of a shard
AT_ONCE = 16_384  # sequences that a worker holds: 67 MB of the paper's length


class Share(NamedTuple):
    """What one part gives to one split, or all parts of a source as one stream of tokens."""

    number: int  # of the part, or of the first
    source: int  # index in the metadata's list of sources
    stream: TokenStream
    available: int
    quota: int
    first: int = 0  # sequences of the split that shares before this one gave
    holes: tuple[int, ...] = ()  # rows of the token file whose sequences were taken out


class Split(NamedTuple):
    """A split of the data set: its shards, and where its sequences come from."""

    name: str
    shards: int
    shares: tuple[Share, ...]


class SequencesWork(NamedTuple):
    """What workers need to write the shards."""

    stage: Stage
    seed: int
    length: int
    dataset: str  # first word of the shards' names


def in_turn(shares: Iterable[Share]) -> tuple[Share, ...]:
    """Returns the shares of a split, each knowing how many sequences those before it gave."""
    dealt, first = [], 0
    for share in shares:
        dealt.append(share._replace(first=first))
        first += share.quota
    return tuple(dealt)


def first_shards(splits: Sequence[Split]) -> list[int]:
    """Returns the number of each split's first shard, where all shards are numbered through.

    >>> first_shards([Split("train", 4, ()), Split("validation", 1, ())])
    [0, 4]
    """
    return [0, *itertools.accumulate(split.shards for split in splits)][:-1]


def add_sequences(
    pipeline: flow.Flow, todo: Sequence[int], splits: Sequence[Split], work: SequencesWork
) -> None:
    """Adds the writing of some shards, numbered as by `first_shards`, to a pipeline."""
    carry = not is_local(work.stage.folder)
    shares = [(n, share) for n, split in enumerate(splits) for share in split.shares if share.quota]
    light = [split._replace(shares=()) for split in splits]
    blocks = (
        pipeline
        | "shares" >> flow.create(shares)
        | "spread shares" >> flow.Spread()
        | "deal" >> flow.do(_Deal(light, set(todo), carry, work), Block)
    )
    empty = pipeline | "every shard" >> flow.create([(n, b"") for n in todo])
    _ = (
        pipeline.together((blocks, empty), "blocks")
        | "by shard" >> flow.Group()
        | "write shards" >> flow.do(_WriteShard(light if carry else list(splits), work))
    )


class _Deal:
    def __init__(
        self, splits: list[Split], todo: set[int], carry: bool, work: SequencesWork
    ) -> None:
        self._splits, self._todo, self._carry, self._work = splits, todo, carry, work
        self._bytes = flow.Counter("sequences", "shuffled_bytes")
        self._blocks = flow.Distribution("sequences", "block_bytes")

    def process(self, dealt: tuple[int, Share]) -> Iterator[Block]:
        number, share = dealt[0], Share(*dealt[1])  # a coder may make plain tuples of them
        share = share._replace(stream=TokenStream(*share.stream))
        first, shards = first_shards(self._splits)[number], self._splits[number].shards
        wanted = {n - first for n in self._todo.intersection(range(first, first + shards))}
        for shard, block in deal_share(share, shards, wanted, self._carry, self._work):
            self._bytes.inc(len(block))
            self._blocks.update(len(block))
            yield first + shard, block


def dealt_dtype(length: int, carry: bool) -> np.dtype[Any]:
    """Returns the dtype of one dealt sequence: order, place, and perhaps its tokens."""
    fields: list[Any] = [("key", "<u8"), ("row", "<u4"), ("source", "u1")]
    return np.dtype([*fields, ("tokens", "<u2", (length + 1,))] if carry else fields)


def deal_share(
    share: Share, shards: int, todo: set[int], carry: bool, work: SequencesWork
) -> Iterator[tuple[int, bytes]]:
    """Yields (shard, block) of the sequences that one part gives to each shard."""
    rows, keys = draw(work.seed, share.number, share.available, share.quota)
    shard = (np.arange(share.quota) + share.first) % shards
    shard[np.isin(rows, share.holes)] = NOWHERE
    for number in sorted(todo):
        check_interrupt()
        chosen = np.flatnonzero(shard == number)
        if len(chosen):
            records = np.zeros(len(chosen), dealt_dtype(work.length, carry))
            records["row"], records["source"] = rows[chosen], share.source
            records["key"] = np.array(keys, np.uint64)[chosen]
            if carry:
                records["tokens"] = share.stream.read(records["row"], work.length)
            yield number, pack(share.number, records)


def missing(share: Share, seed: int) -> int:
    """Returns how many of the sequences that a part would give were taken out."""
    if not share.holes:
        return 0
    rows, _ = draw(seed, share.number, share.available, share.quota)
    return int(np.isin(rows, share.holes).sum())


class _WriteShard:
    def __init__(self, splits: list[Split], work: SequencesWork) -> None:
        self._splits, self._work = splits, work

    def process(self, group: Group) -> None:
        number, blocks = group
        firsts = first_shards(self._splits)
        place = bisect.bisect_right(firsts, number) - 1
        dealt = [block for block in blocks if block]
        write_shard(self._splits[place], number - firsts[place], dealt, self._work)


def write_shard(split: Split, shard: int, blocks: list[bytes], work: SequencesWork) -> None:
    """Writes one shard, its sequences in the order of their hashes, and its summary."""
    carried = not split.shares
    dealt = gather(blocks, dealt_dtype(work.length, carried))
    records, parts = dealt.records, dealt.number_of_each()
    order = order_in_shard(records, parts)
    name = shard_name(work.dataset, split.name, shard, split.shards)
    written = Written()
    with written.new_file(work.stage.path(name)) as file:
        for start in range(0, len(order), AT_ONCE):
            some = order[start : start + AT_ONCE]
            here = records[some]
            tokens = here["tokens"] if carried else _read(split, parts[some], here, work.length)
            write_records(file, tokens, here["source"])
    summary = {"key": work.stage.key, "split": split.name, "file": name, "shard": shard}
    summary |= {"sequences": len(order), "sources": np.bincount(records["source"]).tolist()}
    written.write_summary(work.stage.path(f"{shard_stem(split.name, shard)}.json"), summary)


def order_in_shard(records: NDArray[Any], parts: NDArray[np.uint32]) -> NDArray[np.int64]:
    """Returns the order in which a shard has the sequences dealt to it: that of their hashes."""
    return np.lexsort((records["row"], parts, records["key"]))


def shard_stem(split: str, shard: int) -> str:
    """Returns the name of a shard's summary without its suffix."""
    return f"{split}-{shard:05d}"


def _read(
    split: Split, parts: NDArray[np.uint32], records: NDArray[Any], length: int
) -> NDArray[np.uint16]:
    streams = {share.number: share.stream for share in split.shares}
    tokens = np.empty((len(records), length + 1), "<u2")
    for part in np.unique(parts).tolist():
        check_interrupt()
        here = np.flatnonzero(parts == part)
        tokens[here] = streams[part].read(records["row"][here], length)
    return tokens
