"""Shards of a data set that TensorFlow Datasets prepared, such as C4, read without TensorFlow.

Every file format holds `tf.train.Example` messages with the features text, url and timestamp.
"""

import shutil
import struct
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import BinaryIO

from massivetext.document import Origin, Record
from massivetext.errors import RecordError
from massivetext.extras import require
from massivetext.limits import MAX_RECORD_BYTES
from massivetext.readers.bytes.decompress import RawStream, expand
from massivetext.readers.rows.jsonl import Row
from massivetext.readers.rows.parquet import parquet_rows
from massivetext.readers.rows.rows import PLAIN, Fields, row_record
from massivetext.shards.example import read_features
from massivetext.shards.tfrecord import FOOTER_BYTES, HEADER_BYTES, checked, header

PARQUET_MAGIC = b"PAR1"
ARRAY_RECORD_MAGIC = b"\x83\xaf\x70\xd1"  # of Riegeli, which array_record builds on


def read_tfds(
    file: BinaryIO,
    origin: Origin,
    start: int = 0,
    end: int | None = None,
    fields: Fields = PLAIN,
) -> Iterator[Record]:
    """Yields the records of one shard: TFRecord, array_record or Parquet, told by its first bytes.

    The position is the record's number. A shard is read whole, by the slice from 0. A record whose
    checksum is wrong is `Broken`; where the frame itself is damaged the shard ends with one
    `Broken`. The files beside the shards (features.json, dataset_info.json) are no input.
    """
    if start:
        return
    for number, value in _examples(file):
        try:
            if isinstance(value, RecordError):
                raise value
            row = _row(value, fields)
        except RecordError as error:
            yield origin.broken(number, str(error))
        else:
            yield row_record(row, origin, number, fields)


def _examples(file: BinaryIO) -> Iterator[Row]:
    magic = RawStream(file).read(4)
    if magic == PARQUET_MAGIC:
        return parquet_rows(file, ("data",), ("data",), 0, None)
    return _array_records(file) if magic == ARRAY_RECORD_MAGIC else _tf_records(file)


def _tf_records(file: BinaryIO) -> Iterator[Row]:
    """Yields the records of a TFRecord file, plain or compressed as a whole."""
    number, raw = 0, ChunkReader(expand(file))
    try:
        for value in _framed(raw):
            yield number, value
            number += 1
    except RecordError as error:
        yield number, error


def _framed(raw: "ChunkReader") -> Iterator[object]:
    while start := raw.read(HEADER_BYTES):
        length = struct.unpack("<Q", start[:8])[0] if len(start) == HEADER_BYTES else 0
        if start != header(length) or length > MAX_RECORD_BYTES:
            raise RecordError("damaged or too long TFRecord; the rest is not read")
        framed = raw.read(length + FOOTER_BYTES)
        try:
            value: object = checked(framed, length, "TFRecord")
        except RecordError as error:
            value = error
        yield value


class ChunkReader:
    """Chunks of bytes, read in pieces of any size."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._held = bytearray()
        self._at = 0

    def read(self, size: int) -> bytes:
        """Returns `size` bytes, fewer only at the end."""
        while len(self._held) - self._at < size:
            chunk = next(self._chunks, None)
            if chunk is None:
                break
            del self._held[: self._at]
            self._at = 0
            self._held += chunk
        data = bytes(self._held[self._at : self._at + size])
        self._at += len(data)
        return data


def _array_records(file: BinaryIO) -> Iterator[Row]:
    require("tfds", "reading array_record files")
    from array_record.python import array_record_module

    with _local_path(file) as path:
        reader = array_record_module.ArrayRecordReader(path)
        count = reader.num_records()
        if not count:
            yield 0, RecordError("array_record file without records, or cut short")
        for number in range(count):
            try:
                (value,) = reader.read([number])
            except (RuntimeError, IndexError, ValueError) as error:
                yield number, RecordError(f"the rest is not readable: {error}")
                return
            yield number, value


@contextmanager
def _local_path(file: BinaryIO) -> Iterator[str]:
    """Yields the path of a copy: the library opens paths only, and `file` may be in a store."""
    file.seek(0)
    with tempfile.NamedTemporaryFile(suffix=".array_record") as copy:
        shutil.copyfileobj(file, copy, 1 << 20)
        copy.flush()
        yield copy.name


def _row(value: object, fields: Fields) -> Mapping[str, object]:
    """Returns the features of one serialized example that are read; None for one without bytes.

    Raises:
      RecordError: if it is no example.
    """
    if isinstance(value, Mapping):  # a row of Parquet
        value = value["data"]
    if not isinstance(value, bytes):
        raise RecordError(f"no example but {type(value).__name__}")
    try:
        lists = read_features(value)
    except RecordError as error:
        raise RecordError(f"no example: {error}") from error
    return {key: next(iter(lists[key]), None) for key in fields.columns() if key in lists}
