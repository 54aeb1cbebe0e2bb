"""Compressed output by a file's name, the same bytes for the same content."""

import gzip
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, cast

import zstandard


@contextmanager
def compressed(file: IO[bytes], name: str) -> Iterator[IO[bytes]]:
    """Yields what to write to: compressed where `name` ends in .gz or .zst; `file` stays open."""
    if name.endswith(".gz"):
        with gzip.GzipFile("", "wb", fileobj=file, mtime=0) as out:
            yield cast("IO[bytes]", out)
    elif name.endswith(".zst"):
        with zstandard.ZstdCompressor().stream_writer(file, closefd=False) as packed:
            yield cast("IO[bytes]", packed)
    else:
        yield file
