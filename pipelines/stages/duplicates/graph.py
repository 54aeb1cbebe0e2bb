"""Stage 2, duplicates: which documents are left out because another one says the same.

Hashes and signatures are read, keys and pointers shuffled in blocks, and text is read once, only
of the documents that have a candidate; it never crosses a shuffle, their shingles do.

    hosts    -> bad hosts      pages of sites that rate most of their pages adult
    contents -> exact copies   by 128-bit hash of the text
    keys     -> repeated keys  the band keys of a document, four bytes each
    entries  -> candidates     documents of repeated keys, by key
    links    -> wanted         the candidates of each document that share most bands
    shingles -> near copies    verified: exact 13-gram Jaccard
    questions -> answers       whether a twin is dropped itself

Against old builds, what may be of use of their parts joins contents, keys and entries
(`old_parts.py`), and their parts are asked for shingles of candidates as all others are.
"""

import json
from collections.abc import Sequence
from typing import NamedTuple

from massivetext.dedup.key_filter import density
from massivetext.dedup.lsh_bands import partition_count
from massivetext.dedup.pairs import CONTENT
from massivetext.mixture.quotas import to_fraction
from massivetext.pipelines.flow import flow
from massivetext.pipelines.stages.duplicates.compare import (
    choose_candidates,
    find_candidates,
    find_exact,
    find_hosts,
    find_repeated,
)
from massivetext.pipelines.stages.duplicates.old_parts import (
    KeysKnown,
    ReadOldPart,
    read_keys,
)
from massivetext.pipelines.stages.duplicates.read import (
    DocumentPart,
    DuplicateSettings,
    ReadContents,
    count_part_hosts,
    read_band_keys,
    read_entries,
)
from massivetext.pipelines.stages.duplicates.verify import judge_slice, read_shingles
from massivetext.pipelines.stages.duplicates.write import Settle, answer, write_drops
from massivetext.pipelines.stages.shuffle import Block, Size, join, shuffle, total_bytes
from massivetext.storage.json_files import write_summed_json
from massivetext.storage.paths import join as join_path

SHUFFLED = "shuffled.json"


Blocks = flow.Elements  # of Block
Sizes = list[flow.Elements]  # of Size


def add_duplicates(
    pipeline: flow.Flow, parts: Sequence[DocumentPart], settings: DuplicateSettings
) -> flow.Elements:
    """Adds stage 2 to a pipeline; returns the parts' summaries.

    Args:
      pipeline: the pipeline.
      parts: all parts of stage 1, of all sources; those of other sources get empty lists. Then
        those of old builds, which get none, numbered as `settings.old` says.
      settings: the rules; the numbers of partitions are set here.
    """
    new = [part for part in parts if not part.drops]
    compared = [part for part in parts if part.source in settings.rules.sources]
    ours = [part for part in compared if not part.drops]
    settings = _partitioned(settings, compared)
    every = _create(pipeline, "every part", new)
    some = _create(pipeline, "parts", ours)
    old = _read_old(pipeline, some, compared, settings)
    wanted = _create(pipeline, "parts compared", compared) if settings.old else some
    asked = _create(pipeline, "parts asked", parts) if settings.old else every
    hosts, host_sizes = _hosts(pipeline, ours, settings)
    drops, drop_sizes = _exact(some, hosts, old, settings)
    links, link_sizes = _links(some, drops, old, settings)
    near, near_sizes = _near(wanted, links, settings)
    summaries, end_sizes = _write((every, asked), (drops, near), settings)
    sizes = [*host_sizes, *drop_sizes, *link_sizes, *near_sizes, *end_sizes]
    _write_sizes(pipeline, sizes, settings)
    return summaries


class OldBlocks(NamedTuple):
    """What may be of use of old builds; nothing where there are none."""

    contents: tuple[Blocks, ...] = ()
    keys: tuple[Blocks, ...] = ()
    entries: tuple[Blocks, ...] = ()


def _read_old(
    pipeline: flow.Flow,
    some: Blocks,
    compared: Sequence[DocumentPart],
    settings: DuplicateSettings,
) -> OldBlocks:
    if not settings.old:
        return OldBlocks()
    rows = sum(part.rows for part in compared if not part.drops)
    keys = rows * (settings.rules.bands + 1)
    known = (
        some
        | "read new keys" >> flow.flat_mapped(read_keys, settings)
        | "filter of new keys" >> flow.fold(KeysKnown(keys))
    )
    old = _create(pipeline, "old parts", [part for part in compared if part.drops])
    read = flow.do_with_outputs(ReadOldPart(settings), Block, "contents", "keys", "entries")
    spread = old | "spread old parts" >> flow.Spread()
    found = spread.outputs("read old parts" >> read.given(known))
    return OldBlocks((found["contents"],), (found["keys"],), (found["entries"],))


def _partitioned(
    settings: DuplicateSettings, compared: Sequence[DocumentPart]
) -> DuplicateSettings:
    rows = sum(part.rows for part in compared if not part.drops)
    old = sum(part.rows for part in compared if part.drops)
    passing = max(1 / 8, density(rows * (settings.rules.bands + 1)))
    rows += int(old * passing)

    def count(record_bytes: int) -> int:
        return max(settings.least_partitions, partition_count(rows, record_bytes))

    return settings._replace(
        host_partitions=count(16),
        content_partitions=count(CONTENT.itemsize),
        band_partitions=count(settings.rules.bands * 4),
    )


def _create(pipeline: flow.Flow, name: str, parts: Sequence[DocumentPart]) -> Blocks:
    encoded = [(part.part, json.dumps(part).encode()) for part in parts]
    return pipeline | name >> flow.create(encoded).yielding(Block)


def _hosts(
    pipeline: flow.Flow, ours: Sequence[DocumentPart], settings: DuplicateSettings
) -> tuple[Blocks, Sizes]:
    rated = [part for part in ours if part.source in settings.host_sources]
    if settings.hosts.max_rated is None:
        rated = []
    pages = (
        _create(pipeline, "parts with hosts", rated)
        | "spread parts with hosts" >> flow.Spread()
        | "count pages of hosts" >> flow.flat_mapped(count_part_hosts, settings)
    )
    grouped = shuffle(pages, "hosts")
    bad = grouped.groups | "bad hosts" >> flow.flat_mapped(find_hosts, settings.hosts)
    return bad, [grouped.sizes]


def _exact(
    parts: Blocks, hosts: Blocks, old: OldBlocks, settings: DuplicateSettings
) -> tuple[Blocks, Sizes]:
    joined = join(parts, "contents", hosts=hosts)
    read = flow.do_with_outputs(ReadContents(settings), Block, "contents", "drops")
    found = joined.groups.outputs("read contents" >> read)
    contents = _with(found["contents"], old.contents, "contents of all")
    grouped = shuffle(contents, "contents")
    exact = grouped.groups | "exact copies" >> flow.flat_mapped(find_exact, settings.first_old)
    drops = parts.owner.together((found["drops"], exact), "drops so far")
    return drops, [joined.sizes, grouped.sizes]


def _with(blocks: Blocks, old: tuple[Blocks, ...], name: str) -> Blocks:
    """Returns the blocks, and those of old builds with them."""
    return blocks.owner.together((blocks, *old), name) if old else blocks


def _links(
    parts: Blocks, drops: Blocks, old: OldBlocks, settings: DuplicateSettings
) -> tuple[flow.Elements, Sizes]:
    left = join(parts, "band keys", drops=drops)
    read = left.groups | "read band keys" >> flow.flat_mapped(read_band_keys, settings)
    keys = shuffle(_with(read, old.keys, "band keys of all"), "band keys")
    flags = keys.groups | "repeated keys" >> flow.flat_mapped(find_repeated, settings.first_old)
    flagged = join(parts, "entries", drops=drops, flags=flags)
    entries = flagged.groups | "read entries" >> flow.flat_mapped(read_entries, settings)
    by_key = shuffle(_with(entries, old.entries, "entries of all"), "entries")
    linked = flow.flat_mapped(find_candidates, settings.first_old)
    links = shuffle(by_key.groups | "candidates" >> linked, "links")
    return links.groups, [left.sizes, keys.sizes, flagged.sizes, by_key.sizes, links.sizes]


def _near(parts: Blocks, links: flow.Elements, settings: DuplicateSettings) -> tuple[Blocks, Sizes]:
    wants = links | "choose candidates" >> flow.flat_mapped(choose_candidates)
    wanted = join(parts, "shingles", wants=wants)
    read = wanted.groups | "read shingles" >> flow.flat_mapped(read_shingles, settings)
    shingles = shuffle(read, "shingles")
    bound = to_fraction(settings.rules.max_jaccard) if settings.rules.verify else None
    near = shingles.groups | "near copies" >> flow.flat_mapped(judge_slice, bound)
    return near, [wanted.sizes, shingles.sizes]


def _write(
    parts: tuple[Blocks, Blocks], found: tuple[Blocks, Blocks], settings: DuplicateSettings
) -> tuple[flow.Elements, Sizes]:
    new, every = parts
    everything = shuffle(every.owner.together(found, "all drops"), "drops")
    settle = flow.do_with_outputs(Settle(), Block, "drops", "questions")
    settled = everything.groups.outputs("settle" >> settle)
    drops, questions = settled["drops"], settled["questions"]
    asked = join(every, "questions", drops=drops, questions=questions)
    answers = asked.groups | "answer" >> flow.flat_mapped(answer)
    final = join(new, "drop lists", drops=drops, answers=answers)
    summaries = final.groups | "write drop lists" >> flow.mapped(write_drops, settings)
    return summaries, [everything.sizes, asked.sizes, final.sizes]


def _write_sizes(pipeline: flow.Flow, sizes: Sizes, settings: DuplicateSettings) -> None:
    path = join_path(settings.output, SHUFFLED)
    _ = (
        total_bytes(sizes, pipeline)
        | "list bytes" >> flow.List()
        | "write bytes" >> flow.mapped(_write_bytes, path)
    )


def _write_bytes(sizes: list[Size], path: str) -> None:
    write_summed_json(path, dict(sorted(sizes)) | {"total": sum(size for _, size in sizes)})
