"""A trained model as other commands find it: the newest parameters and the vocabulary."""

import hashlib
from typing import NamedTuple

import jax
from etils import epath
from jax.sharding import Mesh

from massivetext.errors import CheckpointError
from massivetext.storage.paths import is_local
from massivetext.tokenizer.encode import Encoder
from massivetext.train.config.config import MeshConfig, ModelConfig
from massivetext.train.model.checkpoint import About, Checkpoints
from massivetext.train.model.model import Params
from massivetext.train.model.sharding import make_mesh


class TrainedModel(NamedTuple):
    """Parameters on the local devices, with what belongs to them."""

    about: About
    params: Params
    vocabulary: bytes
    mesh: Mesh
    step: int  # that the parameters are of


def load_model(folder: str, mesh: MeshConfig | None = None) -> TrainedModel:
    """Returns the newest checkpoint's model of a run's folder.

    Raises:
      CheckpointError: there is none, or its vocabulary is missing or another one.
    """
    if is_local(folder) and not (epath.Path(folder) / "checkpoints").is_dir():
        raise CheckpointError(
            f"{folder}: no checkpoints here; is it the --output of a training run?"
        )
    checkpoints = Checkpoints(folder)
    try:
        step = checkpoints.newest()
        about = checkpoints.read_about(step)
        grid = make_mesh(mesh or _mesh_of(about.model))
        params = checkpoints.restore_params(step, grid, about.model)
    finally:
        checkpoints.close()
    path = checkpoints.folder / "vocabulary.model"
    if not path.exists():
        raise CheckpointError(f"{path}: missing")
    vocabulary = path.read_bytes()
    if hashlib.sha256(vocabulary).hexdigest() != about.vocabulary_sha256:
        raise CheckpointError(f"{path}: not the vocabulary that the model was trained with")
    return TrainedModel(about, params, vocabulary, grid, step)


def _mesh_of(model: ModelConfig) -> MeshConfig:
    """Returns a mesh over all devices where they divide the width, else of one."""
    devices = jax.device_count()
    return MeshConfig(data=1, fsdp=1 if model.width % devices else devices)


def encoder_of(model: TrainedModel) -> Encoder:
    """Returns the model's vocabulary, ready to encode."""
    return Encoder(model.vocabulary)
