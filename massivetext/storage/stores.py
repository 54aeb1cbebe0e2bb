"""Which object store a path belongs to, and what every store can do."""

import importlib
import os
from collections.abc import Iterator
from types import ModuleType
from typing import IO, NamedTuple, Protocol, cast

from massivetext.errors import ConfigError
from massivetext.storage.paths import FileInfo, split
from massivetext.storage.settings import current


class _Kind(NamedTuple):
    module: str  # imported when a path first needs it
    package: str  # that it stands on
    extra: str  # of ours, which installs the package
    variables: tuple[str, ...]  # beginnings of those that its client reads when it is made


_KINDS = {
    "gs": _Kind(
        "massivetext.storage.gcs",
        "google-cloud-storage",
        "gcp",
        ("GOOGLE_", "STORAGE_", "CLOUDSDK_"),
    ),
    "s3": _Kind("massivetext.storage.s3", "boto3", "s3", ("AWS_",)),
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
    module = check_scheme(path)
    scheme, _, _ = split(path)
    beginnings = _KINDS[scheme].variables
    environment = frozenset(item for item in os.environ.items() if item[0].startswith(beginnings))
    return cast("Store", module.open_store(current(), environment))


def check_scheme(path: str) -> ModuleType:
    """Returns the module of a remote path's store.

    Raises:
      ConfigError: there is no such store, or its package is not installed.
    """
    scheme = path.partition("://")[0]
    if scheme not in _KINDS:
        raise ConfigError(f"no file system for {path}: only local paths, gs:// and s3:// are read")
    kind = _KINDS[scheme]
    try:
        return importlib.import_module(kind.module)
    except ImportError as error:
        raise ConfigError(
            f"{path}: {scheme}:// paths need the package {kind.package}:"
            f" pip install 'massivetext[{kind.extra}]' ({error})"
        ) from error
