"""Token sequences out of our TFRecord shards, by number, each checked by its checksums.

All records of a shard have one size, so the place of a record is arithmetic and no index is needed.
"""

import functools
import itertools
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from massivetext.errors import ConfigError, StageError
from massivetext.shards.example import layout
from massivetext.shards.tfrecord import FOOTER_BYTES, FRAME_BYTES, HEADER_BYTES, header, masked_crc
from massivetext.storage.files import file_size, read_bytes
from massivetext.storage.paths import is_local

MAX_LENGTH = 1 << 20  # tokens; the recipes allow no more


class Shard:
    """One TFRecord file of sequences of one length."""

    def __init__(self, path: str, verify: bool = True) -> None:
        """Opens a shard.

        Raises:
          ConfigError: the file is not one of ours, or it ends inside a record.
        """
        self.path, self.verify = path, verify
        size = file_size(path)
        payload = int.from_bytes(read_bytes(path, 0, 8), "little")
        self.length = _sequence_length(payload + FRAME_BYTES)
        self.stride = payload + FRAME_BYTES
        if not self.length or size % self.stride:
            raise ConfigError(
                f"{path}: {size:,} bytes are no whole number of our records; the file is cut or "
                "not a shard: write it again"
            )
        self.count = size // self.stride
        self._file = np.memmap(path, np.uint8, "r") if is_local(path) else None
        self._frame, self._fixed = _frame(self.length)

    def read(self, numbers: NDArray[np.int64]) -> NDArray[np.uint16]:
        """Returns the sequences of these numbers, (n, length + 1); runs are read at once.

        Raises:
          StageError: a record's checksum does not match.
        """
        rows = np.empty((len(numbers), self.length + 1), np.uint16)
        for start, stop in _runs(numbers):
            data = self._bytes(int(numbers[start]), int(numbers[stop - 1]) + 1)
            if self.verify:
                self._check(data, int(numbers[start]))
            tokens = data[:, -2 * (self.length + 1) - FOOTER_BYTES : -FOOTER_BYTES]
            rows[start:stop] = np.ascontiguousarray(tokens).view("<u2")
        return rows

    def _bytes(self, start: int, stop: int) -> NDArray[np.uint8]:
        first, last = start * self.stride, stop * self.stride
        if self._file is not None:
            return self._file[first:last].reshape(-1, self.stride)
        data = np.frombuffer(read_bytes(self.path, first, last), np.uint8)
        return data.reshape(-1, self.stride)

    def _check(self, data: NDArray[np.uint8], first: int) -> None:
        framed = (data == self._frame) | ~self._fixed  # the checksum does not cover the frame
        for i, row in enumerate(data):
            crc = int.from_bytes(row[-FOOTER_BYTES:].tobytes(), "little")
            whole = masked_crc(row[HEADER_BYTES:-FOOTER_BYTES].tobytes()) == crc
            if not (whole and framed[i].all()):
                raise StageError(
                    f"{self.path}: record {first + i} does not match its checksum; the file is "
                    "damaged: write this shard again"
                )


def _sequence_length(stride: int) -> int:
    """Returns the sequence length of records of `stride` bytes, 0 where there is none."""
    size = stride - FRAME_BYTES
    near = range(max(1, size // 2 - 64), min(size // 2, MAX_LENGTH) + 1)  # tags: under 128 bytes
    return next((length for length in near if layout(length).bytes == size), 0)


@functools.cache
def _frame(length: int) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    """Returns one record, and which of its bytes are the same in every record of this length."""
    found = layout(length)
    record = np.zeros(found.bytes + FRAME_BYTES, np.uint8)
    start = header(found.bytes) + found.prefix
    record[: len(start)] = np.frombuffer(start, np.uint8)
    fixed = np.arange(len(record)) < len(start)
    fixed[HEADER_BYTES + found.source] = False
    return record, fixed


def _runs(numbers: NDArray[np.int64]) -> Iterator[tuple[int, int]]:
    """Yields the (start, stop) of each run of consecutive numbers."""
    cuts = np.flatnonzero(np.diff(numbers) != 1) + 1
    edges = [0, *cuts.tolist(), len(numbers)]
    yield from ((a, b) for a, b in itertools.pairwise(edges) if a < b)


class Records:
    """The sequences of several shards, numbered 0, 1, ... through them in order."""

    def __init__(self, shards: Sequence[Shard]) -> None:
        """Joins shards.

        Raises:
          ConfigError: their sequences differ in length.
        """
        self.shards = tuple(shards)
        lengths = {shard.length for shard in shards}
        if len(lengths) != 1:
            raise ConfigError(
                f"{shards[0].path}: shards hold sequences of lengths {sorted(lengths)}"
            )
        self.length = lengths.pop()  # tokens to predict
        self._ends = np.cumsum([shard.count for shard in shards])

    def __len__(self) -> int:
        """Returns the number of sequences."""
        return int(self._ends[-1])

    def read(self, numbers: NDArray[np.int64]) -> NDArray[np.uint16]:
        """Returns the sequences of these numbers, (n, length + 1).

        Raises:
          StageError: a record's checksum does not match.
        """
        rows = np.empty((len(numbers), self.length + 1), np.uint16)
        owners = np.searchsorted(self._ends, numbers, "right")
        for owner in np.unique(owners):
            chosen = np.flatnonzero(owners == owner)
            first = int(self._ends[owner - 1]) if owner else 0
            local = numbers[chosen] - first
            order = np.argsort(local, kind="stable")
            rows[chosen[order]] = self.shards[owner].read(local[order])
        return rows
