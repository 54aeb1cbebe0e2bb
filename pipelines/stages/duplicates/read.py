"""Stage 2, the passes over one part: hosts, contents, band keys, the documents of repeated keys.

Each reads only the columns it needs and yields packed blocks. A pass is told which rows are gone
already: pages of dropped hosts do not take their copies with them, and copies are not compared.
"""

import json
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from pyarrow.parquet import ParquetFile

from massivetext import paper
from massivetext.config.comparison_rules import Duplicates
from massivetext.dedup.hosts import HostCount, HostRules, count_hosts, host_partition, pack_counts
from massivetext.dedup.lsh_bands import BandKeys, Bands, place_bands, unpack_flags
from massivetext.dedup.packed_records import Records, gather, pack, scatter, unique
from massivetext.dedup.pairs import CONTENT, DROP, ENTRY, EXACT, HOST, KINDS
from massivetext.dedup.signature import Shingles
from massivetext.dedup.survival import Entrant, Survival, orders_of
from massivetext.pipelines.flow import flow
from massivetext.pipelines.folder.interrupts import check_interrupt
from massivetext.pipelines.folder.sums import open_part_file
from massivetext.pipelines.stages.shuffle import Block, Joined
from massivetext.shards.document_columns import read_fixed, read_short, read_strings
from massivetext.shards.parquet_files import open_parquet


class DocumentPart(NamedTuple):
    """The files of stage 1 for one part."""

    part: int  # its place among all
    source: str
    kept: str
    dropped: str
    rows: int  # of the kept file
    drops: str = ""  # of a part of an old build: the list of those that its stage 2 dropped
    stem: str = ""  # of its files' names


class DuplicateSettings(NamedTuple):
    """What decides the outcome of stage 2, and where it goes."""

    output: str  # folder
    key: str = ""  # of the stage, for the summaries
    stems: tuple[str, ...] = ()  # of all parts, by place
    seed: int = 0
    rules: Duplicates = Duplicates()
    hosts: HostRules = HostRules(5, 0.5)
    host_sources: tuple[str, ...] = paper.SAFETY_SOURCES
    host_partitions: int = 1
    content_partitions: int = 1
    band_partitions: int = 1
    least_partitions: int = 1  # to keep the workers of the runner busy
    old: tuple[tuple[int, str], ...] = ()  # first part's number and folder of each old build

    @property
    def first_old(self) -> int | None:
        """Returns the number from which parts are those of old builds."""
        return self.old[0][0] if self.old else None

    def survival(self, part: DocumentPart) -> Survival:
        """Returns what decides which copy survives; documents of old builds do before others."""
        newcomers = bool(self.old) and not part.drops
        return Survival(self.seed, self.rules.preference, self.rules.survivor, newcomers)

    @property
    def shingles(self) -> Shingles:
        """Returns what shingles are made of."""
        return Shingles(self.rules.shingle_words, self.rules.punctuation)


def decoded(encoded: bytes) -> DocumentPart:
    """Returns a part from its JSON, as it crosses a pipeline."""
    return DocumentPart(*json.loads(encoded))


def part_of(found: dict[str, Any]) -> DocumentPart:
    """Returns the part of a joined group."""
    check_interrupt()  # every pass over a part begins here
    (encoded,) = found["part"]
    return decoded(encoded)


def count_part_hosts(encoded: tuple[int, bytes], settings: DuplicateSettings) -> Iterator[Block]:
    """Yields the pages of each host of a part, by the partition of the host."""
    part = decoded(encoded[1])
    with open_part_file(part.kept) as file:
        kept = read_strings(file, "host")
    with open_part_file(part.dropped) as file:
        table = open_parquet(file).read(["host", "reasons"], use_threads=False)
    dropped = zip(table["host"].to_pylist(), table["reasons"].to_pylist(), strict=True)
    by_partition: dict[int, list[HostCount]] = {}
    for count in count_hosts(kept, dropped):
        partition = host_partition(count.host, settings.host_partitions)
        by_partition.setdefault(partition, []).append(count)
    for partition, counts in by_partition.items():
        yield partition, pack_counts(part.part, counts)


class ReadContents:
    """Yields `CONTENT` blocks by partition of the content; tagged "drops": pages of bad hosts."""

    def __init__(self, settings: DuplicateSettings) -> None:
        self._settings = settings

    def process(self, element: Joined) -> Iterator[Block | flow.Tagged]:
        """Yields the blocks of one part."""
        part = part_of(element[1])
        gone = _bad_rows(part, element[1]["hosts"])
        if len(gone):
            drops = np.zeros(len(gone), DROP)
            drops["row"], drops["kind"] = gone, HOST
            yield flow.Tagged("drops", (part.part, pack(0, drops)))
        contents = _contents(part, gone, self._settings)
        partitions = contents["high"] % np.uint64(self._settings.content_partitions)
        for partition, records in scatter(contents, partitions):
            yield partition, pack(part.part, records)


def _bad_rows(part: DocumentPart, blocks: Iterable[bytes]) -> NDArray[np.uint32]:
    bad = {host for block in blocks for host in json.loads(block)}
    if not bad:
        return np.empty(0, np.uint32)
    with open_part_file(part.kept) as file:
        hosts = read_strings(file, "host")
    return np.array([row for row, host in enumerate(hosts) if host in bad], np.uint32)


def _contents(part: DocumentPart, gone: NDArray[np.uint32], settings: DuplicateSettings) -> Records:
    with open_part_file(part.kept) as file:
        hashes = [values for _, values in read_fixed(file, "content_hash", "<u8", 2)]
        both = np.concatenate([np.empty((0, 2), np.uint64), *hashes])
        contents = np.empty(len(both), CONTENT)
        contents["low"], contents["high"] = both[:, 0], both[:, 1]
        contents["row"] = np.arange(len(both))
        named = ids_and_orders(open_parquet(file), part, contents["row"], settings)
        contents["id"], contents["order"] = named
    return np.delete(contents, gone)


def ids_and_orders(
    parquet: ParquetFile, part: DocumentPart, rows: NDArray[np.uint32], settings: DuplicateSettings
) -> tuple[Records, NDArray[np.uint64]]:
    """Returns the ids (16 bytes) and the places in the order of the documents in ascending rows."""
    ids = read_short(parquet, "id", rows)
    longest = settings.rules.survivor == "longest"
    sizes = read_short(parquet, "text_bytes", rows) if longest else [0] * len(ids)
    places = zip(ids, sizes, rows.tolist(), strict=True)
    found = [Entrant(name, size, part.part, row) for name, size, row in places]
    packed = np.frombuffer(bytes.fromhex("".join(ids)), "V16")
    return packed, orders_of(settings.survival(part), part.source, found)


def _part_bands(
    part: DocumentPart, drops: Iterable[bytes], settings: DuplicateSettings
) -> BandKeys:
    gone = gather(drops, DROP).records["row"]
    left = np.ones(part.rows, bool)
    left[gone] = False
    with open_part_file(part.kept) as file:
        batches = left_signatures(read_fixed(file, "signature", "<u4", 128), left)
        bands = Bands(settings.rules.bands, settings.rules.rows)
        return place_bands(batches, settings.band_partitions, bands)


def left_signatures(
    batches: Iterator[tuple[int, NDArray[np.uint32]]], left: NDArray[np.bool_]
) -> Iterator[tuple[NDArray[np.uint32], NDArray[np.uint32]]]:
    """Yields the rows that are left of each batch, and their signatures."""
    for first, signatures in batches:
        chosen = np.flatnonzero(left[first : first + len(signatures)])
        if len(chosen) < len(signatures):
            signatures = signatures[chosen]
        yield (chosen + first).astype(np.uint32), signatures


class OldDrops(NamedTuple):
    """Rows of an old part that its own stage 2 dropped."""

    rows: NDArray[np.uint32]
    of_hosts: NDArray[np.uint32]
    not_compared: NDArray[np.uint32]


def read_old_drops(part: DocumentPart) -> OldDrops:
    """Returns the rows that the list of an old part names, and those of some kinds."""
    with open_part_file(part.drops) as file:
        table = open_parquet(file).read(["row", "kind"], use_threads=False)
    rows = table["row"].to_numpy().astype(np.uint32)
    kinds = np.array(table["kind"].to_pylist(), object)
    of_hosts = kinds == KINDS[HOST]
    return OldDrops(rows, rows[of_hosts], rows[of_hosts | (kinds == KINDS[EXACT])])


def read_band_keys(element: Joined, settings: DuplicateSettings) -> Iterator[Block]:
    """Yields the band keys of one part's documents, four bytes each, by their partition."""
    number, found = element
    bands = _part_bands(part_of(found), found["drops"], settings)
    for partition, keys in scatter(bands.key, bands.partition):
        yield partition, pack(number, keys)


def read_entries(element: Joined, settings: DuplicateSettings) -> Iterator[Block]:
    """Yields the `ENTRY` records of one part's documents whose band keys are repeated."""
    number, found = element
    if not found["flags"]:
        return
    part = part_of(found)
    bands = _part_bands(part, found["drops"], settings)
    flags = unpack_flags(bands, found["flags"])
    entries = np.empty(int(flags.sum()), ENTRY)
    entries["key"], entries["row"] = bands.key[flags], bands.row[flags]
    rows = unique(entries["row"])
    with open_part_file(part.kept) as file:
        _, orders = ids_and_orders(open_parquet(file), part, rows, settings)
    entries["order"] = orders[np.searchsorted(rows, entries["row"])]
    for partition, records in scatter(entries, bands.partition[flags]):
        yield partition, pack(number, records)
