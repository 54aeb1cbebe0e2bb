"""Band keys of 64 bits: the upper 32 choose the partition, the lower 32 are shuffled.

Most band keys of a corpus occur once. So the keys alone are sent first, four bytes each, and a
bit comes back for each: only documents of repeated keys are sent with their pointers.
"""

from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from massivetext.dedup.key_filter import Filter, may_hold
from massivetext.dedup.packed_records import pack, scatter
from massivetext.dedup.signature import BANDS, ROWS, band_keys, define_band_keys
from massivetext.text.kernels import find_kernels

_NO_SHINGLE = np.uint32(0xFFFFFFFF)  # the signature of a document without words is all of these


class BandKeys(NamedTuple):
    """The band keys of one part's documents, ordered by partition, row and band."""

    partition: NDArray[np.integer[Any]]
    key: NDArray[np.uint32]
    row: NDArray[np.uint32]


class Bands(NamedTuple):
    """How signatures are cut into bands."""

    number: int = BANDS
    rows: int = ROWS


Batch = tuple[NDArray[np.uint32], NDArray[np.uint32]]  # rows; signatures, (documents, 128)
_BANDS = Bands()


def place_bands(
    batches: Iterable[Batch], n: int, bands: Bands = _BANDS, known: Filter | None = None
) -> BandKeys:
    """Returns the band keys of a part's documents and their places among `n` partitions.

    Where a filter of `known` keys is given, those that are surely not in it are left out.
    """
    placed = [_placed(batch, n, bands, known) for batch in batches]
    partition = np.concatenate([p for p, _, _ in placed] or [np.empty(0, np.int64)])
    key = np.concatenate([k for _, k, _ in placed] or [np.empty(0, np.uint32)])
    row = np.concatenate([r for _, _, r in placed] or [np.empty(0, np.uint32)])
    if n == 1:  # in order already
        return BandKeys(partition, key, row)
    if n <= 1 << 16:
        partition = partition.astype(np.uint16)  # which is sorted in linear time
    order = np.argsort(partition, kind="stable")
    return BandKeys(partition[order], key[order], row[order])


def _placed(
    batch: Batch, n: int, bands: Bands, known: Filter | None
) -> tuple[NDArray[np.int64], NDArray[np.uint32], NDArray[np.uint32]]:
    rows, signatures = _with_shingles(batch)
    if known is None:
        keys = band_keys(signatures, *bands).ravel()
        row = np.repeat(rows, bands.number)
    else:
        numbers, keys = known_keys(signatures, bands, known)
        row = rows[numbers]
    place = (keys >> np.uint64(32)) * np.uint64(n) >> np.uint64(32)
    return place.astype(np.int64), keys.astype(np.uint32), row


def _with_shingles(batch: Batch) -> Batch:
    rows, signatures = batch
    if not (signatures[:, 0] == _NO_SHINGLE).any():  # a look at one minimum is cheap
        return batch
    some = (signatures != _NO_SHINGLE).any(axis=1)
    return rows[some], signatures[some]


def known_keys(
    signatures: NDArray[np.uint32], bands: Bands, known: Filter
) -> tuple[NDArray[np.uint32], NDArray[np.uint64]]:
    """Returns the band keys that a filter may hold, and the number of the signature of each."""
    kernels = find_kernels()
    if kernels is None:
        return define_known_keys(signatures, bands, known)
    found = kernels.known_band_keys(np.ascontiguousarray(signatures), *bands, known)
    return np.frombuffer(found[0], np.dtype("<u4")), np.frombuffer(found[1], np.dtype("<u8"))


def define_known_keys(
    signatures: NDArray[np.uint32], bands: Bands, known: Filter
) -> tuple[NDArray[np.uint32], NDArray[np.uint64]]:
    """Returns `known_keys` by the definitions."""
    keys = define_band_keys(signatures, *bands).ravel()
    chosen = np.flatnonzero(may_hold(known, keys))
    return (chosen // bands.number).astype(np.uint32), keys[chosen]


def partition_count(rows: int, record_bytes: int) -> int:
    """Returns into how many partitions the records of `rows` documents are dealt.

    Small ones (4 MB) while there are few, for little memory; then as few as fit a worker (64 MB).

    >>> partition_count(1_000, 84), partition_count(1_000_000, 84), partition_count(10**9, 84)
    (1, 21, 1252)
    """
    total = rows * record_bytes
    return max(1, min(-(-total // (4 << 20)), 64), -(-total // (64 << 20)))


def pack_flags(partition: int, flags: NDArray[np.bool_]) -> bytes:
    """Returns a block with one bit for each key that a part sent to a partition."""
    return pack(partition, np.packbits(flags))


def unpack_flags(keys: BandKeys, blocks: list[bytes]) -> NDArray[np.bool_]:
    """Returns which keys of a part are repeated, from the blocks of all its partitions."""
    flags = np.zeros(len(keys.key), bool)
    answers = {int.from_bytes(block[:4], "little"): block[4:] for block in blocks}
    for partition, places in scatter(np.arange(len(keys.key)), keys.partition):
        if partition in answers:  # else no key of it is repeated
            bits = np.frombuffer(answers[partition], np.uint8)
            flags[places] = np.unpackbits(bits, count=len(places)).astype(bool)
    return flags
