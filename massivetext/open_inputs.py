"""Documents of files named on the command line: JSON lines, Parquet or WARC, by their names."""

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from massivetext.document import Broken, Document, Dropped, Origin, Record
from massivetext.errors import ConfigError
from massivetext.readers.jsonl import read_jsonl
from massivetext.readers.parquet import read_parquet
from massivetext.readers.rows import COMMAND
from massivetext.readers.warc import read_warc

_WARC = (".warc", ".wet", ".warc.gz", ".wet.gz")
_JSONL = tuple(f".{kind}{packed}" for kind in ("jsonl", "json") for packed in ("", ".gz", ".zst"))


def read_inputs(paths: Iterable[str], source: str) -> Iterator[Record]:
    """Yields every record of the files, in order.

    Args:
      paths: local files; JSON lines (also .gz, .zst) and Parquet with the keys `id`, `text` and
        optionally `url` and `source`, or WARC and WET.
      source: the source of documents that do not name one.

    Raises:
      ConfigError: a file is not there, or its name tells no format.
    """
    paths = list(paths)
    for path in paths:
        if not Path(path).is_file():
            raise ConfigError(f"no file {path}")
        _kind(path)
    for path in paths:
        yield from _read(path, Origin(source, Path(path).name))


def _kind(path: str) -> str:
    kinds = {"warc": _WARC, "jsonl": _JSONL, "parquet": (".parquet",)}
    for kind, suffixes in kinds.items():
        if path.endswith(suffixes):
            return kind
    names = " ".join(suffix for suffixes in kinds.values() for suffix in suffixes)
    raise ConfigError(f"{path}: its name tells no format; known are {names}")


def _read(path: str, origin: Origin) -> Iterator[Record]:
    with Path(path).open("rb") as file:
        kind = _kind(path)
        if kind == "warc":
            yield from read_warc(file, origin)
        elif kind == "parquet":
            yield from read_parquet(file, origin, fields=COMMAND)
        else:
            yield from read_jsonl(file, origin, fields=COMMAND)


def documents_of(records: Iterable[Record]) -> Iterator[Document]:
    """Yields the documents among records; what is broken or no document goes to standard error."""
    broken = dropped = 0
    for record in records:
        if isinstance(record, Document):
            yield record
        elif isinstance(record, Broken):
            broken += 1
            sys.stderr.write(f"{record.path} at {record.position}: {record.message}\n")
        elif isinstance(record, Dropped):
            dropped += 1
    if broken or dropped:
        sys.stderr.write(f"{broken:,} records could not be read, {dropped:,} hold no document\n")


@contextmanager
def open_output(path: str) -> Iterator[IO[bytes]]:
    """Yields the open output file; ``-`` is standard output.

    Raises:
      ConfigError: the file cannot be written.
    """
    if path == "-":
        yield sys.stdout.buffer
        return
    try:
        file = Path(path).open("wb")  # noqa: SIM115  (closed below; only opening may fail in one line)
    except OSError as error:
        raise ConfigError(f"cannot write {path}: {error.strerror}") from error
    with file:
        yield file
