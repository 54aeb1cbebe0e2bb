"""Which reader reads which format, and which format a file's name says."""

import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from importlib import import_module
from typing import BinaryIO, cast, get_args

from massivetext.config.sources import Format
from massivetext.document import Origin, Record
from massivetext.errors import ConfigError
from massivetext.readers.rows.rows import Fields

Reader = Callable[[BinaryIO, Origin, int, int | None], Iterator[Record]]

_READERS = {  # modules of this folder, and their functions
    "warc": "warc.read:read_warc",
    "jsonl": "rows.jsonl:read_jsonl",
    "jsonl-compressed": "rows.jsonl:read_jsonl",
    "parquet": "rows.parquet:read_parquet",
    "text": "books.read:read_book",
    "epub": "books.epub:read_epub",
    "wiki-xml": "wikipedia.read:read_wikipedia",
    "github-jsonl": "code.read:read_github_jsonl",
    "github-jsonl-compressed": "code.read:read_github_jsonl",
    "github-parquet": "code.read:read_github_parquet",
    "tfds": "rows.tfds:read_tfds",
}


class _Readers(Mapping[str, Reader]):
    """The readers by format."""

    def __getitem__(self, name: str) -> Reader:
        if name not in _READERS:
            raise KeyError(name)
        return reader_for("", name)

    def __iter__(self) -> Iterator[str]:
        return iter(_READERS)

    def __len__(self) -> int:
        return len(_READERS)


READ = _Readers()

# Formats of which a byte range can be read. A range of a file that turns out to be one stream is
# read whole by the range that starts at 0, so a wrong name costs balance, not records.
DIVISIBLE = frozenset({"jsonl", "parquet", "wiki-xml", "github-jsonl", "github-parquet"})

# What a name ends in, and its format; the first that fits.
NAMES: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.I), name)
    for pattern, name in (
        (r"\.(?:tfrecords?|array_record|parquet)-\d{5}-of-\d{5}(?:\.gz)?$", "tfds"),
        (r"\.(?:tfrecords?(?:\.gz)?|array_record)$", "tfds"),
        (r"\.(?:warc|wet|wat)(?:\.(?:gz|zst))?$", "warc"),
        (r"\.(?:jsonl?|ndjson)$", "jsonl"),
        (r"\.(?:jsonl?|ndjson)\.(?:gz|zst|bz2)$", "jsonl-compressed"),
        (r"\.parquet$", "parquet"),
        (r"\.te?xt(?:\.(?:gz|zst|bz2))?$", "text"),
        (r"\.epub$", "epub"),
        (r"\.xml(?:-p\d+p\d+)?(?:\.(?:bz2|gz|zst))?$", "wiki-xml"),
    )
)
_CHOICES = [name for name in get_args(Format) if name != "auto"]  # of a recipe
GITHUB = frozenset({"jsonl", "jsonl-compressed", "parquet"})  # have a shape of their own
_ROWS = GITHUB | {"tfds"}


def reader_for(source: str, format: str, fields: Fields | None = None) -> Reader:
    """Returns the reader of a format, for a source.

    Args:
      source: one of the paper's six.
      format: as `format_of` returns it, or as a recipe names it.
      fields: the keys of rows that are not of the source's usual shape.

    >>> reader_for("github", "jsonl").__name__
    'read_github_jsonl'

    Raises:
      ConfigError: if there is no such format, or it has no keys to name.
    """
    if fields is not None:
        return _row_reader(format, fields)
    name = _of_source(source, format)
    if name not in _READERS:
        raise ConfigError(f"no format {format!r}; known are {', '.join(READ)}")
    # Imported when it is asked for: all of them take 0.1 s.
    module, _, function = _READERS[name].partition(":")
    return cast("Reader", getattr(import_module(f"massivetext.readers.{module}"), function))


def _row_reader(format: str, fields: Fields) -> Reader:
    if not has_keys(format):
        raise ConfigError(f"format {format!r} has no keys to name; only rows have")
    read: Callable[..., Iterator[Record]] = READ[format]
    return partial(read, fields=fields)


def has_keys(format: str) -> bool:
    """Returns whether files of a format are rows whose keys a recipe may name.

    >>> has_keys("parquet"), has_keys("warc")
    (True, False)
    """
    return format.removeprefix("github-") in _ROWS


def format_of(source: str, path: str) -> str:
    """Returns the format that a file's name says, for a source.

    >>> format_of("c4", "en/c4-train.00000-of-01024.json.gz"), format_of("github", "a.parquet")
    ('jsonl-compressed', 'github-parquet')

    Raises:
      ConfigError: if its end is not known.
    """
    for pattern, name in NAMES:
        if pattern.search(path):
            return _of_source(source, name)
    raise ConfigError(
        f"{path}: the name tells no format; name it by `format`, one of {', '.join(_CHOICES)}"
    )


def divisible(format: str) -> bool:
    """Returns whether a byte range of a file of this format can be read."""
    return format in DIVISIBLE


def _of_source(source: str, name: str) -> str:
    return f"github-{name}" if source == "github" and name in GITHUB else name
