"""S3 and what speaks its language, through boto3. Only `stores` imports this, when needed."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import IO, TYPE_CHECKING, Any

import boto3
from boto3.exceptions import Boto3Error
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    CredentialRetrievalError,
    IncompleteReadError,
    NoCredentialsError,
    ParamValidationError,
    PartialCredentialsError,
    ProfileNotFound,
    ReadTimeoutError,
    ResponseStreamingError,
)

from massivetext.errors import ConfigError
from massivetext.storage.paths import FileInfo, split, split_object
from massivetext.storage.settings import Settings

if TYPE_CHECKING:
    from massivetext.storage.stores import Store

_CONNECTIONS = 32  # kept open; threads of the stages ask at the same time
_TRIES = 5  # to read an answer whose connection breaks, as s3transfer does; boto3 repeats the rest
_BROKEN = (IncompleteReadError, ReadTimeoutError, ResponseStreamingError, ConnectionError)
_NO_CREDENTIALS = (
    CredentialRetrievalError,
    NoCredentialsError,
    PartialCredentialsError,
    ProfileNotFound,
)


class S3Store:
    """The objects that a client sees; see `massivetext.storage.stores.Store`."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def find(self, path: str) -> FileInfo | None:
        """Returns the object at a path, None if there is none."""
        try:
            with _told(path):
                found = self._client.head_object(**_place(path))
        except FileNotFoundError:
            return None
        return FileInfo(path, int(found["ContentLength"]), _version(found))

    def read(self, path: str, start: int, end: int | None, version: str | None) -> bytes:
        """Returns the bytes of a range."""
        request = _place(path) | ({"IfMatch": f'"{version}"'} if version else {})
        if start or end is not None:
            request["Range"] = f"bytes={start}-{'' if end is None else end - 1}"
        try:
            with _told(path):
                return self._read(request)
        except FileNotFoundError as error:
            if not version:
                raise
            raise OSError(errno.ESTALE, "Changed while it was read", path) from error

    def _read(self, request: dict[str, str]) -> bytes:
        for left in reversed(range(_TRIES)):
            try:
                return bytes(self._client.get_object(**request)["Body"].read())
            except _BROKEN:
                if not left:
                    raise
            except ClientError as error:
                if _status(error) != 416:
                    raise
                break
        return b""  # the range begins at the object's end or beyond

    def scan(self, prefix: str, deep: bool) -> Iterator[FileInfo]:
        """Yields the objects of a prefix, without those that stand for folders."""
        _, bucket, name = split(prefix)
        request = {"Bucket": bucket, "Prefix": name} | ({} if deep else {"Delimiter": "/"})
        with _told(prefix):
            for page in self._client.get_paginator("list_objects_v2").paginate(**request):
                for item in page.get("Contents", []):
                    if not item["Key"].endswith("/"):
                        path = f"s3://{bucket}/{item['Key']}"
                        yield FileInfo(path, int(item["Size"]), _version(item))

    def write(self, path: str, file: IO[bytes], size: int) -> None:
        """Makes an object of a file; a large one is sent in parts, and appears with the last."""
        place = _place(path)
        with _told(path):
            if size:
                self._client.upload_fileobj(file, place["Bucket"], place["Key"])
            else:
                self._client.put_object(**place, Body=b"")

    def delete(self, path: str) -> None:
        """Deletes an object; one that is not there is no error."""
        try:
            with _told(path):
                self._client.delete_object(**_place(path))
        except FileNotFoundError:
            pass

    def check_bucket(self, path: str) -> None:
        """Checks that the bucket of a path is there."""
        try:
            with _told(path):
                self._client.head_bucket(Bucket=split(path)[1])
        except FileNotFoundError as error:
            raise ConfigError(f"{path}: {_line(error.__cause__)}") from error
        except OSError as error:
            raise ConfigError(f"{path}: {error.strerror}") from error


def _place(path: str) -> dict[str, str]:
    bucket, name = split_object(path)
    return {"Bucket": bucket, "Key": name}


def _version(facts: dict[str, Any]) -> str:
    return str(facts["ETag"]).strip('"')


@lru_cache(maxsize=8)
def open_store(settings: Settings, environment: frozenset[tuple[str, str]]) -> "Store":
    """Returns the store as these settings and this environment reach it.

    Raises:
      ConfigError: the environment or a setting cannot be.
    """
    del environment  # boto3 reads it itself; here it tells clients apart
    config = Config(max_pool_connections=_CONNECTIONS)
    with _told("s3://"):
        try:
            session = boto3.session.Session()
            return S3Store(session.client("s3", config=config, **dict(settings.s3)))
        except ValueError as error:
            raise ConfigError(f"s3:// paths: {_line(error)}") from error


@contextmanager
def _told(path: str) -> Iterator[None]:
    """Turns the library's errors into ours.

    Raises:
      ConfigError: credentials are missing, or a name that cannot be.
      OSError: whatever else the service or the network refuses.
    """
    try:
        yield
    except _NO_CREDENTIALS as error:
        raise ConfigError(
            f"{path}: credentials are missing: set AWS_ACCESS_KEY_ID and"
            f" AWS_SECRET_ACCESS_KEY, or `aws configure` ({_line(error)})"
        ) from error
    except ParamValidationError as error:
        raise ConfigError(f"{path}: {_line(error)}") from error
    except ClientError as error:
        status = _status(error)
        if status in (404, 412):  # 412: not the version that was asked for
            raise FileNotFoundError(errno.ENOENT, "No such object", path) from error
        kind = errno.EACCES if status in (401, 403) else errno.EIO
        raise OSError(kind, _line(error), path) from error
    except (BotoCoreError, Boto3Error) as error:
        raise OSError(errno.EIO, _line(error), path) from error


def _status(error: ClientError) -> int:
    return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))


def _line(error: object) -> str:
    return " ".join(str(error).split())
