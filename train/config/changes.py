"""What a resumed run is told otherwise than the one before it."""

import dataclasses
import json
from collections.abc import Iterator, Mapping
from typing import Any

from massivetext.errors import CheckpointError, MassiveTextError
from massivetext.storage.json_files import read_json
from massivetext.storage.paths import join
from massivetext.train.config.config import TrainConfig

SETTINGS = "config.json"  # of the newest run in a folder
# What changes no number of a run, or has a check of its own.
_FREE = ("data.verify", "data.validation_sequences", "data.shuffle", "run.micro_batch", "run.seed",
         "run.checkpoint_every", "run.keep_checkpoints", "run.evaluate_every", "run.log_every",
         "run.device_watts", "run.profile_steps", "run.tokens_per_parameter")  # fmt: skip
_FORM = ("optimizer.kind", "optimizer.float32_copy")  # decide what the optimizer's state holds
_PARTS = ("optimizer", "data", "run")


def check_changes(folder: str, config: TrainConfig) -> dict[str, str]:
    """Returns the settings that differ from those of the run in a folder, which is resumed.

    Raises:
      CheckpointError: its optimizer's state is of another form.
    """
    try:
        before = read_json(join(folder, SETTINGS)) or {}
    except MassiveTextError:
        return {}  # it is written anew
    changed = changed_settings(before, config)
    for key in (key for key in _FORM if key in changed):
        raise CheckpointError(
            f"{folder}: {key} was {changed[key]}, and its checkpoints hold the other's state;"
            " choose another --output, nothing was changed"
        )
    return changed


def changed_settings(before: Mapping[str, Any], config: TrainConfig) -> dict[str, str]:
    """Returns the settings that decide a run's numbers and differ, each as "old, now new".

    Args:
      before: what a run's ``config.json`` holds; a setting that it lacks, as older versions' do,
        is taken to be the same.
      config: of the run that resumes.
    """
    now = json.loads(json.dumps(dataclasses.asdict(config)))
    parts = {part: before.get(part) for part in _PARTS}
    return {
        key: f"{_spell(old)}, now {_spell(new)}"
        for part, old_part in parts.items()
        if isinstance(old_part, dict)
        for key, old, new in _pairs(part, old_part, now[part])
        if key not in _FREE and old != new
    }


def _pairs(
    part: str, before: dict[str, Any], now: dict[str, Any]
) -> Iterator[tuple[str, Any, Any]]:
    for name, new in now.items():
        if name in before:
            yield f"{part}.{name}", before[name], new


def _spell(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else json.dumps(value)[:80]
