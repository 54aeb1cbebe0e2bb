"""One file of an export, whole or not at all."""

import shutil
import struct
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from massivetext.exports.sequences.plan import OutFile
from massivetext.exports.sequences.source import Block, Source
from massivetext.shards.example import to_examples, to_integers
from massivetext.storage.files import new_file
from massivetext.storage.paths import join

ENDINGS = {  # of the files of one `OutFile`; the last is written last
    "arrayrecord": ("",),
    "maxtext": ("",),
    "megatron": (".bin", ".idx"),
    "npy": ("-sources.npy", ".npy"),
    "bin": (".bin",),
}
_INDEX_HEADER = b"MMIDIDX\x00\x00"
_UINT16 = 8  # Megatron's code of the type


class FileWork(NamedTuple):
    """What a process needs to write files."""

    source: Source
    folder: str  # of the export
    format: str


def write_file(work: FileWork, file: OutFile) -> int:
    """Writes a file; returns its sequences.

    Raises:
      RecordError: a record of a shard is broken; nothing is written.
      StageError: a shard does not hold what the metadata counts; nothing is written.
    """
    path = join(work.folder, file.stem)
    blocks = _blocks(work.source, file)
    if work.format == "arrayrecord":
        _write_records(path, _examples(blocks))
    elif work.format == "maxtext":
        _write_records(path, (to_integers(row) for tokens, _ in blocks for row in tokens))
    elif work.format == "npy":
        _write_npy(path, blocks, file.sequences, work.source.length)
    else:
        _write_tokens(path, blocks)
        if work.format == "megatron":
            _write_index(path, file.sequences, work.source.length + 1)
    return file.sequences


def _blocks(source: Source, file: OutFile) -> Iterator[Block]:
    for path, count in file.shards:
        yield from source.blocks(path, count)


def _write_tokens(path: str, blocks: Iterator[Block]) -> None:
    """Writes ``.bin``: little-endian uint16, sequence after sequence."""
    with new_file(f"{path}.bin") as out:
        for tokens, _ in blocks:
            out.write(tokens.astype("<u2", copy=False).tobytes())


def _write_index(path: str, count: int, width: int) -> None:
    """Writes Megatron's ``.idx``: of each sequence its length and place, each a document.

    Header, version 1 (uint64), type (uint8), sequences and documents + 1 (uint64), lengths (int32),
    places in bytes (int64), first sequence of each document and the end (int64).
    """
    with new_file(f"{path}.idx") as out:
        out.write(_INDEX_HEADER + struct.pack("<QBQQ", 1, _UINT16, count, count + 1))
        out.write(np.full(count, width, "<i4").tobytes())
        out.write((np.arange(count, dtype="<i8") * (2 * width)).tobytes())
        out.write(np.arange(count + 1, dtype="<i8").tobytes())


def _write_npy(path: str, blocks: Iterator[Block], count: int, length: int) -> None:
    """Writes arrays (sequences, length + 1) of tokens and (sequences,) of sources."""
    sources = [np.empty(0, np.uint8)]
    header = {"descr": "<u2", "fortran_order": False, "shape": (count, length + 1)}
    with new_file(f"{path}.npy") as out:
        np.lib.format.write_array_header_1_0(out, header)
        for tokens, own in blocks:
            out.write(tokens.astype("<u2", copy=False).tobytes())
            sources.append(own)
        with new_file(f"{path}-sources.npy") as beside:
            np.save(beside, np.concatenate(sources), allow_pickle=False)


def _examples(blocks: Iterator[Block]) -> Iterator[bytes]:
    """Yields the examples of the TFRecords."""
    for tokens, sources in blocks:
        for example in to_examples(tokens, sources):
            yield example.tobytes()


def _write_records(path: str, records: Iterator[bytes]) -> None:
    """Writes an ArrayRecord file; the library writes local files alone."""
    from array_record.python.array_record_module import ArrayRecordWriter

    with tempfile.TemporaryDirectory() as folder:
        local = Path(folder) / "records"
        writer = ArrayRecordWriter(str(local), "group_size:1,zstd:3")
        try:
            for record in records:
                writer.write(record)
        finally:
            writer.close()
        with local.open("rb") as file, new_file(path) as out:
            shutil.copyfileobj(file, out, 1 << 20)
