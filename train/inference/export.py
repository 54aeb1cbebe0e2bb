"""A trained model as safetensors, with its configuration and vocabulary: for use without JAX."""

import dataclasses
import json
from pathlib import Path
from typing import Any

import jax
import numpy as np
from safetensors.numpy import save_file

from massivetext.errors import ConfigError
from massivetext.exports.sequences.source import vocabulary_name
from massivetext.train.inference.model_folder import TrainedModel
from massivetext.train.model.model import count_parameters


def export_model(model: TrainedModel, folder: Path) -> Path:
    """Returns ``folder/model.safetensors``, beside ``config.json`` and the vocabulary.

    Arrays are named as the model names its `leaves`, ``layers.query`` and so on, with the layer
    axis first.

    Raises:
      ConfigError: the folder holds an export already.
    """
    path = new_model_file(folder)
    shape = model.about.model
    settings = {
        "name": model.about.name,
        "parameters": count_parameters(shape),
        "vocabulary_sha256": model.about.vocabulary_sha256,
        "model": dataclasses.asdict(shape),
    }
    (folder / "config.json").write_text(json.dumps(settings, indent=1) + "\n", encoding="utf-8")
    (folder / vocabulary_name(model.vocabulary)).write_bytes(model.vocabulary)
    save_file(name_arrays(model.params), path, {"format": "massivetext"})
    return path


def new_model_file(folder: Path) -> Path:
    """Returns the path of an export's arrays; makes the folder, and leaves an older export alone.

    Raises:
      ConfigError: the folder holds an export already.
    """
    path = folder / "model.safetensors"
    if path.exists():
        raise ConfigError(f"{path}: exists; choose another --output")
    folder.mkdir(parents=True, exist_ok=True)
    return path


def name_arrays(params: Any) -> dict[str, np.ndarray]:
    """Returns the parameters by dotted name."""
    named = jax.tree_util.tree_flatten_with_path(params)[0]
    return {
        ".".join(str(step.key) for step in path): np.ascontiguousarray(jax.device_get(array))
        for path, array in named
    }
