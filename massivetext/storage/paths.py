"""Paths as text: of this machine or of an object store."""

import os
from pathlib import Path
from typing import NamedTuple

from massivetext.errors import ConfigError


class FileInfo(NamedTuple):
    """A file as a listing shows it."""

    path: str
    size: int  # bytes
    version: str  # another one when the content is: nanoseconds, gs:// generation, s3:// ETag


def is_local(path: str) -> bool:
    """Returns whether `path` is a path of this machine.

    >>> is_local("out/sample"), is_local("gs://bucket/out")
    (True, False)
    """
    return "://" not in path


def absolute(path: str) -> str:
    """Returns a path that means the same in any working folder.

    >>> absolute("/data/../out"), absolute("gs://bucket/out")
    ('/out', 'gs://bucket/out')
    """
    return os.path.abspath(path) if is_local(path) else path  # noqa: PTH100  (links stay as they are)


def join(folder: str, *names: str) -> str:
    """Returns the path of a name below a folder.

    >>> join("gs://bucket/out/", "documents", "part-00000.parquet")
    'gs://bucket/out/documents/part-00000.parquet'
    """
    return "/".join((folder.rstrip("/"), *names))


def split(path: str) -> tuple[str, str, str]:
    """Returns the scheme, the bucket and the object's name of a remote path.

    >>> split("gs://bucket/out/manifest.json"), split("s3://bucket")
    (('gs', 'bucket', 'out/manifest.json'), ('s3', 'bucket', ''))

    Raises:
      ConfigError: it names no bucket.
    """
    scheme, _, rest = path.partition("://")
    bucket, _, name = rest.partition("/")
    if not bucket:
        raise ConfigError(f"{path}: names no bucket; write {scheme}://bucket/name")
    return scheme, bucket, name


def split_object(path: str) -> tuple[str, str]:
    """Returns the bucket and the name of the object at a remote path.

    Raises:
      ConfigError: it names none.
    """
    scheme, bucket, name = split(path)
    if not name:
        raise ConfigError(f"{path}: names no object; write {scheme}://{bucket}/name")
    return bucket, name


def local_path(path: str) -> Path:
    """Returns a path of this machine.

    Raises:
      ConfigError: it is a remote one, of which `Path` would make a folder named ``gs:``.
    """
    if not is_local(path):
        raise ConfigError(f"{path}: must be a path of this machine")
    return Path(path)
