"""Checkpoints: parameters, optimizer, data position and what they belong to (orbax).

Parameters are an item of their own, so that `generate` and `evaluate` read nothing else, on any
machine. A checkpoint of another model or vocabulary is refused before anything is restored.

On gs:// orbax lists and writes small files through etils.epath, which needs gcsfs, writes arrays
through tensorstore, and asks google-cloud-storage what kind of bucket it is.
"""

import dataclasses
from typing import Any, NamedTuple

import jax
import orbax.checkpoint as ocp
from etils import epath
from jax.sharding import Mesh, NamedSharding

from massivetext.config.dataclass_toml import build
from massivetext.errors import CheckpointError, ConfigError
from massivetext.storage.files import check_bucket
from massivetext.storage.paths import is_local
from massivetext.train.config.config import ModelConfig, TrainConfig
from massivetext.train.data.batches import Position
from massivetext.train.data.dataset import Dataset
from massivetext.train.model.model import Params, abstract_params
from massivetext.train.model.sharding import param_specs, shardings
from massivetext.train.model.step import State

# What may differ between the run that saved and the one that restores.
FREE = ("compute", "remat", "scan", "shard_time", "kernels")


class About(NamedTuple):
    """What a checkpoint belongs to."""

    model: ModelConfig
    vocabulary_sha256: str
    name: str
    seed: int
    shards: str  # identity of the corpus's sequences: a data position says nothing of others


class Checkpoints:
    """The checkpoints of one run's folder."""

    def __init__(self, folder: str, keep: int = 3) -> None:
        """Opens ``folder/checkpoints``; nothing is written yet.

        Raises:
          ConfigError: `folder` is on gs://, and its bucket or a package is missing.
        """
        self.folder = epath.Path(folder).resolve() if is_local(folder) else _open_remote(folder)
        options = ocp.CheckpointManagerOptions(max_to_keep=keep, enable_async_checkpointing=True)
        self._manager = ocp.CheckpointManager(self.folder / "checkpoints", options=options)

    def latest(self) -> int | None:
        """Returns the step of the newest whole checkpoint."""
        step: int | None = self._manager.latest_step()
        return step

    def save(self, state: State, position: Position, about: About, step: int) -> None:
        """Starts to save; the previous save is waited for, and its failure raised here."""
        items = ocp.args.Composite(
            params=ocp.args.StandardSave(state.params),
            optimizer=ocp.args.StandardSave({"state": state.optimizer, "step": state.step}),
            data=ocp.args.JsonSave(position.to_json()),
            about=ocp.args.JsonSave(_to_json(about)),
        )
        self._manager.save(step, args=items)

    def restore(self, abstract: State, about: About) -> tuple[State, dict[str, Any]]:
        """Returns the newest state, placed as `abstract` is, and the data position.

        Raises:
          CheckpointError: it belongs to another model, vocabulary, seed or corpus.
        """
        step = self.newest()
        self._check(step, about)
        optimizer = {"state": abstract.optimizer, "step": abstract.step}
        items = ocp.args.Composite(
            params=ocp.args.StandardRestore(abstract.params),
            optimizer=ocp.args.StandardRestore(optimizer),
            data=ocp.args.JsonRestore(),
        )
        found = self._restore(step, items)
        state = State(found["params"], found["optimizer"]["state"], found["optimizer"]["step"])
        return state, found["data"]

    def restore_params(self, step: int, mesh: Mesh, model: ModelConfig) -> Params:
        """Returns the parameters of a step, on `mesh`.

        Raises:
          CheckpointError: they cannot be read.
        """
        places = shardings(mesh, param_specs(model))
        abstract = jax.tree.map(_place, abstract_params(model), places)
        items = ocp.args.Composite(params=ocp.args.StandardRestore(abstract))
        params: Params = self._restore(step, items)["params"]
        return params

    def _restore(self, step: int, items: Any) -> Any:
        try:
            return self._manager.restore(step, args=items)
        except Exception as error:  # orbax raises it bare, for a missing file and for all others
            why = str(error.__cause__ or error).partition("\n")[0]
            raise CheckpointError(
                f"{self.folder}: step {step} cannot be restored; is a file missing or damaged?"
                f" {why[:300]}; {_advise(step)}"
            ) from error

    def read_about(self, step: int) -> About:
        """Returns what the checkpoint of a step belongs to.

        Raises:
          CheckpointError: its description cannot be read.
        """
        items = ocp.args.Composite(about=ocp.args.JsonRestore())
        try:
            found = self._manager.restore(step, args=items)["about"]
            return About(**(found | {"model": build(ModelConfig, found["model"])}))
        except (KeyError, TypeError, ValueError, RecursionError, ConfigError, OSError) as error:
            raise CheckpointError(
                f"{self.folder}: step {step} is damaged, or not ours: {error}; {_advise(step)}"
            ) from error

    def wait(self) -> None:
        """Waits until all saves are whole; a failed one is raised here."""
        self._manager.wait_until_finished()

    def preempted(self, step: int) -> bool:
        """Returns whether the hosts have agreed to stop at `step`, on clusters that announce it."""
        if jax.process_count() == 1:
            return False
        return bool(self._manager.reached_preemption(step))

    def close(self) -> None:
        """Waits, then releases the folder."""
        self._manager.close()

    def newest(self) -> int:
        """Returns the step of the newest whole checkpoint.

        Raises:
          CheckpointError: there is none.
        """
        step = self.latest()
        if step is None:
            raise CheckpointError(f"{self.folder}: no checkpoint here")
        return step

    def _check(self, step: int, about: About) -> None:
        found = self.read_about(step)
        others = {
            "another vocabulary": found.vocabulary_sha256 != about.vocabulary_sha256,
            f"seed {found.seed}, not {about.seed}": found.seed != about.seed,
            "other shards": found.shards != about.shards,
        }
        for other in (words for words, differs in others.items() if differs):
            raise CheckpointError(
                f"{self.folder}: step {step} was trained with {other}; choose another "
                "--output, nothing was changed"
            )
        ours, theirs = dataclasses.asdict(about.model), dataclasses.asdict(found.model)
        for key in ours:
            if key not in FREE and ours[key] != theirs[key]:
                raise CheckpointError(
                    f"{self.folder}: step {step} is from another model ({key} {theirs[key]}, not "
                    f"{ours[key]}); choose another --output, nothing was changed"
                )


def _advise(step: int) -> str:
    return f"move checkpoints/{step} away, and the same command takes the one before it"


def _open_remote(folder: str) -> epath.Path:
    """Returns a folder on gs://, found to be within reach: not only when the first save is due."""
    if not folder.startswith("gs://"):
        raise ConfigError(f"{folder}: only local paths and gs:// hold checkpoints")
    check_bucket(folder)
    path = epath.Path(folder)
    try:
        path.exists()
    except ImportError as error:
        raise ConfigError(
            f"{folder}: checkpoints on gs:// need the package gcsfs (pip install gcsfs): {error}"
        ) from error
    return path


def about_run(config: TrainConfig, dataset: Dataset) -> About:
    """Returns the description that a run's checkpoints carry."""
    sha256 = dataset.vocabulary_sha256
    return About(config.model, sha256, config.name, config.run.seed, dataset.key)


def _to_json(about: About) -> dict[str, Any]:
    return {**about._asdict(), "model": dataclasses.asdict(about.model)}


def _place(array: jax.ShapeDtypeStruct, sharding: NamedSharding) -> jax.ShapeDtypeStruct:
    return jax.ShapeDtypeStruct(array.shape, array.dtype, sharding=sharding)
