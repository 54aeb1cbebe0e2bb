"""A trained model as safetensors, with its configuration and vocabulary: for use without JAX."""

import dataclasses
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import jax
import numpy as np
from safetensors.numpy import save_file

from massivetext.errors import ConfigError
from massivetext.exports.sequences.source import vocabulary_name
from massivetext.train.inference.model_folder import TrainedModel
from massivetext.train.model.model import count_parameters

ARRAYS = "model.safetensors"


def export_model(model: TrainedModel, folder: Path) -> Path:
    """Returns ``folder/model.safetensors``, beside ``config.json`` and the vocabulary.

    Arrays are named as the model names its `leaves`, ``layers.query`` and so on, with the layer
    axis first.

    Raises:
      ConfigError: the folder holds something.
    """
    shape = model.about.model
    settings = {
        "name": model.about.name,
        "parameters": count_parameters(shape),
        "vocabulary_sha256": model.about.vocabulary_sha256,
        "model": dataclasses.asdict(shape),
    }
    with new_export(folder) as new:
        (new / "config.json").write_text(json.dumps(settings, indent=1) + "\n", encoding="utf-8")
        (new / vocabulary_name(model.vocabulary)).write_bytes(model.vocabulary)
        save_file(name_arrays(model.params), new / ARRAYS, {"format": "massivetext"})
    return folder / ARRAYS


def check_export(folder: Path) -> None:
    """Checks that an export can be written: its files have names that others have too.

    Raises:
      ConfigError: the folder is none, or holds something.
    """
    if folder.exists() and not folder.is_dir():
        raise ConfigError(f"{folder}: exists and is no folder; choose another --output")
    there = min((path.name for path in folder.iterdir()), default="") if folder.exists() else ""
    if there:
        raise ConfigError(f"{folder} holds other files, as {there}; choose another --output")


@contextmanager
def new_export(folder: Path) -> Iterator[Path]:
    """Yields a folder that becomes `folder` when the block ends without an error.

    Raises:
      ConfigError: `folder` holds something; it is left as it is.
    """
    check_export(folder)
    folder = folder.resolve()
    folder.parent.mkdir(parents=True, exist_ok=True)
    new = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        yield new
        rights = ~_umask()
        new.chmod(0o777 & rights)
        for path in new.iterdir():  # safetensors' own are their user's alone
            path.chmod(0o666 & rights)
        new.replace(folder)  # an empty one goes
    finally:
        shutil.rmtree(new, ignore_errors=True)


def _umask() -> int:
    """Returns which rights new folders lack; what `mkdtemp` makes is its user's alone."""
    found = os.umask(0)
    os.umask(found)
    return found


def name_arrays(params: Any) -> dict[str, np.ndarray]:
    """Returns the parameters by dotted name."""
    named = jax.tree_util.tree_flatten_with_path(params)[0]
    return {
        ".".join(str(step.key) for step in path): np.ascontiguousarray(jax.device_get(array))
        for path, array in named
    }
