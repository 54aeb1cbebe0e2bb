"""Stage 2 against old builds: of an old part only what may be of use to the new documents.

A filter of the new documents' keys is made first, 88 bytes a document, at most 64 MiB in all. Old
parts are read once, two columns of them, and send what passes it: so what crosses a shuffle, is
compared or read as text follows the new documents, however large the old build is.
"""

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pyarrow.parquet import ParquetFile

from massivetext.dedup.key_filter import Filter, add_keys, empty_filter, may_hold, united
from massivetext.dedup.lsh_bands import BandKeys, Bands, place_bands
from massivetext.dedup.packed_records import Records, pack, scatter, unique
from massivetext.dedup.pairs import CONTENT, ENTRY
from massivetext.dedup.signature import band_keys
from massivetext.pipelines.flow import flow
from massivetext.pipelines.folder.interrupts import check_interrupt
from massivetext.pipelines.folder.sums import open_part_file
from massivetext.pipelines.stages.duplicates.read import (
    DocumentPart,
    DuplicateSettings,
    decoded,
    ids_and_orders,
    left_signatures,
    read_old_drops,
)
from massivetext.pipelines.stages.shuffle import Block
from massivetext.shards.document_columns import HASHES, SIGNATURES, read_all_fixed
from massivetext.shards.parquet_files import open_parquet


class KeysKnown:
    """Combines blocks of keys to one filter."""

    def __init__(self, keys: int) -> None:
        """Takes the number of keys to come."""
        self._keys = keys

    def create_accumulator(self) -> Filter:
        """Returns a filter of nothing."""
        return empty_filter(self._keys)

    def add_input(self, mutable_accumulator: Filter, element: bytes) -> Filter:
        """Adds a block of keys."""
        add_keys(mutable_accumulator, np.frombuffer(element, np.uint64))
        return mutable_accumulator

    def merge_accumulators(self, accumulators: Iterable[Filter]) -> Filter:
        """Returns the filter of all."""
        return united(accumulators)

    def extract_output(self, accumulator: Filter) -> bytes:
        """Returns the filter's bytes."""
        return accumulator.tobytes()


def read_keys(encoded: Block, settings: DuplicateSettings) -> Iterator[bytes]:
    """Yields all keys of a new part's documents: of contents, and of bands."""
    part = decoded(encoded[1])
    bands = settings.rules.bands, settings.rules.rows
    with open_part_file(part.kept) as file:
        for _, (hashes, signatures) in read_all_fixed(open_parquet(file), HASHES, SIGNATURES):
            check_interrupt()
            yield hashes[:, 1].tobytes()
            yield band_keys(signatures, *bands).tobytes()


class ReadOldPart:
    """Yields an old part's `CONTENT` blocks; tagged "keys" and "entries": those of its bands."""

    def __init__(self, settings: DuplicateSettings) -> None:
        self._settings = settings

    def process(self, encoded: Block, known: bytes) -> Iterator[Block | flow.Tagged]:
        """Yields the blocks of one part, by partition."""
        check_interrupt()
        part, found = decoded(encoded[1]), np.frombuffer(known, np.uint8)
        with open_part_file(part.kept) as file:
            parquet = open_parquet(file)
            contents, bands = _read(parquet, part, found, self._settings)
            rows = unique(np.concatenate([contents["row"], bands.row]))
            if not len(rows):
                return
            ids, orders = ids_and_orders(parquet, part, rows, self._settings)
        places = np.searchsorted(rows, contents["row"])
        named = ids[places], orders[places]
        yield from _content_blocks(part, contents, *named, self._settings)
        for partition, records in scatter(bands.key, bands.partition):
            yield flow.Tagged("keys", (partition, pack(part.part, records)))
        entries = np.empty(len(bands.key), ENTRY)
        entries["key"], entries["row"] = bands.key, bands.row
        entries["order"] = orders[np.searchsorted(rows, bands.row)]
        for partition, records in scatter(entries, bands.partition):
            yield flow.Tagged("entries", (partition, pack(part.part, records)))


def _read(
    parquet: ParquetFile, part: DocumentPart, known: Filter, settings: DuplicateSettings
) -> tuple[Records, BandKeys]:
    """Returns what may be of use of a part: `CONTENT` records without ids, and band keys."""
    drops = read_old_drops(part)
    left = np.ones(part.rows, bool)
    left[drops.not_compared] = False
    found = [np.empty(0, CONTENT)]

    def signatures() -> Iterator[tuple[int, NDArray[Any]]]:
        for first, (hashes, minima) in read_all_fixed(parquet, HASHES, SIGNATURES):
            check_interrupt()
            found.append(_contents(first, hashes, known))
            yield first, minima

    bands = Bands(settings.rules.bands, settings.rules.rows)
    batches = left_signatures(signatures(), left)
    placed = place_bands(batches, settings.band_partitions, bands, known)
    contents = np.concatenate(found)
    return contents[~np.isin(contents["row"], drops.of_hosts)], placed


def _contents(first: int, hashes: NDArray[Any], known: Filter) -> Records:
    rows = np.flatnonzero(may_hold(known, hashes[:, 1]))
    records = np.zeros(len(rows), CONTENT)
    records["row"] = rows + first
    records["low"], records["high"] = hashes[rows, 0], hashes[rows, 1]
    return records


def _content_blocks(
    part: DocumentPart,
    contents: Records,
    ids: Records,
    orders: NDArray[np.uint64],
    settings: DuplicateSettings,
) -> Iterator[Block]:
    contents["id"], contents["order"] = ids, orders
    partitions = contents["high"] % np.uint64(settings.content_partitions)
    for partition, records in scatter(contents, partitions):
        yield partition, pack(part.part, records)
