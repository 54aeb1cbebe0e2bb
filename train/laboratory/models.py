"""The models of a plan: one for each recipe and seed, of one size, on the same number of tokens."""

import dataclasses
import hashlib
import json
from pathlib import Path
from typing import Any

from massivetext.errors import ConfigError, DamagedFile, Stopped
from massivetext.storage.json_files import read_json, write_json
from massivetext.train.config.config import TrainConfig
from massivetext.train.config.presets import check, load_config
from massivetext.train.data.dataset import Dataset
from massivetext.train.laboratory.held_out import HeldOut
from massivetext.train.laboratory.plan import Plan
from massivetext.train.run.log import say
from massivetext.train.run.loop import train

SCORES = "held-out.json"
OWN = ("run.evaluate_every=0", "run.keep_checkpoints=1", "data.validation_sequences=1")


def config_of(plan: Plan, seed: int) -> TrainConfig:
    """Returns the settings of a plan's runs with a seed.

    Raises:
      ConfigError: the preset or a setting is wrong.
    """
    order = ("data.shuffle=true",) if plan.vary_data else ()
    config = load_config(plan.preset, (*OWN, *order, *plan.train_set))
    run = dataclasses.replace(config.run, steps=plan.steps, seed=seed)
    config = dataclasses.replace(config, run=run)
    check(config)
    return config


def score_recipe(
    plan: Plan, name: str, corpus: Dataset, held_out: HeldOut, output: Path
) -> dict[int, dict[str, float]]:
    """Returns the bits per byte of a recipe's models, by seed and source.

    What is there already, of the same shards, settings and held-out text, is not done again.

    Raises:
      Stopped: a run was told to stop; rerun the same command to continue.
    """
    found = {}
    for seed in plan.seeds:
        config = config_of(plan, seed)
        parts = [corpus.key, told(config), held_out.digest()]
        digest = hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
        folder = output / "models" / f"{name}-seed-{seed}-{digest[:8]}"
        found[seed] = _score(config, corpus, held_out, folder)
        say(f"{name}, seed {seed}: {found[seed].get('all', 0):.4f} bits a byte")
    return found


def told(settings: Any) -> dict[str, Any]:
    """Returns the settings that are not their defaults: a new one leaves old results valid."""
    found = {}
    for field in dataclasses.fields(settings):
        value = getattr(settings, field.name)
        if dataclasses.is_dataclass(value):
            value = told(value)
        if value not in (field.default, {}):
            found[field.name] = value
    return found


def _score(
    config: TrainConfig, corpus: Dataset, held_out: HeldOut, folder: Path
) -> dict[str, float]:
    known = read_scores(folder)
    if known is not None:
        return known
    build = corpus.folder.removesuffix("/sequences")
    if not train(config, build, str(folder)):
        raise Stopped(f"{folder}: stopped; rerun the same command to continue")
    scores = held_out.score(str(folder))
    write_json(str(folder / SCORES), scores)
    return scores


def read_scores(folder: Path) -> dict[str, float] | None:
    """Returns a model's scores, None where they are not there, or not whole: they are taken again.

    Older versions wrote the file in place, so a kill has left a part of it.
    """
    try:
        known = read_json(str(folder / SCORES))
        return known and {str(name): float(value) for name, value in known.items()}
    except (ConfigError, DamagedFile, TypeError, ValueError):
        return None
