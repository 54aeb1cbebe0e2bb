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
"""

import json
from collections.abc import Sequence
from typing import Any

import apache_beam as beam
from apache_beam.pvalue import PCollection
from apache_beam.transforms import combiners

from massivetext.dedup.lsh_bands import partition_count
from massivetext.dedup.pairs import CONTENT
from massivetext.mixture.quotas import exact
from massivetext.pipelines.stages.duplicates.compare import (
    choose_candidates,
    find_candidates,
    find_exact,
    find_hosts,
    find_repeated,
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
from massivetext.pipelines.stages.shuffle import Block, Group, Size, join, shuffle, total_bytes
from massivetext.storage.json_files import write_summed_json
from massivetext.storage.paths import join as join_path

SHUFFLED = "shuffled.json"


Blocks = PCollection[Block]
Sizes = list[PCollection[Size]]


def add_duplicates(
    pipeline: beam.Pipeline, parts: Sequence[DocumentPart], settings: DuplicateSettings
) -> PCollection[dict[str, Any]]:
    """Adds stage 2 to a pipeline; returns the parts' summaries.

    Args:
      pipeline: the pipeline.
      parts: all parts of stage 1, of all sources; those of other sources get empty lists.
      settings: the rules; the numbers of partitions are set here.
    """
    ours = [part for part in parts if part.source in settings.rules.sources]
    settings = _partitioned(settings, sum(part.rows for part in ours))
    every = _create(pipeline, "every part", parts)
    some = _create(pipeline, "parts", ours)
    hosts, host_sizes = _hosts(pipeline, ours, settings)
    drops, drop_sizes = _exact(some, hosts, settings)
    links, link_sizes = _links(some, drops, settings)
    near, near_sizes = _near(some, links, settings)
    summaries, end_sizes = _write(every, (drops, near), settings)
    sizes = [*host_sizes, *drop_sizes, *link_sizes, *near_sizes, *end_sizes]
    _write_sizes(pipeline, sizes, settings)
    return summaries


def _partitioned(settings: DuplicateSettings, rows: int) -> DuplicateSettings:
    def count(record_bytes: int) -> int:
        return max(settings.least_partitions, partition_count(rows, record_bytes))

    return settings._replace(
        host_partitions=count(16),
        content_partitions=count(CONTENT.itemsize),
        band_partitions=count(settings.rules.bands * 4),
    )


def _create(pipeline: beam.Pipeline, name: str, parts: Sequence[DocumentPart]) -> Blocks:
    encoded = [(part.part, json.dumps(part).encode()) for part in parts]
    created: Blocks = pipeline | name >> beam.Create(encoded).with_output_types(Block)
    return created


def _hosts(
    pipeline: beam.Pipeline, ours: Sequence[DocumentPart], settings: DuplicateSettings
) -> tuple[Blocks, Sizes]:
    rated = [part for part in ours if part.source in settings.host_sources]
    if settings.hosts.max_rated is None:
        rated = []
    pages = (
        _create(pipeline, "parts with hosts", rated)
        | "spread parts with hosts" >> beam.Reshuffle()
        | "count pages of hosts" >> beam.FlatMap(count_part_hosts, settings)
    )
    grouped = shuffle(pages, "hosts")
    return grouped.groups | "bad hosts" >> beam.FlatMap(find_hosts, settings.hosts), [grouped.sizes]


def _exact(parts: Blocks, hosts: Blocks, settings: DuplicateSettings) -> tuple[Blocks, Sizes]:
    joined = join(parts, "contents", hosts=hosts)
    read = beam.ParDo(ReadContents(settings)).with_output_types(Block, drops=Block)
    found = joined.groups | "read contents" >> read.with_outputs("drops", main="contents")
    grouped = shuffle(found.contents, "contents")
    exact = grouped.groups | "exact copies" >> beam.FlatMap(find_exact)
    drops = (found.drops, exact) | "drops so far" >> beam.Flatten()
    return drops, [joined.sizes, grouped.sizes]


def _links(
    parts: Blocks, drops: Blocks, settings: DuplicateSettings
) -> tuple[PCollection[Group], Sizes]:
    left = join(parts, "band keys", drops=drops)
    read = left.groups | "read band keys" >> beam.FlatMap(read_band_keys, settings)
    keys = shuffle(read, "band keys")
    flags = keys.groups | "repeated keys" >> beam.FlatMap(find_repeated)
    flagged = join(parts, "entries", drops=drops, flags=flags)
    entries = flagged.groups | "read entries" >> beam.FlatMap(read_entries, settings)
    by_key = shuffle(entries, "entries")
    links = shuffle(by_key.groups | "candidates" >> beam.FlatMap(find_candidates), "links")
    return links.groups, [left.sizes, keys.sizes, flagged.sizes, by_key.sizes, links.sizes]


def _near(
    parts: Blocks, links: PCollection[Group], settings: DuplicateSettings
) -> tuple[Blocks, Sizes]:
    wants = links | "choose candidates" >> beam.FlatMap(choose_candidates)
    wanted = join(parts, "shingles", wants=wants)
    read = wanted.groups | "read shingles" >> beam.FlatMap(read_shingles, settings)
    shingles = shuffle(read, "shingles")
    bound = exact(settings.rules.max_jaccard) if settings.rules.verify else None
    near = shingles.groups | "near copies" >> beam.FlatMap(judge_slice, bound)
    return near, [wanted.sizes, shingles.sizes]


def _write(
    parts: Blocks, found: tuple[Blocks, Blocks], settings: DuplicateSettings
) -> tuple[PCollection[dict[str, Any]], Sizes]:
    everything = shuffle(found | "all drops" >> beam.Flatten(), "drops")
    settle = beam.ParDo(Settle()).with_output_types(Block, questions=Block)
    settled = everything.groups | "settle" >> settle.with_outputs("questions", main="drops")
    drops, questions = settled.drops, settled.questions
    asked = join(parts, "questions", drops=drops, questions=questions)
    answers = asked.groups | "answer" >> beam.FlatMap(answer)
    final = join(parts, "drop lists", drops=drops, answers=answers)
    summaries = final.groups | "write drop lists" >> beam.Map(write_drops, settings)
    return summaries, [everything.sizes, asked.sizes, final.sizes]


def _write_sizes(pipeline: beam.Pipeline, sizes: Sizes, settings: DuplicateSettings) -> None:
    path = join_path(settings.output, SHUFFLED)
    _ = (
        total_bytes(sizes, pipeline)
        | "list bytes" >> combiners.ToList()
        | "write bytes" >> beam.Map(_write_bytes, path)
    )


def _write_bytes(sizes: list[Size], path: str) -> None:
    write_summed_json(path, dict(sorted(sizes)) | {"total": sum(size for _, size in sizes)})
