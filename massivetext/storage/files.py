"""Open, read, write, list and delete files by path."""

import errno
import io
import os
import shutil
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import IO, BinaryIO, cast

from massivetext.errors import ConfigError, StageError
from massivetext.storage.globs import WILDCARDS, first_wildcard, glob_regex
from massivetext.storage.local import find_local, glob_local, new_local_file
from massivetext.storage.paths import FileInfo, is_local, join, local_path, split
from massivetext.storage.range_file import open_ranges
from massivetext.storage.settings import current
from massivetext.storage.stores import store_of
from massivetext.text.surrogates import LONE_SURROGATE

_AT_ONCE = 16  # requests
_CHUNK = 1 << 20


def open_file(path: str) -> BinaryIO:
    """Returns the open, seekable, raw (never decompressed) binary file at `path`.

    Of an object only the ranges that are read are asked for. One that is replaced or deleted in
    between cannot be read on: no file mixes versions.

    Raises:
      FileNotFoundError: it is not there.
      OSError: it cannot be read.
    """
    if is_local(path):
        return Path(path).open("rb")
    store = store_of(path)
    info = store.find(path)
    if info is None:
        raise _missing(path)
    version = info.version
    return cast("BinaryIO", open_ranges(info, lambda a, b: store.read(path, a, b, version)))


def read_bytes(path: str, start: int = 0, end: int | None = None) -> bytes:
    """Returns the bytes of a file from `start` up to, not with, `end`; fewer where it is shorter.

    Raises:
      FileNotFoundError: it is not there.
      OSError: it cannot be read.
    """
    if start < 0 or (end is not None and end < start):
        raise ValueError(f"no range of bytes: {start} to {end}")
    if is_local(path):
        with Path(path).open("rb") as file:
            file.seek(start)
            return file.read(-1 if end is None else end - start)
    if start == end and find_file(path) is None:
        raise _missing(path)
    return b"" if start == end else store_of(path).read(path, start, end, None)


@contextmanager
def new_file(path: str) -> Iterator[IO[bytes]]:
    """Yields a file that appears at `path` when the block ends without an error.

    What was there before stays until then, and stays if the block fails. On this machine the file
    has reached the disk when it appears; to an object store it is sent when the block ends.

    Raises:
      OSError: it cannot be written.
      StageError: another run owns the output now; nothing appears.
    """
    if is_local(path):
        with new_local_file(Path(path)) as file:
            yield file
            check_fence()
        return
    store = store_of(path)
    with tempfile.TemporaryFile() as spool:
        yield spool
        size = spool.seek(0, os.SEEK_END)
        spool.seek(0)
        check_fence()
        store.write(path, spool, size)


def write_bytes(path: str, data: bytes) -> None:
    """Writes `data` to `path`, whole or not at all.

    Raises:
      OSError: it cannot be written.
      StageError: another run owns the output now; nothing appears.
    """
    check_fence()
    if is_local(path):
        with new_local_file(Path(path)) as file:
            file.write(data)
    else:
        store_of(path).write(path, io.BytesIO(data), len(data))


def check_fence() -> None:
    """Checks that this process may still write: a job may outlive the run that submitted it.

    Raises:
      StageError: the file that named its job names another one, or is gone.
    """
    fence = current().fence
    if fence is None:
        return
    path, token = fence
    try:
        owned = read_bytes(path) == token.encode()
    except FileNotFoundError:
        owned = False
    if not owned:
        raise StageError(f"this job may no longer write: its run has ended, or another took {path}")


def find_file(path: str) -> FileInfo | None:
    """Returns the file at `path`, None if there is none; wildcards stand for themselves."""
    return find_local(path) if is_local(path) else store_of(path).find(path)


def exists(path: str) -> bool:
    """Returns whether there is a file at `path`; a folder is none."""
    return find_file(path) is not None


def file_size(path: str) -> int:
    """Returns the bytes of the file at `path`.

    Raises:
      ConfigError: there is no such file.
    """
    found = find_file(path)
    if found is None:
        raise ConfigError(f"{path}: no such file")
    return found.size


def list_files(pattern: str) -> list[FileInfo]:
    """Returns the files that match a path or glob, sorted by path; none is no error.

    A pattern that ends with a slash stands for all files of that folder.

    Raises:
      ConfigError: the file system refuses the pattern: a bucket that is not there, a folder that
        may not be read; or a name is not UTF-8, which ids and manifests are made of.
    """
    pattern = f"{pattern}*" if pattern.endswith("/") else pattern
    try:
        found = sorted(glob_local(pattern) if is_local(pattern) else _glob_objects(pattern))
    except (FileNotFoundError, PermissionError) as error:
        raise ConfigError(f"cannot list {pattern!r}: {error}") from error
    odd = next((info.path for info in found if LONE_SURROGATE.search(info.path)), "")
    if odd:
        raise ConfigError(f"the name of {odd!r} is not UTF-8: rename it")
    return found


def _glob_objects(pattern: str) -> Iterator[FileInfo]:
    store = store_of(pattern)
    if not any(c in pattern for c in WILDCARDS):
        found = store.find(pattern)
        return iter([found] if found else [])
    wild = first_wildcard(pattern)
    split(pattern[:wild])
    deep = "/" in pattern[wild:] or "**" in pattern
    whole = glob_regex(pattern)
    return (info for info in store.scan(pattern[:wild], deep) if whole.fullmatch(info.path))


def list_names(folder: str) -> list[str]:
    """Returns the names of the files directly in a folder, sorted; none if it does not exist.

    Raises:
      ConfigError: its bucket does not exist or may not be listed.
    """
    return list(list_sizes(folder))


def list_sizes(folder: str) -> dict[str, int]:
    """Returns the bytes of the files directly in a folder, by name, sorted; none without it.

    Raises:
      ConfigError: its bucket does not exist or may not be listed.
    """
    if is_local(folder):
        path = Path(folder)
        names = sorted(f.name for f in path.iterdir()) if path.is_dir() else []
        found = ((name, find_local(f"{folder}/{name}")) for name in names)
        return {name: info.size for name, info in found if info is not None}
    prefix = join(folder, "")
    try:
        scanned = store_of(folder).scan(prefix, False)
        return dict(sorted((info.path[len(prefix) :], info.size) for info in scanned))
    except (FileNotFoundError, PermissionError) as error:
        raise ConfigError(f"cannot list {folder!r}: {error}") from error


def delete_files(paths: list[str]) -> None:
    """Deletes files; one that is not there is no error.

    Raises:
      OSError: one cannot be deleted.
    """
    for path in filter(is_local, paths):
        Path(path).unlink(missing_ok=True)
    remote = [path for path in paths if not is_local(path)]
    if remote:
        with ThreadPoolExecutor(min(_AT_ONCE, len(remote))) as pool:
            list(pool.map(lambda path: store_of(path).delete(path), remote))


def upload(folder: Path, target: str) -> None:
    """Copies the files below a local folder to a folder, over what is there.

    Raises:
      OSError: one cannot be read or written.
    """
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        with path.open("rb") as source:
            name = join(target, path.relative_to(folder).as_posix())
            if is_local(target):
                with new_local_file(local_path(name)) as file:
                    shutil.copyfileobj(source, file, _CHUNK)
            else:
                store_of(name).write(name, source, path.stat().st_size)


def check_bucket(path: str) -> None:
    """Checks that there is the bucket of a remote path, and that it can be seen.

    Raises:
      ConfigError: there is none, or its metadata may not be read (``storage.buckets.get``).
    """
    store_of(path).check_bucket(path)


def _missing(path: str) -> FileNotFoundError:
    return FileNotFoundError(errno.ENOENT, "No such object", path)
