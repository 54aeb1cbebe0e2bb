"""JSON objects in files."""

import json
from typing import Any

from massivetext.errors import ConfigError
from massivetext.storage.files import read_bytes, write_bytes


def write_json(path: str, value: object) -> None:
    """Writes `value` as JSON, keys in the order given, one trailing newline."""
    write_bytes(path, (json.dumps(value, indent=1, ensure_ascii=False) + "\n").encode())


def read_json(path: str) -> dict[str, Any] | None:
    """Returns the JSON object at `path`, or None if there is no such file.

    Raises:
      ConfigError: something else is in it.
    """
    try:
        found = json.loads(read_bytes(path))
    except FileNotFoundError:
        return None
    except ValueError as error:
        if isinstance(error, ConfigError):
            raise
        raise ConfigError(f"{path}: not JSON: {error}") from error
    if not isinstance(found, dict):
        raise ConfigError(f"{path}: not a JSON object")
    return found


def require_json(path: str) -> dict[str, Any]:
    """Returns the JSON object at `path`.

    Raises:
      ConfigError: there is no such file, or something else in it.
    """
    found = read_json(path)
    if found is None:
        raise ConfigError(f"{path}: missing")
    return found
