"""Stage 2, between the passes: each function sees one partition of all parts' records."""

import json
from collections.abc import Iterator

import numpy as np

from massivetext.dedup.hosts import HostRules, rated_hosts
from massivetext.dedup.lsh_bands import pack_flags
from massivetext.dedup.packed_records import gather, pack, scatter
from massivetext.dedup.pairs import (
    CONTENT,
    ENTRY,
    LINK,
    exact_copies,
    keep_strongest,
    mark_repeated,
    pair_candidates,
    request_shingles,
)
from massivetext.pipelines.stages.shuffle import Block, Group


def find_hosts(group: Group, rules: HostRules) -> Iterator[Block]:
    """Yields, for each part, those of its hosts that are dropped whole."""
    for part, hosts in rated_hosts(group[1], rules).items():
        yield part, json.dumps(hosts).encode()


def find_exact(group: Group, first_old: int | None) -> Iterator[Block]:
    """Yields the `DROP` records of exact copies, by the part that they are in; none of old ones."""
    contents = gather(group[1], CONTENT)
    parts, drops = exact_copies(contents.number_of_each(), contents.records)
    for part, records in scatter(drops, parts):
        if first_old is None or part < first_old:
            yield part, pack(group[0], records)


def find_repeated(group: Group, first_old: int | None) -> Iterator[Block]:
    """Yields to each part one bit for each band key that it sent: whether the key is repeated.

    Old parts are not told: what of theirs may be asked for has been sent already.
    """
    keys = gather(group[1], np.dtype("<u4"))
    flags = mark_repeated(keys.records)
    ends = np.cumsum(keys.sizes)
    for part, start, end in zip(keys.numbers, ends - keys.sizes, ends, strict=True):
        if (first_old is None or part < first_old) and flags[start:end].any():
            yield int(part), pack_flags(group[0], flags[start:end])


def find_candidates(group: Group, first_old: int | None) -> Iterator[Block]:
    """Yields `LINK` records from documents to their candidates, by the document's part."""
    entries = gather(group[1], ENTRY)
    for parts, links in pair_candidates(entries.number_of_each(), entries.records, first_old):
        for part, records in scatter(links, parts):
            yield part, pack(group[0], records)


def choose_candidates(group: Group) -> Iterator[Block]:
    """Yields `WANT` records: whose shingles each part must read, and for which leader."""
    links = keep_strongest(gather(group[1], LINK).records)
    parts, wants = request_shingles(group[0], links)
    for part, records in scatter(wants, parts):
        yield part, pack(group[0], records)
