"""The log of a training run, one JSON line an entry, as its readers see it."""

import json
from pathlib import Path
from typing import Any

from massivetext.storage.files import exists, read_bytes
from massivetext.storage.paths import join

LOG = "log.jsonl"


def read_log(folder: Path | str) -> list[dict[str, Any]]:
    """Returns the entries of a run's log; a last line that a kill has cut is left out."""
    path = join(str(folder), LOG)
    lines = read_bytes(path).splitlines() if exists(path) else []
    entries = []
    for line in lines:
        try:
            entries.append(json.loads(line))
        except json.JSONDecodeError:
            continue
    return entries
