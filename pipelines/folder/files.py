"""Files by path, local or on Beam's file systems (``gs://``, ``s3://``): open, list, write whole.

A file appears under its final name only when it is complete: locally by a temporary name,
fsync and rename; on an object store because an upload becomes visible when it ends.
"""

import json
import os
import shutil
import tempfile
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, BinaryIO, NamedTuple, cast

from apache_beam.io.filesystem import BeamIOError, CompressionTypes
from apache_beam.io.filesystems import FileSystems
from apache_beam.options.pipeline_options import PipelineOptions

from massivetext.errors import ConfigError

TEMPORARY = ".tmp-"  # in the names of files that are not whole yet

if FileSystems._pipeline_options is None:  # until a pipeline or worker sets its own
    FileSystems.set_options(PipelineOptions([]))


class FileInfo(NamedTuple):
    """A file as a listing shows it."""

    path: str
    size: int
    version: str  # changes when the file changes: modification time, locally in nanoseconds


def is_local(path: str) -> bool:
    """Returns whether `path` is a path of this machine.

    >>> is_local("out/sample"), is_local("gs://bucket/out")
    (True, False)
    """
    return "://" not in path


def join(folder: str, *names: str) -> str:
    """Returns the path of a name below a folder.

    >>> join("gs://bucket/out/", "documents", "part-00000.parquet")
    'gs://bucket/out/documents/part-00000.parquet'
    """
    return "/".join((folder.rstrip("/"), *names))


def open_file(path: str) -> BinaryIO:
    """Returns the open, seekable, raw (never decompressed) binary file at `path`.

    Raises:
      OSError: it is not there or cannot be read; each file system has its own error without this.
    """
    if is_local(path):
        return Path(path).open("rb")
    if not exists(path):
        raise FileNotFoundError(f"no such object: {path}")
    return FileSystems.open(path, compression_type=CompressionTypes.UNCOMPRESSED)


@contextmanager
def new_file(path: str) -> Iterator[IO[bytes]]:
    """Yields a file that appears at `path` when the block ends without an error."""
    if is_local(path):
        with _new_local_file(Path(path)) as file:
            yield file
        return
    with tempfile.TemporaryFile() as file:
        yield file
        file.seek(0)
        plain = CompressionTypes.UNCOMPRESSED
        with FileSystems.create(path, compression_type=plain) as target:
            shutil.copyfileobj(file, target, 1 << 20)


@contextmanager
def _new_local_file(path: Path) -> Iterator[IO[bytes]]:
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


def write_file(path: str, fill: Callable[[IO[bytes]], None]) -> None:
    """Writes the file at `path` with what `fill` writes, whole or not at all."""
    with new_file(path) as file:
        fill(file)


def write_bytes(path: str, data: bytes) -> None:
    """Writes `data` to `path`, whole or not at all."""
    with new_file(path) as file:
        file.write(data)


def read_bytes(path: str) -> bytes:
    """Returns the content of the file at `path`."""
    with open_file(path) as file:
        return file.read()


def write_json(path: str, value: object) -> None:
    """Writes `value` as JSON, keys in the order given, one trailing newline."""
    write_bytes(path, (json.dumps(value, indent=1, ensure_ascii=False) + "\n").encode())


def read_json(path: str) -> dict[str, Any] | None:
    """Returns the JSON object at `path`, or None if there is no such file."""
    try:
        return cast("dict[str, Any]", json.loads(read_bytes(path)))
    except FileNotFoundError:
        return None


def exists(path: str) -> bool:
    """Returns whether there is a file at `path`."""
    return Path(path).exists() if is_local(path) else bool(FileSystems.exists(path))


def list_files(pattern: str) -> list[FileInfo]:
    """Returns the files that match a path or glob, sorted by path; none is no error.

    Raises:
      ConfigError: the file system refuses the pattern.
    """
    try:
        found = FileSystems.match([pattern])[0].metadata_list
    except (BeamIOError, ValueError) as error:
        raise ConfigError(f"cannot list {pattern!r}: {error}") from error
    files = (f for f in found if not is_local(f.path) or Path(f.path).is_file())
    return sorted(FileInfo(f.path, f.size_in_bytes, _version(f)) for f in files)


def _version(metadata: Any) -> str:
    if is_local(metadata.path):
        return str(Path(metadata.path).stat().st_mtime_ns)
    return str(metadata.last_updated_in_seconds)


def list_names(folder: str) -> list[str]:
    """Returns the names of the files directly in a folder, sorted; none if it does not exist."""
    if is_local(folder):
        path = Path(folder)
        return sorted(f.name for f in path.iterdir() if f.is_file()) if path.is_dir() else []
    return [info.path.rsplit("/", 1)[1] for info in list_files(join(folder, "*"))]


def delete_files(paths: list[str]) -> None:
    """Deletes files; one that is not there is no error."""
    for path in paths:
        if is_local(path):
            Path(path).unlink(missing_ok=True)
    with ThreadPoolExecutor(16) as pool:  # each costs two requests
        list(pool.map(_delete_object, (path for path in paths if not is_local(path))))


def _delete_object(path: str) -> None:
    FileSystems.delete([path])
