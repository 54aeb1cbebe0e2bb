"""Where the sequences of a shard come from: which row of which part's token file."""

import re
from typing import NamedTuple

from massivetext.config.sources import ordered
from massivetext.dedup.packed_records import gather
from massivetext.errors import ConfigError
from massivetext.pipelines.engine.build_plan import Build
from massivetext.pipelines.stages.sequences.run import DATASET, plan_splits
from massivetext.pipelines.stages.sequences.write import (
    SequencesWork,
    Share,
    Split,
    deal_share,
    dealt_dtype,
    order_in_shard,
)
from massivetext.shards.tfds_metadata import shard_name

_SHARD = re.compile(r"(?:.*/)?\w+-(\w+)\.tfrecord-(\d{5})-of-(\d{5})")


class Place(NamedTuple):
    """Where a sequence comes from."""

    part: int  # of validation: the first of those that it is in
    row: int  # of the part's token file; of validation: of all files of the source
    source: str
    validation: bool  # which of the part's two files
    parts: tuple[int, ...] = ()  # that it is in
    begin: int = 0  # of validation: its first token, counted from that of the first part's file


def shard_names(build: Build) -> list[str]:
    """Returns the names of all shards of a build."""
    splits = plan_splits(build)
    return [shard_name(DATASET, s.name, n, s.shards) for s in splits for n in range(s.shards)]


def places_of(build: Build, shard: str) -> list[Place]:
    """Returns where each sequence of a shard comes from, in the order of its records.

    Args:
      build: from `open_build`.
      shard: the name, or path, of the shard's file.

    Raises:
      ConfigError: the build has no such shard.
    """
    found = _SHARD.fullmatch(shard)
    splits = {split.name: split for split in plan_splits(build)}
    if not found or found[1] not in splits or int(found[2]) >= splits[found[1]].shards:
        raise ConfigError(f"{shard}: no shard of this build; they are called as in sequences/")
    split = splits[found[1]]
    return _places(build, split, int(found[2]))


def _places(build: Build, split: Split, shard: int) -> list[Place]:
    length = build.recipe.sequences.length
    work = SequencesWork(build.stages["sequences"], build.recipe.seed, length, DATASET)
    blocks = [
        block
        for share in split.shares
        if share.quota
        for _, block in deal_share(share, split.shards, {shard}, False, work)
    ]
    dealt = gather(blocks, dealt_dtype(length, False))
    parts = dealt.number_of_each()
    order = order_in_shard(dealt.records, parts)
    names = ordered(build.recipe.sources)
    if split.name.startswith("validation"):
        return _held_places(build, split.shares[0], dealt.records["row"][order].tolist())
    rows, sources = dealt.records["row"][order].tolist(), dealt.records["source"][order].tolist()
    return [
        Place(part, row, names[source], validation=False, parts=(part,))
        for part, row, source in zip(parts[order].tolist(), rows, sources, strict=True)
    ]


def _held_places(build: Build, share: Share, rows: list[int]) -> list[Place]:
    """Returns where sequences of validation are, of which one may be in several parts' files."""
    source = ordered(build.recipe.sources)[share.source]
    numbers = [part.number for part in build.parts if part.source == source]
    places = []
    for row in rows:
        first, last, begin = share.stream.files_of(row, build.recipe.sequences.length)
        inside = tuple(numbers[first:last])
        places.append(Place(inside[0], row, source, validation=True, parts=inside, begin=begin))
    return places
