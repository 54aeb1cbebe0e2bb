"""Shards: TFRecord files of sequences. Records are framed by their length and two checksums.

A record is its length (uint64), the length's checksum (uint32), the data and the data's checksum
(uint32), all little-endian; a checksum is CRC-32C, rotated and shifted by a constant
(TensorFlow, `tensorflow/core/lib/io/record_writer.h`).
"""

import struct
from collections.abc import Iterator
from typing import IO, BinaryIO

import google_crc32c
import numpy as np
from numpy.typing import NDArray

from massivetext.errors import RecordError
from massivetext.limits import MAX_RECORD_BYTES
from massivetext.shards.example import from_example, layout, to_examples

HEADER_BYTES = 12
FOOTER_BYTES = 4
FRAME_BYTES = HEADER_BYTES + FOOTER_BYTES
BLOCK_RECORDS = 4_096  # serialized at a time


def masked_crc(data: bytes) -> int:
    """Returns the checksum of data as records hold it.

    >>> hex(masked_crc(b"123456789"))
    '0xc78ab0e5'
    """
    crc = int(google_crc32c.value(data))
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


def header(length: int) -> bytes:
    """Returns what stands before a record's data of `length` bytes."""
    packed = struct.pack("<Q", length)
    return packed + struct.pack("<I", masked_crc(packed))


def frame(data: bytes) -> bytes:
    """Returns a record: data with its header and footer.

    >>> len(frame(b"data"))
    20
    """
    return header(len(data)) + data + struct.pack("<I", masked_crc(data))


def read_records(file: BinaryIO, name: str) -> Iterator[bytes]:
    """Yields the data of each record of a file, checked.

    Args:
      file: at the first record.
      name: for messages.

    Raises:
      RecordError: a checksum is wrong, or the file ends inside a record; with the record's number.
    """
    number = 0
    while start := file.read(HEADER_BYTES):
        yield _rest_of_record(file, start, f"{name}: record {number}")
        number += 1


def _rest_of_record(file: BinaryIO, start: bytes, name: str) -> bytes:
    if len(start) < HEADER_BYTES:
        raise RecordError(f"{name}: the file ends inside it")
    (length,) = struct.unpack_from("<Q", start)
    if header(length) != start:
        raise RecordError(f"{name}: the checksum of its length is wrong")
    if length > MAX_RECORD_BYTES:
        raise RecordError(f"{name}: {length:,} bytes; at most {MAX_RECORD_BYTES:,}")
    return checked(file.read(length + FOOTER_BYTES), length, name)


def checked(framed: bytes, length: int, name: str) -> bytes:
    """Returns the data of a record without its header; raises RecordError where it is broken."""
    if len(framed) < length + FOOTER_BYTES:
        raise RecordError(f"{name}: the file ends inside it")
    data = framed[:length]
    if struct.unpack_from("<I", framed, length) != (masked_crc(data),):
        raise RecordError(f"{name}: the checksum of its data is wrong")
    return data


def record_bytes(length: int) -> int:
    """Returns the size of the record of a sequence of `length` + 1 tokens.

    >>> record_bytes(2_048)
    4154
    """
    return layout(length).bytes + FRAME_BYTES


def write_records(
    file: IO[bytes], sequences: NDArray[np.uint16], sources: NDArray[np.uint8]
) -> None:
    """Writes a record for each of the sequences, (n, length + 1), of the sources, (n,)."""
    for start in range(0, len(sequences), BLOCK_RECORDS):
        block = slice(start, start + BLOCK_RECORDS)
        examples = to_examples(sequences[block], sources[block])
        before = header(examples.shape[1])
        for example in examples:
            data = example.tobytes()
            file.write(b"".join((before, data, struct.pack("<I", masked_crc(data)))))


def read_shard(file: BinaryIO, length: int, name: str) -> Iterator[tuple[int, NDArray[np.uint16]]]:
    """Yields the source and the tokens, (length + 1,), of each record of a shard, checked.

    Raises:
      RecordError: a record is broken; with the file's name and the record's number.
    """
    for number, data in enumerate(read_records(file, name)):
        yield from_example(data, length, f"{name}: record {number}")


class RecordFile:
    """A shard's sequences by number: `len(shard)`, `shard[i]` -> (source, tokens)."""

    def __init__(self, file: BinaryIO, length: int, name: str) -> None:
        """Takes an open, seekable shard; raises RecordError where it ends inside a record."""
        self._file, self._length, self._name = file, length, name
        size = file.seek(0, 2)
        if size % record_bytes(length):
            raise RecordError(f"{name}: not whole records of {length + 1:,} tokens")
        self._count = size // record_bytes(length)

    def __len__(self) -> int:
        """Returns the number of records."""
        return self._count

    def __getitem__(self, number: int) -> tuple[int, NDArray[np.uint16]]:
        """Returns the source and the tokens, (length + 1,), of a record, checked.

        Raises:
          RecordError: it is broken.
          IndexError: there is none.
        """
        if not 0 <= number < self._count:
            raise IndexError(f"{self._name} has {self._count:,} records, not number {number}")
        name = f"{self._name}: record {number}"
        size = layout(self._length).bytes
        self._file.seek(number * record_bytes(self._length) + HEADER_BYTES)
        data = checked(self._file.read(size + FOOTER_BYTES), size, name)
        return from_example(data, self._length, name)
