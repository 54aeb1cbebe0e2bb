"""An export of sequences: its files in parallel, those that are missing alone."""

import sys
from functools import partial
from typing import Any, NamedTuple

from massivetext.config.recipe import digest
from massivetext.exports.folder import finish_folder, start_folder
from massivetext.exports.sequences.plan import OutFile, plan_files
from massivetext.exports.sequences.source import Source, vocabulary_name
from massivetext.exports.sequences.write import ENDINGS, FileWork, write_file
from massivetext.processes.pool import each_written
from massivetext.shards.tfds_metadata import DataSet, SplitShards, metadata_files
from massivetext.storage.files import read_bytes, write_bytes
from massivetext.storage.paths import join


class SequencesExport(NamedTuple):
    """What is asked for."""

    folder: str
    format: str
    shards: int | None = None  # files of each split; None: as many as the build has
    workers: int = 1


def export_sequences(source: Source, asked: SequencesExport) -> dict[str, int]:
    """Writes the sequences of a build in another format; returns how many, by split.

    A rerun writes the files that are missing. The bytes depend on the shards and the format alone.

    Raises:
      ConfigError: the folder holds something else, or the number of files cannot be had.
      RecordError: a record of a shard is broken.
    """
    files = plan_files(source, asked.format, asked.shards)
    record: dict[str, Any] = {"key": digest([source.key, asked.format, asked.shards])}
    record |= {"format": asked.format, "sequence_length": source.length, "dtype": "uint16"}
    record |= {"sources": source.sources, "files": {f.stem: f.sequences for f in files}}
    there = start_folder(asked.folder, record, "other shards")
    todo = [file for file in files if not _is_done(file, asked.format, there)]
    work = FileWork(source, asked.folder, asked.format)
    done = len(files) - len(todo)
    for _ in each_written(partial(write_file, work), todo, min(asked.workers, len(todo))):
        done += 1
        sys.stderr.write(f"export-sequences  {done:,}/{len(files):,} files\n")
    _write_beside(source, asked, files)
    finish_folder(asked.folder, record)
    counts: dict[str, int] = {}
    for file in files:
        counts[file.split] = counts.get(file.split, 0) + file.sequences
    return counts


def _is_done(file: OutFile, kind: str, there: set[str]) -> bool:
    return all(f"{file.stem}{ending}" in there for ending in ENDINGS[kind])


def _write_beside(source: Source, asked: SequencesExport, files: list[OutFile]) -> None:
    """Writes the vocabulary, and what tensorflow-datasets needs, beside the files."""
    if source.vocabulary:
        model = read_bytes(source.vocabulary)
        write_bytes(join(asked.folder, vocabulary_name(model)), model)
    if asked.format != "arrayrecord":
        return
    lengths: dict[str, list[int]] = {}
    for file in files:
        lengths.setdefault(file.split, []).append(file.sequences)
    splits = [SplitShards(name, counts) for name, counts in lengths.items()]
    data = DataSet(source.name, "Token sequences", source.length, source.sources, splits)
    for name, content in metadata_files(data, "array_record").items():
        write_bytes(join(asked.folder, name), content)
