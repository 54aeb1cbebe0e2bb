"""Google Cloud Storage, through google-cloud-storage. Only `stores` imports this, when needed."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import IO, TYPE_CHECKING, Any

import google.auth
from google.api_core.exceptions import (
    Forbidden,
    GoogleAPIError,
    NotFound,
    Unauthorized,
)
from google.auth import impersonated_credentials
from google.auth.credentials import AnonymousCredentials
from google.auth.exceptions import GoogleAuthError, TransportError
from google.cloud import storage
from google.cloud.storage.exceptions import DataCorruption, InvalidResponse
from google.cloud.storage.retry import DEFAULT_RETRY
from requests.adapters import HTTPAdapter
from requests.exceptions import RequestException

from massivetext.errors import ConfigError
from massivetext.storage.paths import FileInfo, split, split_object
from massivetext.storage.settings import Settings

if TYPE_CHECKING:
    from massivetext.storage.stores import Store

_CONNECTIONS = 32  # kept open; threads of the stages ask at the same time


class GoogleStore:
    """The objects that a client sees; see `massivetext.storage.stores.Store`."""

    def __init__(self, client: storage.Client) -> None:
        self._client = client

    def find(self, path: str) -> FileInfo | None:
        """Returns the object at a path, None if there is none."""
        bucket, name = split_object(path)
        with _told(path):
            blob = self._client.bucket(bucket).get_blob(name, retry=DEFAULT_RETRY)
        return None if blob is None else _info(path, blob)

    def read(self, path: str, start: int, end: int | None, version: str | None) -> bytes:
        """Returns the bytes of a range; an object with ``Content-Encoding`` is not expanded."""
        partial = bool(start) or end is not None
        limits = {"start": start, "end": None if end is None else end - 1} if partial else {}
        checksum = None if partial else "auto"  # the service tells that of the whole object
        try:
            with _told(path):
                blob = self._blob(path, int(version) if version else None)
                options = {"raw_download": True, "checksum": checksum, "retry": DEFAULT_RETRY}
                return bytes(blob.download_as_bytes(**limits, **options))
        except FileNotFoundError as error:
            if not version:
                raise
            raise OSError(errno.ESTALE, "Changed while it was read", path) from error

    def scan(self, prefix: str, deep: bool) -> Iterator[FileInfo]:
        """Yields the objects of a prefix, without those that stand for folders."""
        _, bucket, name = split(prefix)
        with _told(prefix):
            delimiter = None if deep else "/"
            for blob in self._client.list_blobs(bucket, prefix=name, delimiter=delimiter):
                if not blob.name.endswith("/"):
                    yield _info(f"gs://{bucket}/{blob.name}", blob)

    def write(self, path: str, file: IO[bytes], size: int) -> None:
        """Makes an object of a file; a large one is sent in pieces that are repeated alone."""
        kind = "application/octet-stream"
        with _told(path):
            blob = self._blob(path, None)
            blob.upload_from_file(file, size=size, content_type=kind, retry=DEFAULT_RETRY)

    def delete(self, path: str) -> None:
        """Deletes an object; one that is not there is no error."""
        try:
            with _told(path):
                self._blob(path, None).delete(retry=DEFAULT_RETRY)
        except FileNotFoundError:
            pass

    def check_bucket(self, path: str) -> None:
        """Checks that the bucket of a path is there."""
        try:
            with _told(path):
                self._client.get_bucket(split(path)[1])
        except FileNotFoundError as error:
            raise ConfigError(f"{path}: {_line(error.__cause__)}") from error
        except OSError as error:
            raise ConfigError(f"{path}: {error.strerror}") from error

    def _blob(self, path: str, generation: int | None) -> Any:
        bucket, name = split_object(path)
        return self._client.bucket(bucket).blob(name, generation=generation)


def _info(path: str, blob: Any) -> FileInfo:
    return FileInfo(path, int(blob.size), str(blob.generation or ""))


@lru_cache(maxsize=8)
def open_store(settings: Settings, environment: frozenset[tuple[str, str]]) -> "Store":
    """Returns the store as these settings and this environment reach it.

    Raises:
      ConfigError: there are no credentials.
    """
    emulated = "STORAGE_EMULATOR_HOST" in dict(environment)
    anonymous = emulated or settings.anonymous
    with _told("gs://"):
        credentials = AnonymousCredentials() if anonymous else _credentials(settings)
    headers = dict(settings.headers)
    client = storage.Client(settings.project, credentials, extra_headers=headers)
    for scheme in ("https://", "http://"):
        client._http.mount(scheme, HTTPAdapter(pool_maxsize=_CONNECTIONS))
    return GoogleStore(client)


def _credentials(settings: Settings) -> Any:
    scopes = settings.scopes or storage.Client.SCOPE
    found, _ = google.auth.default(scopes=scopes)
    if not settings.impersonate:
        return found
    *delegates, target = settings.impersonate
    return impersonated_credentials.Credentials(found, target, list(scopes), list(delegates))


@contextmanager
def _told(path: str) -> Iterator[None]:
    """Turns the libraries' errors into ours.

    Raises:
      ConfigError: credentials are missing or refused.
      OSError: whatever else the service or the network refuses.
    """
    try:
        yield
    except NotFound as error:
        raise FileNotFoundError(errno.ENOENT, "No such object", path) from error
    except (Forbidden, Unauthorized) as error:
        raise PermissionError(errno.EACCES, _line(error), path) from error
    except (TransportError, DataCorruption, InvalidResponse, RequestException) as error:
        raise OSError(errno.EIO, _line(error), path) from error
    except GoogleAuthError as error:
        raise ConfigError(
            f"{path}: credentials are missing: `gcloud auth application-default login`, or"
            f" set GOOGLE_APPLICATION_CREDENTIALS ({_line(error)})"
        ) from error
    except GoogleAPIError as error:
        raise OSError(errno.EIO, _line(error), path) from error


def _line(error: object) -> str:
    return " ".join(str(error).split())
