"""Documents of files named on the command line, whose names tell their formats."""

import argparse
import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from itertools import chain
from pathlib import Path
from typing import IO, BinaryIO, Final

from massivetext.cli.standard_input import NAME, open_standard_input
from massivetext.document import Broken, Document, Dropped, Origin, Record
from massivetext.errors import ConfigError
from massivetext.readers.formats import format_of, reader_for
from massivetext.readers.rows.rows import COMMAND, Fields
from massivetext.shards.compressed import compressed

_KNOWN = (
    ".jsonl .json .ndjson .txt .xml (also .gz .zst .bz2), .parquet, .epub, .tfrecord,"
    " .warc .wet (.gz .zst)"
)
INPUTS: Final = "JSON lines, Parquet, WARC, …; -: standard input"
NAME_KEY: Final = "; --text-key names the key of the text"
_SHOWN_BROKEN: Final = 10  # records, of a command; all are counted
_UNWRITTEN: Final = (".parquet", ".bz2", ".xz", ".csv", ".tsv", ".warc", ".arrow", ".zip")


def add_text_key(parser: argparse._ActionsContainer) -> None:
    """Adds ``--text-key``."""
    parser.add_argument(
        "--text-key",
        default="text",
        metavar="KEY",
        help="of rows, as in content or data.text; default: text",
    )


def add_row_keys(parser: argparse.ArgumentParser) -> None:
    """Adds ``--text-key`` and ``--id-key``."""
    add_text_key(parser)
    parser.add_argument("--id-key", default="id", metavar="KEY", help="of rows; default: id")


def named_fields(arguments: argparse.Namespace, fields: Fields = COMMAND) -> Fields:
    """Returns `fields` with the keys that the command line names; an id that it names must be."""
    required = (arguments.id_key,) if arguments.id_key != "id" else ()
    return fields._replace(text=arguments.text_key, id=arguments.id_key, required=required)


def read_inputs(
    paths: Sequence[str], source: str, fields: Fields = COMMAND, standard: bool = False
) -> Iterator[Record]:
    """Returns every record of the files, in order; the files are checked before the first is read.

    Args:
      paths: local files; JSON lines (also .gz, .zst) and Parquet with the keys `id`, `text` and
        optionally `url` and `source`, or WARC, WET, plain text, EPUB and wiki dumps.
      source: the source of documents that do not name one.
      fields: the keys of rows.
      standard: whether ``-`` among the paths is standard input.

    Raises:
      ConfigError: a file is not there, named twice, or its name tells no format.
    """
    if len({_full(path) for path in paths}) < len(paths):
        raise ConfigError("an input is named twice")
    formats = ["" if standard and path == "-" else _format(path) for path in paths]
    full = [_full(path) for path, kind in zip(paths, formats, strict=True) if kind]
    folder = _folder(full) if full else ""
    rows = zip(paths, formats, strict=True)
    return chain.from_iterable(_read(path, kind, source, folder, fields) for path, kind in rows)


def _full(path: str) -> str:
    return path if path == "-" else os.path.abspath(path)  # noqa: PTH100  (keeps links as named)


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


def _read(path: str, kind: str, source: str, folder: str, fields: Fields) -> Iterator[Record]:
    """Yields the records of a file; of standard input where there is no kind."""
    if not kind:
        standard, kind = open_standard_input()
        with standard:
            yield from _records(standard, kind, Origin(source, NAME), fields)
        return
    with Path(path).open("rb") as file:
        name = os.path.relpath(_full(path), folder)
        yield from _records(file, kind, Origin(source, name), fields)


def _records(file: BinaryIO, kind: str, origin: Origin, fields: Fields) -> Iterator[Record]:
    has_rows = kind == "parquet" or kind.startswith("jsonl")
    return reader_for("web", kind, fields if has_rows else None)(file, origin, 0, None)


def documents_of(records: Iterable[Record], advice: str = "") -> Iterator[Document]:
    """Yields the documents among records; what is broken, and all counts, go to standard error.

    `advice` ends the line about records of which none can be read.

    Raises:
      ConfigError: no record can be read: a key or a format is not what the user thinks.
    """
    documents = broken = dropped = 0
    first = ""
    for record in records:
        if isinstance(record, Document):
            documents += 1
            yield record
        elif isinstance(record, Broken):
            broken += 1
            first = first or str(record)
            if broken <= _SHOWN_BROKEN:
                sys.stderr.write(f"{record}\n")
        elif isinstance(record, Dropped):
            dropped += 1
    if broken and not documents + dropped:
        raise none_readable(broken, first + advice)
    sys.stderr.write(
        f"{documents:,} documents; {broken:,} records could not be read, {dropped:,} hold no"
        " document\n"
    )


def none_readable(broken: int, first: str) -> ConfigError:
    """Returns the error of a command that can read none of its records, with the first of them."""
    return ConfigError(f"none of {broken:,} records can be read; the first: {first}")


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
    files = [name for name in inputs if name != "-"]
    if any(Path(path).resolve() == Path(name).resolve() for name in files):
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


def named_outputs(arguments: argparse.Namespace, more: Mapping[str, str | None]) -> dict[str, str]:
    """Returns the paths of a command's outputs by option; of `-o` alone where none is named."""
    named = {"--kept": arguments.kept, "--dropped": arguments.dropped, **more}
    named |= {"-o": arguments.output}
    return {option: path for option, path in named.items() if path is not None} or {"-o": "-"}


@contextmanager
def open_outputs(named: Mapping[str, str], inputs: Sequence[str]) -> Iterator[dict[str, IO[bytes]]]:
    """Yields the open output files of several options, as `open_output` opens each.

    Args:
      named: the path of each option.
      inputs: files that none must overwrite.

    Raises:
      ConfigError: two are one file, a name tells a format that is not written, or as
        `open_output` does.
    """
    _check_apart(named)
    with ExitStack() as stack:
        yield {
            option: stack.enter_context(open_output(path, inputs)) for option, path in named.items()
        }


def _check_apart(named: Mapping[str, str]) -> None:
    taken: dict[str, str] = {}
    for option, path in named.items():
        if path.lower().endswith(_UNWRITTEN):
            raise ConfigError(
                f"{option} {path}: JSON lines are written; name it .jsonl, .jsonl.gz or .jsonl.zst"
            )
        if path != "-" and Path(path).exists() and not Path(path).is_file():
            continue  # a device or a pipe
        full = path if path == "-" else str(Path(path).resolve())
        for place in (full, f"{full}.part"):  # where it is written until it is whole
            if place in taken:
                where = "standard output" if path == "-" else path
                raise ConfigError(f"{taken[place]} and {option} both write {where}; name another")
            taken[place] = option
