"""What evaluations of a model came to: one file in its folder, of one step."""

import json
from typing import Any

from massivetext.storage.files import write_bytes
from massivetext.storage.json_files import read_json
from massivetext.storage.paths import join

RESULTS = "results.json"


def read_results(folder: str) -> dict[str, Any]:
    """Returns the results in a model's folder: the step, scores by source, values of tasks."""
    path = join(folder, RESULTS)
    return read_json(path) or {}


def add_results(folder: str, found: dict[str, Any]) -> None:
    """Adds results to those of the same step; those of an older checkpoint go."""
    known = read_results(folder)
    joined = known | found if known.get("step") == found["step"] else found
    write_bytes(join(folder, RESULTS), (json.dumps(joined, indent=1) + "\n").encode())
