"""Stage 6, sequences: each part's draws dealt to shards, each shard written as TFRecords.

What crosses the shuffle is one block per (part, shard). Where token files are local it holds only
pointers, and the shard reads its sequences by offset; on an object store small reads are slow, and
the block carries the sequences themselves. Both write the same bytes.
"""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import apache_beam as beam
import numpy as np
from apache_beam.metrics import Metrics
from numpy.typing import NDArray

from massivetext.blocks import gather, pack
from massivetext.deal import draw
from massivetext.tfds_metadata import shard_name
from massivetext.tfrecord import write_records
from pipelines.files import is_local, new_file, open_file, write_json
from pipelines.stage import Stage

FORMAT = 1  # raised by hand when the bytes of this stage may change


class Share(NamedTuple):
    """What one part gives to one split."""

    number: int  # of the part
    source: int  # index in the metadata's list of sources
    path: str  # of the token file
    available: int
    quota: int
    first: int  # sequences of the split that parts before this one gave


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


def make_shares(entries: list[tuple[int, int, str, int, int]]) -> tuple[Share, ...]:
    """Returns the shares of (part, source, path, available, quota) entries, dealt in that order."""
    shares, first = [], 0
    for part, source, path, available, quota in entries:
        shares.append(Share(part, source, path, available, quota, first))
        first += quota
    return tuple(shares)


def add_sequences(
    pipeline: beam.Pipeline, split: Split, todo: list[int], work: SequencesWork
) -> None:
    """Adds the writing of some shards of a split to a pipeline."""
    name = split.name
    carry = not is_local(work.stage.folder)
    blocks = (
        pipeline
        | f"{name}: shares" >> beam.Create([s for s in split.shares if s.quota])
        | f"{name}: spread shares" >> beam.Reshuffle()
        | f"{name}: deal"
        >> beam.FlatMap(deal_share, split.shards, set(todo), carry, work).with_output_types(
            tuple[int, bytes]
        )
    )
    empty = pipeline | f"{name}: every shard" >> beam.Create([(n, b"") for n in todo])
    light = split._replace(shares=() if carry else split.shares)
    _ = (
        (blocks, empty)
        | f"{name}: blocks" >> beam.Flatten()
        | f"{name}: by shard" >> beam.GroupByKey()
        | f"{name}: write shards" >> beam.ParDo(_WriteShard(light, work))
    )


def _record(length: int, carry: bool) -> np.dtype[Any]:
    """Returns the dtype of one dealt sequence: order, place, and perhaps its tokens."""
    fields: list[Any] = [("key", "<u8"), ("row", "<u4"), ("source", "u1")]
    return np.dtype([*fields, ("tokens", "<u2", (length + 1,))] if carry else fields)


def deal_share(
    share: Share, shards: int, todo: set[int], carry: bool, work: SequencesWork
) -> Iterator[tuple[int, bytes]]:
    """Yields (shard, block) of the sequences that one part gives to each shard."""
    share = Share(*share)
    rows, keys = draw(work.seed, share.number, share.available, share.quota)
    shard = (np.arange(share.quota) + share.first) % shards
    counter = Metrics.counter("sequences", "shuffled_bytes")
    for number in sorted(todo):
        chosen = np.flatnonzero(shard == number)
        if len(chosen):
            records = np.zeros(len(chosen), _record(work.length, carry))
            records["row"], records["source"] = rows[chosen], share.source
            records["key"] = np.array(keys, np.uint64)[chosen]
            if carry:
                records["tokens"] = read_sequences(share.path, records["row"], work.length)
            block = pack(share.number, records)
            counter.inc(len(block))
            yield number, block


def read_sequences(path: str, rows: NDArray[np.uint32], length: int) -> NDArray[np.uint16]:
    """Returns the sequences in the given rows of a token file, (rows, length + 1)."""
    width = 2 * (length + 1)
    found = np.empty((len(rows), length + 1), "<u2")
    with open_file(path) as file:
        for place in np.argsort(rows, kind="stable").tolist():
            file.seek(int(rows[place]) * width)
            found[place] = np.frombuffer(file.read(width), "<u2")
    return found


class _WriteShard(beam.DoFn):
    def __init__(self, split: Split, work: SequencesWork) -> None:
        self._split, self._work = split, work

    def process(self, group: tuple[int, Iterable[bytes]]) -> None:
        shard, blocks = group
        write_shard(self._split, shard, [b for b in blocks if b], self._work)


def write_shard(split: Split, shard: int, blocks: list[bytes], work: SequencesWork) -> None:
    """Writes one shard, its sequences in the order of their hashes, and its summary."""
    carried = not split.shares
    dealt = gather(blocks, _record(work.length, carried))
    records, parts = dealt.records, dealt.number_of_each()
    order = np.lexsort((records["row"], parts, records["key"]))
    if carried:
        tokens = records["tokens"][order]
    else:
        tokens = _read_all(split, parts, records, work.length)[order]
    sources = records["source"][order]
    name = shard_name(work.dataset, split.name, shard, split.shards)
    with new_file(work.stage.path(name)) as file:
        write_records(file, tokens, sources)
    summary = {"key": work.stage.key, "split": split.name, "file": name, "shard": shard}
    summary |= {"sequences": len(order), "sources": np.bincount(sources).tolist()}
    write_json(work.stage.path(f"{shard_stem(split.name, shard)}.json"), summary)


def shard_stem(split: str, shard: int) -> str:
    """Returns the name of a shard's summary without its suffix."""
    return f"{split}-{shard:05d}"


def _read_all(
    split: Split, parts: NDArray[np.uint32], records: NDArray[Any], length: int
) -> NDArray[np.uint16]:
    paths = {share.number: share.path for share in split.shares}
    tokens = np.empty((len(records), length + 1), "<u2")
    for part in np.unique(parts).tolist():
        here = np.flatnonzero(parts == part)
        tokens[here] = read_sequences(paths[part], records["row"][here], length)
    return tokens
