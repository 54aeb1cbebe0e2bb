"""Files of this machine: written whole or not at all, listed by globs."""

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from massivetext.storage.globs import WILDCARDS, fixed_prefix, glob_regex
from massivetext.storage.paths import FileInfo

TEMPORARY = ".tmp-"  # in the names of files that are not whole yet


@contextmanager
def new_local_file(path: Path) -> Iterator[IO[bytes]]:
    """Yields a file that appears at `path`, on the disk, when the block ends without an error."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f"{path.name}{TEMPORARY}{uuid.uuid4().hex}")
    try:
        with temporary.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def find_local(path: str) -> FileInfo | None:
    """Returns the file at a path, None if there is none or it is no plain file."""
    try:
        if not Path(path).is_file():
            return None
        found = Path(path).stat()
    except FileNotFoundError:  # it went in between
        return None
    return FileInfo(path, found.st_size, str(found.st_mtime_ns))


def glob_local(pattern: str) -> Iterator[FileInfo]:
    """Yields the files that match a path or glob.

    Links to folders are followed, but for ``**``, which could go round in circles.

    Raises:
      OSError: a folder that may hold matches cannot be read.
    """
    base = fixed_prefix(pattern)
    rest = pattern[len(base) :]
    names = [rest] if not any(c in rest for c in WILDCARDS) else _matches(base, rest)
    yield from filter(None, (find_local(base + name) for name in names))


def _matches(base: str, rest: str) -> Iterator[str]:
    """Yields the names below `base` that match."""
    whole, deep = glob_regex(rest), "**" in rest
    levels = [glob_regex(name) for name in rest.split("/")[:-1]]
    for root, folders, files in os.walk(base or ".", onerror=_refuse, followlinks=not deep):
        inner = os.path.relpath(root, base or ".")
        above = "" if inner == "." else f"{inner}/"
        yield from (above + name for name in files if whole.fullmatch(above + name))
        if not deep:
            depth = above.count("/")
            level = levels[depth : depth + 1]
            folders[:] = [name for name in folders if level and level[0].fullmatch(name)]


def _refuse(error: OSError) -> None:
    if not isinstance(error, FileNotFoundError | NotADirectoryError):
        raise error
