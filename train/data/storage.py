"""Bytes of files, local or on Google Cloud Storage: listing, sizes, ranges, whole objects.

The pipelines have Beam's file systems; the trainer must not know Beam, and needs little of them.
Checkpoints are orbax's own business, see `massivetext.train.model.checkpoint`.
"""

import functools
import json
from pathlib import Path
from typing import Any

from massivetext.errors import ConfigError


def is_local(path: str) -> bool:
    """Returns whether `path` is a path of this machine.

    >>> is_local("out/sample"), is_local("gs://bucket/out")
    (True, False)
    """
    return "://" not in path


def join(folder: str, *names: str) -> str:
    """Returns the path of a name below a folder.

    >>> join("gs://bucket/out/", "sequences", "manifest.json")
    'gs://bucket/out/sequences/manifest.json'
    """
    return "/".join((folder.rstrip("/"), *names))


def list_names(folder: str) -> list[str]:
    """Returns the names of the files directly in a folder, sorted; none if it does not exist."""
    if is_local(folder):
        path = Path(folder)
        return (
            sorted(file.name for file in path.iterdir() if file.is_file()) if path.is_dir() else []
        )
    bucket, prefix = _split(folder + "/")
    blobs = _client().list_blobs(bucket, prefix=prefix, delimiter="/")
    return sorted(blob.name.removeprefix(prefix) for blob in blobs if blob.name != prefix)


def exists(path: str) -> bool:
    """Returns whether there is a file at `path`."""
    return Path(path).is_file() if is_local(path) else bool(_blob(path).exists())


def file_size(path: str) -> int:
    """Returns the bytes of the file at `path`.

    Raises:
      ConfigError: there is no such file.
    """
    if is_local(path):
        if not Path(path).is_file():
            raise ConfigError(f"{path}: no such file")
        return Path(path).stat().st_size
    bucket, name = _split(path)
    blob = _client().bucket(bucket).get_blob(name)
    if blob is None:
        raise ConfigError(f"{path}: no such file")
    return int(blob.size)


def read_bytes(path: str, start: int = 0, end: int | None = None) -> bytes:
    """Returns the bytes of a file from `start` up to, not with, `end`."""
    if not is_local(path):
        last = None if end is None else end - 1
        return bytes(_blob(path).download_as_bytes(start=start or None, end=last))
    with Path(path).open("rb") as file:
        file.seek(start)
        return file.read(-1 if end is None else end - start)


def read_json(path: str) -> dict[str, Any]:
    """Returns the JSON object in a file.

    Raises:
      ConfigError: there is no such file, or something else in it.
    """
    if not exists(path):
        raise ConfigError(f"{path}: missing")
    try:
        found = json.loads(read_bytes(path))
    except ValueError as error:
        raise ConfigError(f"{path}: not JSON: {error}") from error
    if not isinstance(found, dict):
        raise ConfigError(f"{path}: not a JSON object")
    return found


def write_bytes(path: str, data: bytes) -> None:
    """Writes a file, over what is there."""
    if not is_local(path):
        _blob(path).upload_from_string(data, "application/octet-stream")
        return
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_bytes(data)


def upload(folder: Path, target: str) -> None:
    """Copies the files below a local folder to a folder on gs://, over what is there.

    Raises:
      OSError: the service does not take them.
    """
    from google.api_core.exceptions import GoogleAPIError

    try:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            name = path.relative_to(folder).as_posix()
            _blob(join(target, name)).upload_from_filename(str(path))
    except GoogleAPIError as error:
        raise OSError(str(error)) from error


def local_path(path: str) -> Path:
    """Returns a path of this machine.

    Raises:
      ConfigError: it is a remote one, of which `Path` would make a folder named ``gs:``.
    """
    if not is_local(path):
        raise ConfigError(f"{path}: must be a path of this machine")
    return Path(path)


def check_bucket(path: str) -> None:
    """Checks that there is the bucket of a gs:// path, and that it can be seen.

    Raises:
      ConfigError: there is none, or its metadata may not be read (``storage.buckets.get``).
    """
    bucket, _ = _split(path)
    client = _client()
    from google.api_core.exceptions import ClientError
    from google.auth.exceptions import GoogleAuthError

    try:
        client.get_bucket(bucket)
    except (ClientError, GoogleAuthError) as error:
        raise ConfigError(f"{path}: {error}") from error


@functools.cache
def _client() -> Any:
    try:
        from google.auth.exceptions import DefaultCredentialsError
        from google.cloud import storage
    except ImportError as error:
        raise ConfigError("gs:// paths need the package google-cloud-storage") from error
    try:
        return storage.Client()
    except DefaultCredentialsError as error:
        raise ConfigError(f"gs:// paths need credentials: {error}") from error


def _blob(path: str) -> Any:
    bucket, name = _split(path)
    return _client().bucket(bucket).blob(name)


def _split(path: str) -> tuple[str, str]:
    scheme, _, rest = path.partition("://")
    if scheme != "gs":
        raise ConfigError(f"{path}: only local paths and gs:// are read")
    bucket, _, name = rest.partition("/")
    return bucket, name.lstrip("/").replace("//", "/")
