"""Stage 2, duplicates: which documents are left out because another one says the same.

Hashes and signatures are read, keys and pointers shuffled in blocks, and text is read once, only
of the documents that have a candidate; it never crosses a shuffle, their shingles do.

    hosts    -> bad hosts      pages of sites that rate most of their pages adult
    contents -> exact copies   by 128-bit hash of the text
    keys     -> repeated keys  21 band keys a document, four bytes each
    entries  -> candidates     documents of repeated keys, by key
    links    -> wanted         the candidates of each document that share most bands
    shingles -> near copies    verified: exact 13-gram Jaccard
    questions -> answers       whether a twin is dropped itself
"""

import json
from collections.abc import Sequence
from typing import Any

import apache_beam as beam

from massivetext.dedup.lsh_bands import partition_count
from massivetext.dedup.pairs import CONTENT
from massivetext.dedup.signature import BANDS
from massivetext.mixture.quotas import exact
from massivetext.pipelines.folder.files import join as join_path
from massivetext.pipelines.folder.files import write_json
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
from massivetext.pipelines.stages.shuffle import Block, join, shuffle, total_bytes

SHUFFLED = "shuffled.json"


def add_duplicates(
    pipeline: beam.Pipeline, parts: Sequence[DocumentPart], settings: DuplicateSettings
) -> Any:
    """Adds stage 2 to a pipeline; returns the PCollection of the parts' summaries.

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
    return settings._replace(
        host_partitions=partition_count(rows, 16),
        content_partitions=partition_count(rows, CONTENT.itemsize),
        band_partitions=partition_count(rows, BANDS * 4),
    )


def _create(pipeline: beam.Pipeline, name: str, parts: Sequence[DocumentPart]) -> Any:
    encoded = [(part.part, json.dumps(part).encode()) for part in parts]
    return pipeline | name >> beam.Create(encoded).with_output_types(Block)


def _map(step: Any, *arguments: Any) -> Any:
    return beam.FlatMap(step, *arguments).with_output_types(Block)


def _hosts(pipeline: Any, ours: Sequence[DocumentPart], settings: DuplicateSettings) -> Any:
    rated = [part for part in ours if part.source in settings.host_sources]
    if settings.hosts.max_rated is None:
        rated = []
    pages = (
        _create(pipeline, "parts with hosts", rated)
        | "spread parts with hosts" >> beam.Reshuffle()
        | "count pages of hosts" >> _map(count_part_hosts, settings)
    )
    grouped = shuffle(pages, "hosts")
    return grouped.groups | "bad hosts" >> _map(find_hosts, settings.hosts), [grouped.sizes]


def _exact(parts: Any, hosts: Any, settings: DuplicateSettings) -> Any:
    joined = join(parts, "contents", hosts=hosts)
    read = joined.groups | "read contents" >> beam.ParDo(ReadContents(settings)).with_outputs(
        "drops", main="contents"
    )
    contents, host_drops = read.contents, read.drops
    grouped = shuffle(_blocks(contents, "contents"), "contents")
    exact = grouped.groups | "exact copies" >> _map(find_exact)
    drops = (_blocks(host_drops, "host drops"), exact) | "drops so far" >> beam.Flatten()
    return drops, [joined.sizes, grouped.sizes]


def _blocks(blocks: Any, name: str) -> Any:
    return blocks | f"{name}: blocks" >> beam.Map(_same).with_output_types(Block)


def _same(block: Block) -> Block:
    return block


def _links(parts: Any, drops: Any, settings: DuplicateSettings) -> Any:
    left = join(parts, "band keys", drops=drops)
    keys = shuffle(left.groups | "read band keys" >> _map(read_band_keys, settings), "band keys")
    flags = keys.groups | "repeated keys" >> _map(find_repeated)
    flagged = join(parts, "entries", drops=drops, flags=flags)
    entries = shuffle(flagged.groups | "read entries" >> _map(read_entries, settings), "entries")
    links = shuffle(entries.groups | "candidates" >> _map(find_candidates), "links")
    sizes = [step.sizes for step in (left, keys, flagged, entries, links)]
    return links.groups, sizes


def _near(parts: Any, links: Any, settings: DuplicateSettings) -> Any:
    wants = links | "choose candidates" >> _map(choose_candidates)
    wanted = join(parts, "shingles", wants=wants)
    read = wanted.groups | "read shingles" >> beam.FlatMap(
        read_shingles, settings
    ).with_output_types(tuple[bytes, bytes])
    shingles = shuffle(read, "shingles")
    bound = exact(settings.rules.max_jaccard)
    near = shingles.groups | "near copies" >> _map(judge_slice, bound)
    return near, [wanted.sizes, shingles.sizes]


def _write(parts: Any, found: tuple[Any, Any], settings: DuplicateSettings) -> Any:
    everything = shuffle(found | "all drops" >> beam.Flatten(), "drops")
    settled = everything.groups | "settle" >> beam.ParDo(Settle()).with_outputs(
        "questions", main="drops"
    )
    drops = _blocks(settled.drops, "settled drops")
    questions = _blocks(settled.questions, "questions")
    asked = join(parts, "questions", drops=drops, questions=questions)
    answers = asked.groups | "answer" >> _map(answer)
    final = join(parts, "drop lists", drops=drops, answers=answers)
    summaries = final.groups | "write drop lists" >> beam.Map(write_drops, settings)
    return summaries, [everything.sizes, asked.sizes, final.sizes]


def _write_sizes(pipeline: Any, sizes: list[Any], settings: DuplicateSettings) -> None:
    path = join_path(settings.output, SHUFFLED)
    _ = (
        total_bytes(sizes, pipeline)
        | "list bytes" >> beam.combiners.ToList()
        | "write bytes" >> beam.Map(_write_bytes, path)
    )


def _write_bytes(sizes: list[tuple[str, int]], path: str) -> None:
    write_json(path, dict(sorted(sizes)) | {"total": sum(size for _, size in sizes)})
