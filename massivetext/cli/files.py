"""Documents of files named on the command line, whose names tell their formats."""

import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import IO

from massivetext.document import Broken, Document, Dropped, Origin, Record
from massivetext.errors import ConfigError
from massivetext.readers.formats import format_of, reader_for
from massivetext.readers.rows.jsonl import read_jsonl
from massivetext.readers.rows.parquet import read_parquet
from massivetext.readers.rows.rows import COMMAND, Fields
from massivetext.shards.compressed import compressed

_KNOWN = (
    ".jsonl .json .ndjson .txt .xml (also .gz .zst .bz2), .parquet, .epub, .tfrecord,"
    " .warc .wet (.gz .zst)"
)


def read_inputs(paths: Sequence[str], source: str, fields: Fields = COMMAND) -> Iterator[Record]:
    """Returns every record of the files, in order; the files are checked before the first is read.

    Args:
      paths: local files; JSON lines (also .gz, .zst) and Parquet with the keys `id`, `text` and
        optionally `url` and `source`, or WARC, WET, plain text, EPUB and wiki dumps.
      source: the source of documents that do not name one.
      fields: the keys of rows.

    Raises:
      ConfigError: a file is not there, named twice, or its name tells no format.
    """
    formats = [_format(path) for path in paths]
    full = [os.path.abspath(path) for path in paths]  # noqa: PTH100  (keeps links as named)
    if len(set(full)) < len(full):
        raise ConfigError("an input is named twice")
    names = [os.path.relpath(path, _folder(full)) for path in full]
    rows = zip(paths, formats, names, strict=True)
    return chain.from_iterable(
        _read(path, kind, Origin(source, name), fields) for path, kind, name in rows
    )


def _folder(paths: Sequence[str]) -> str:
    """Returns the folder that holds all files: names below it tell them and their ids apart."""
    return os.path.commonpath([Path(path).parent for path in paths])


def _format(path: str) -> str:
    if Path(path).is_dir():
        raise ConfigError(f"{path} is a folder: name the files in it, as in {path}/*.jsonl")
    if not Path(path).is_file():
        raise ConfigError(f"no file {path}")
    try:
        return format_of("web", path)
    except ConfigError as error:
        raise ConfigError(f"{path}: its name tells no format; known are {_KNOWN}") from error


def _read(path: str, kind: str, origin: Origin, fields: Fields) -> Iterator[Record]:
    with Path(path).open("rb") as file:
        if kind == "parquet":
            yield from read_parquet(file, origin, fields=fields)
        elif kind.startswith("jsonl"):
            yield from read_jsonl(file, origin, fields=fields)
        else:
            yield from reader_for("web", kind)(file, origin, 0, None)


def documents_of(records: Iterable[Record]) -> Iterator[Document]:
    """Yields the documents among records; what is broken, and all counts, go to standard error."""
    documents = broken = dropped = 0
    for record in records:
        if isinstance(record, Document):
            documents += 1
            yield record
        elif isinstance(record, Broken):
            broken += 1
            sys.stderr.write(f"{record}\n")
        elif isinstance(record, Dropped):
            dropped += 1
    sys.stderr.write(
        f"{documents:,} documents; {broken:,} records could not be read, {dropped:,} hold no"
        " document\n"
    )


@contextmanager
def open_output(path: str, inputs: Sequence[str]) -> Iterator[IO[bytes]]:
    """Yields the open output file, compressed if its name ends in .gz or .zst.

    It is there only when it is whole: until the block has ended, what is written is in OUT.part.

    Args:
      path: ``-`` is standard output.
      inputs: files that it must not overwrite.

    Raises:
      ConfigError: the file is one of the inputs, or cannot be written.
    """
    if path == "-":
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()  # before a command says what it did: a reader may have gone
        return
    if any(Path(path).resolve() == Path(name).resolve() for name in inputs):
        raise ConfigError(f"{path} is an input too: writing it would destroy it")
    plain = not Path(path).exists() or Path(path).is_file()  # no pipe or device
    place = Path(f"{path}.part" if plain else path)
    try:
        file = place.open("wb")
    except OSError as error:
        raise ConfigError(f"cannot write {path}: {error.strerror}") from error
    try:
        with file, compressed(file, path) as out:
            yield out
        if plain:
            place.replace(path)
    finally:
        if plain:
            place.unlink(missing_ok=True)
