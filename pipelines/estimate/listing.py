"""Inputs that are known by a list of their names alone: Common Crawl's paths of a dump."""

import gzip
from collections.abc import Iterator
from pathlib import Path

from massivetext.config.recipe import Recipe
from massivetext.config.sources import like_of
from massivetext.corpus.parts import InputFile
from massivetext.errors import ConfigError
from massivetext.readers.formats import format_of

# Bytes of a file of Common Crawl's, by the end of its name: a dump is about 90,000 files of each
# kind, which together are about 95 TB (WARC) and 8 TB (WET) as its announcements say.
TYPICAL = {".warc.gz": 1_060_000_000, ".warc.wet.gz": 90_000_000}
_GZIP = b"\x1f\x8b"  # the first bytes of a gzipped list
_MOST = 50_000_000  # lines


def listed_files(recipe: Recipe, source: str, path: Path) -> list[InputFile]:
    """Returns the inputs of a source that a list names: a path a line, and bytes behind a blank.

    The list may be gzipped. Without bytes a file is taken to be as large as Common Crawl's are.

    Raises:
      ConfigError: the list or the source is not there, or a name tells no format or size.
    """
    if source not in recipe.sources:
        raise ConfigError(f"--listing: the recipe has no source {source}")
    like = like_of(source, recipe.sources[source])
    files = []
    for number, line in enumerate(_lines(path), 1):
        if number > _MOST:
            raise ConfigError(f"--listing: {path} has more than {_MOST:,} lines")
        name, _, size = line.strip().partition(" ")
        if name:
            files.append(
                InputFile(source, name, name, format_of(like, name), _size(name, size), "")
            )
    if not files:
        raise ConfigError(f"--listing: {path} names no file")
    return sorted(set(files))


def _lines(path: Path) -> Iterator[str]:
    try:
        with path.open("rb") as raw:
            zipped = raw.read(2) == _GZIP
        with gzip.open(path) if zipped else path.open("rb") as file:
            yield from (line.decode() for line in file)
    except FileNotFoundError as error:
        raise ConfigError(f"--listing: no file {path}") from error
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise ConfigError(f"--listing: cannot read {path}: {error}") from error


def _size(name: str, text: str) -> int:
    if text.strip().isdecimal():
        return int(text)
    if text.strip():
        raise ConfigError(f"--listing: {text.strip()!r} behind {name} is no number of bytes")
    typical = [size for end, size in TYPICAL.items() if name.endswith(end)]
    if not typical:
        raise ConfigError(f"--listing: no size is known of {name}; write its bytes behind it")
    return typical[-1]
