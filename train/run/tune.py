"""A short measured search for the fastest micro-batch and rematerialization; remembered.

The steps are real ones on made-up tokens, with the run's own batch, mesh and optimizer. What was
found is kept in the user's cache, by model, batch, mesh, device and JAX's version.
"""

import dataclasses
import hashlib
import json
import time
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
from jax.sharding import Mesh

from massivetext.errors import StageError
from massivetext.model_files import models_folder
from massivetext.train.config.config import TrainConfig, batch_sequences
from massivetext.train.fused.choose import device_of
from massivetext.train.model.sharding import batch_sharding
from massivetext.train.model.step import State, init_state, make_step
from massivetext.train.run.log import say
from massivetext.train.run.memory import candidates, with_choice

STEPS = 2  # timed, behind one that is not
TOO_LARGE = "RESOURCE_EXHAUSTED"
FREE = ("steps", "seed", "checkpoint_every", "keep_checkpoints", "evaluate_every", "log_every",
        "profile_steps", "tokens_per_parameter", "micro_batch")  # fmt: skip


def tune(config: TrainConfig, mesh: Mesh) -> TrainConfig:
    """Returns the configuration with the fastest pair of the two settings.

    Raises:
      StageError: no pair fits the device's memory.
    """
    config = reopen(config)
    found = remembered(config, mesh)
    if found is None:
        found = measure(config, mesh)
        remember(config, mesh, found)
    return with_choice(config, *found)


def reopen(config: TrainConfig) -> TrainConfig:
    """Returns the configuration with both settings open."""
    model = dataclasses.replace(config.model, remat="auto")
    return dataclasses.replace(
        config, model=model, run=dataclasses.replace(config.run, micro_batch=-1)
    )


def measure(config: TrainConfig, mesh: Mesh) -> tuple[str, int]:
    """Returns the pair whose step took the least time; says what each took.

    Raises:
      StageError: no pair fits the device's memory.
    """
    times: dict[tuple[str, int], float] = {}
    for remat, micro in candidates(config, mesh):
        try:
            seconds = time_step(with_choice(config, remat, micro), mesh)
        except jax.errors.JaxRuntimeError as error:
            if TOO_LARGE not in str(error):
                raise
            say(f"tune: remat {remat}, micro-batch {micro}: does not fit")
            continue
        say(f"tune: remat {remat}, micro-batch {micro}: {seconds:.4f} s a step")
        times[remat, micro] = seconds
        if _slower(times, remat):
            break
    if not times:
        raise StageError("tune: no setting fits the device's memory; use more of them (mesh.fsdp)")
    return min(times, key=times.__getitem__)


def _slower(times: dict[tuple[str, int], float], remat: str) -> bool:
    """Returns whether the last two micro-batches brought nothing: smaller ones will not."""
    of_kind = [seconds for (kind, _), seconds in times.items() if kind == remat]
    return remat == "full" and len(of_kind) > 2 and min(of_kind) not in of_kind[-2:]


def time_step(config: TrainConfig, mesh: Mesh) -> float:
    """Returns the seconds of the run's largest step."""
    batch = max(batch_sequences(config))
    step = make_step(config, mesh, batch)
    shape, key = (batch, config.model.context + 1), jax.random.key(0)
    tokens = jax.random.randint(key, shape, 0, config.model.vocabulary, jnp.int32)
    tokens = jax.device_put(tokens, batch_sharding(mesh))
    state, _ = jax.block_until_ready(step(init_state(config, mesh), tokens))
    times = []
    for _ in range(STEPS):
        state, seconds = _timed(step, state, tokens)
        times.append(seconds)
    return min(times)


def _timed(step: Any, state: State, tokens: Any) -> tuple[State, float]:
    start = time.monotonic()
    state, _ = jax.block_until_ready(step(state, tokens))
    return state, time.monotonic() - start


def remembered(config: TrainConfig, mesh: Mesh) -> tuple[str, int] | None:
    """Returns what an earlier search found, or None."""
    try:
        remat, micro = json.loads(_file().read_text(encoding="utf-8"))[_key(config, mesh)]
    except (OSError, ValueError, KeyError, TypeError):  # nothing there, or not ours: measure
        return None
    fits = (str(remat), micro) in set(candidates(config, mesh))
    return (str(remat), int(micro)) if fits else None


def remember(config: TrainConfig, mesh: Mesh, found: tuple[str, int]) -> None:
    """Keeps what a search found."""
    try:
        kept = json.loads(_file().read_text(encoding="utf-8"))
    except (OSError, ValueError):
        kept = {}
    kept = {**(kept if isinstance(kept, dict) else {}), _key(config, mesh): found}
    _file().parent.mkdir(parents=True, exist_ok=True)
    _file().write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")


def _file() -> Path:
    return models_folder() / "tuned.json"


def _key(config: TrainConfig, mesh: Mesh) -> str:
    told = dataclasses.asdict(reopen(config))
    for name in FREE:
        del told["run"][name]
    del told["name"], told["data"]
    parts = (told, dict(mesh.shape), device_of(mesh).device_kind, jax.__version__)
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:16]
