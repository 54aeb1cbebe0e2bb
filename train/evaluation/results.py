"""What evaluations of a model came to: one file in its folder, of one step."""

import json
from typing import Any

from massivetext.storage.files import write_bytes
from massivetext.storage.json_files import read_json
from massivetext.storage.paths import join

RESULTS = "results.json"
_BY_NAME = ("texts", "tasks")


def read_results(folder: str) -> dict[str, Any]:
    """Returns the results in a model's folder: the step, scores by source, values of tasks."""
    path = join(folder, RESULTS)
    return read_json(path) or {}


def add_results(folder: str, found: dict[str, Any]) -> None:
    """Adds results to those of the same step; those of an older checkpoint go.

    Texts and tasks that were not evaluated this time stay, but for the sum of the texts.
    """
    known = read_results(folder)
    if known.get("step") == found["step"]:
        kept = {key: _kept(known, key) | found[key] for key in _BY_NAME if key in found}
        found = known | found | kept
    write_bytes(join(folder, RESULTS), (json.dumps(found, indent=1) + "\n").encode())


def _kept(known: dict[str, Any], key: str) -> dict[str, Any]:
    values = known.get(key)
    return {n: v for n, v in values.items() if n != "all"} if isinstance(values, dict) else {}
