"""Which object store a path belongs to, and what every store can do."""

import importlib
import os
from collections.abc import Iterator
from typing import IO, Protocol

from massivetext.errors import ConfigError
from massivetext.storage.paths import FileInfo, split
from massivetext.storage.settings import current

_PACKAGES = {  # of each scheme: the module, its package and our extra
    "gs": ("google.cloud.storage", "google-cloud-storage", "gcp"),
    "s3": ("boto3", "boto3", "s3"),
}


class Store(Protocol):
    """An object store. Paths are whole ones; errors are `OSError` or `ConfigError` with the path.

    Clients repeat requests that fail for a passing reason.
    """

    def find(self, path: str) -> FileInfo | None:
        """Returns the object at a path, None if there is none."""

    def read(self, path: str, start: int, end: int | None, version: str | None) -> bytes:
        """Returns the bytes from `start` up to, not with, `end`; only of this version if given."""

    def scan(self, prefix: str, deep: bool) -> Iterator[FileInfo]:
        """Yields the objects whose paths begin with `prefix`, beyond its next slash if `deep`."""

    def write(self, path: str, file: IO[bytes], size: int) -> None:
        """Makes an object of a file's `size` bytes, over what is there."""

    def delete(self, path: str) -> None:
        """Deletes an object; one that is not there is no error."""

    def check_bucket(self, path: str) -> None:
        """Checks that there is the bucket of a path, and that it can be seen."""


def store_of(path: str) -> Store:
    """Returns the store of a remote path, whose package is imported when it is first needed.

    Raises:
      ConfigError: there is no such store, its package is not installed, or credentials are missing.
    """
    scheme = check_scheme(path)
    split(path)
    # A client keeps what the environment says when it is made.
    if scheme == "gs":
        from massivetext.storage.gcs import open_store

        return open_store(current(), _variables("GOOGLE_", "STORAGE_", "CLOUDSDK_"))
    from massivetext.storage.s3 import open_store as open_s3

    return open_s3(current(), _variables("AWS_"))


def check_scheme(path: str) -> str:
    """Returns the scheme of a remote path, ``gs`` or ``s3``, whose package is there.

    Raises:
      ConfigError: there is no such store, or its package is not installed.
    """
    scheme = path.partition("://")[0]
    if scheme not in _PACKAGES:
        raise ConfigError(f"no file system for {path}: only local paths, gs:// and s3:// are read")
    module, package, extra = _PACKAGES[scheme]
    try:
        importlib.import_module(module)
    except ImportError as error:
        raise ConfigError(
            f"{path}: {scheme}:// paths need the package {package}:"
            f" pip install 'massivetext[{extra}]' ({error})"
        ) from error
    return scheme


def _variables(*beginnings: str) -> frozenset[tuple[str, str]]:
    return frozenset(item for item in os.environ.items() if item[0].startswith(beginnings))
