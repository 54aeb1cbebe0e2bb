"""Stage 2 against old builds: of an old part only what may be of use to the new documents.

A filter of the new documents' keys is made first, 88 bytes a document, at most 64 MiB in all. Old
parts are read once, two columns of them, and send what passes it: so what crosses a shuffle, is
compared or read as text follows the new documents, however large the old build is.
"""

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from massivetext.dedup.key_filter import Filter, add_keys, empty_filter, may_hold, united
from massivetext.dedup.lsh_bands import BandKeys, Bands, place_bands
from massivetext.dedup.packed_records import pack, scatter
from massivetext.dedup.pairs import CONTENT, ENTRY
from massivetext.dedup.signature import band_keys
from massivetext.pipelines.flow import flow
from massivetext.pipelines.folder.interrupts import check_interrupt
from massivetext.pipelines.folder.sums import open_part_file
from massivetext.pipelines.stages.duplicates.read import (
    DocumentPart,
    DuplicateSettings,
    decoded,
    left_signatures,
    orders_in,
    read_old_drops,
)
from massivetext.pipelines.stages.shuffle import Block
from massivetext.shards.document_columns import read_fixed, read_strings

Rows = NDArray[np.uint32]


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
    with open_part_file(part.kept) as file:
        for _, values in read_fixed(file, "content_hash", "<u8", 2):
            yield values[:, 1].tobytes()
    bands = settings.rules.bands, settings.rules.rows
    with open_part_file(part.kept) as file:
        for _, signatures in read_fixed(file, "signature", "<u4", 128):
            check_interrupt()
            yield band_keys(signatures, *bands).tobytes()


class ReadOldPart:
    """Yields an old part's `CONTENT` blocks; tagged "keys" and "entries": those of its bands."""

    def __init__(self, settings: DuplicateSettings) -> None:
        self._settings = settings

    def process(self, encoded: Block, known: bytes) -> Iterator[Block | flow.Tagged]:
        """Yields the blocks of one part, by partition."""
        check_interrupt()
        part, found = decoded(encoded[1]), np.frombuffer(known, np.uint8)
        _, of_hosts, gone = read_old_drops(part)
        contents = _contents(part, of_hosts, found)
        bands = _bands(part, gone, found, self._settings)
        if not len(contents) and not len(bands.key):
            return
        with open_part_file(part.kept) as file:
            ids = read_strings(file, "id")
        yield from _content_blocks(part, contents, ids, self._settings)
        for partition, records in scatter(bands.key, bands.partition):
            yield flow.Tagged("keys", (partition, pack(part.part, records)))
        entries = _entries(part, bands, ids, self._settings)
        for partition, records in scatter(entries, bands.partition):
            yield flow.Tagged("entries", (partition, pack(part.part, records)))


def _contents(part: DocumentPart, of_hosts: Rows, known: Filter) -> NDArray[Any]:
    """Returns the `CONTENT` records, without ids and orders, of what may equal a new document."""
    found = [np.empty(0, CONTENT)]
    with open_part_file(part.kept) as file:
        for first, hashes in read_fixed(file, "content_hash", "<u8", 2):
            rows = np.flatnonzero(may_hold(known, hashes[:, 1]))
            records = np.zeros(len(rows), CONTENT)
            records["row"] = rows + first
            records["low"], records["high"] = hashes[rows, 0], hashes[rows, 1]
            found.append(records)
    records = np.concatenate(found)
    return records[~np.isin(records["row"], of_hosts)]


def _bands(part: DocumentPart, gone: Rows, known: Filter, settings: DuplicateSettings) -> BandKeys:
    left = np.ones(part.rows, bool)
    left[gone] = False
    bands = Bands(settings.rules.bands, settings.rules.rows)
    with open_part_file(part.kept) as file:
        batches = left_signatures(read_fixed(file, "signature", "<u4", 128), left)
        return place_bands(batches, settings.band_partitions, bands, known)


def _content_blocks(
    part: DocumentPart, contents: NDArray[Any], ids: list[str], settings: DuplicateSettings
) -> Iterator[Block]:
    names = "".join(ids[row] for row in contents["row"].tolist())
    contents["id"] = np.frombuffer(bytes.fromhex(names), "V16")
    contents["order"] = orders_in(part, contents["row"], ids, settings)
    partitions = contents["high"] % np.uint64(settings.content_partitions)
    for partition, records in scatter(contents, partitions):
        yield partition, pack(part.part, records)


def _entries(
    part: DocumentPart, bands: BandKeys, ids: list[str], settings: DuplicateSettings
) -> NDArray[Any]:
    entries = np.empty(len(bands.key), ENTRY)
    entries["key"], entries["row"] = bands.key, bands.row
    rows, place = np.unique(bands.row, return_inverse=True)
    entries["order"] = orders_in(part, rows, ids, settings)[place]
    return entries
