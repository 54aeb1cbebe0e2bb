"""The log of a training run, one JSON line an entry, as its readers see it."""

import json
from pathlib import Path
from typing import Any

from massivetext.storage.files import exists, read_bytes
from massivetext.storage.paths import join

LOG = "log.jsonl"


def read_log(folder: Path | str) -> list[dict[str, Any]]:
    """Returns the entries of a run's log.

    A line that is none is left out: the last, which a kill has cut, or what a file system puts
    where the power went.
    """
    path = join(str(folder), LOG)
    lines = read_bytes(path).splitlines() if exists(path) else []
    return [entry for line in lines if (entry := _entry(line)) is not None]


def _entry(line: bytes) -> dict[str, Any] | None:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):  # not JSON, or no text
        return None
    is_entry = isinstance(found, dict) and type(found.get("step")) is int
    return found if is_entry and all(map(_is_number, found.values())) else None


def _is_number(value: object) -> bool:
    return isinstance(value, int | float)
