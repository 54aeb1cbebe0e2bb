"""What a build of a sample took and gave: the rates of a prediction, as a JSON file."""

import json
from pathlib import Path
from typing import Any, NamedTuple

from massivetext.errors import ConfigError
from massivetext.storage.json_files import require_json

STAGES = ("duplicates", "overlap", "vocabulary", "tokens", "sequences")
# What the cost of a stage grows with; documents grow with the input of each source and format.
DRIVERS = {
    "duplicates": "rows",
    "overlap": "text_bytes",
    "vocabulary": "sample_bytes",
    "tokens": "encoded_bytes",
    "sequences": "encoded_bytes",
}


class Group(NamedTuple):
    """The inputs of one source and format in the documents stage."""

    input_bytes: int
    records: int
    kept: int
    text_bytes: int
    output_bytes: int
    cpu: float  # seconds
    spread: float  # relative standard error of text a byte of input, from part to part


class Cost(NamedTuple):
    """What a later stage took and wrote for so much of its driver; start-up apart."""

    driver: int  # of the kind that `DRIVERS` names
    cpu: float
    shuffled_bytes: int
    output_bytes: int
    fixed_cpu: float = 0.0  # beside it: of what does not grow, such as the tables of test sets
    fixed_bytes: int = 0


class Measured(NamedTuple):
    """A measured sample."""

    groups: dict[str, Group]  # by "source/format"
    sources: dict[str, dict[str, float]]  # counts after duplicates and overlap, tokens per byte
    costs: dict[str, Cost]  # by stage

    def group(self, source: str, format: str) -> Group:
        """Returns what was measured of a source and format, else of the format alone.

        Raises:
          ConfigError: nothing of the format was.
        """
        exact = self.groups.get(f"{source}/{format}")
        found = [g for name, g in self.groups.items() if name.endswith(f"/{format}")]
        if exact is None and not found:
            raise ConfigError(
                f"sources.{source}: no rate is known for the format {format}; --measure takes it"
                " from a sample of your files"
            )
        return exact or found[0]


def load(path: str) -> Measured:
    """Returns what `save` wrote.

    Raises:
      ConfigError: the file is missing or another.
    """
    found = require_json(path)
    try:
        groups = {name: Group(**values) for name, values in found["groups"].items()}
        costs = {stage: Cost(**found["costs"][stage]) for stage in STAGES}
        return Measured(groups, found["sources"], costs)
    except (KeyError, TypeError) as error:
        raise ConfigError(f"{path}: not what `plan --measure --save` writes: {error}") from error


def save(measured: Measured, path: str) -> None:
    """Writes what was measured, for `plan --rates`."""
    values: dict[str, Any] = {
        "groups": {name: group._asdict() for name, group in measured.groups.items()},
        "sources": measured.sources,
        "costs": {stage: cost._asdict() for stage, cost in measured.costs.items()},
    }
    Path(path).write_text(json.dumps(values, indent=1) + "\n", encoding="utf-8")
