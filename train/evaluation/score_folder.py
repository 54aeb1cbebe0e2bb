"""A run's newest model on the held-out text of a build, as `evaluate` and `compare` ask for it."""

import dataclasses
from typing import Any

from massivetext.errors import ConfigError
from massivetext.train.data.dataset import open_dataset
from massivetext.train.evaluation.loss_by_source import evaluate, format_scores, name_part
from massivetext.train.inference.model_folder import load_model


def score_folder(
    folder: str, data: str, limit: int | None = None, context: int = 0
) -> tuple[str, dict[str, Any]]:
    """Returns the table for people and the results to keep.

    Args:
      folder: the output of a training run.
      data: a build's folder, with the vocabulary that the model was trained with.
      limit: windows of each source; all if not given.
      context: tokens of a window; the model's own if 0.

    Raises:
      ConfigError: another vocabulary, no validation shards, or a context that does not divide.
      CheckpointError: the folder holds no checkpoint.
    """
    model, dataset = load_model(folder), open_dataset(data)
    if dataset.vocabulary_sha256 != model.about.vocabulary_sha256:
        raise ConfigError(
            f"{data}: not the vocabulary that the model was trained with; bits per byte on the same"
            " text need no common one: massivetext evaluate MODEL --text FILE"
        )
    shape = model.about.model
    shape = dataclasses.replace(shape, context=context or shape.context)
    scores = evaluate(shape, model.params, dataset, model.mesh, limit)
    part = name_part(dataset, shape.context, limit)
    found = {
        "step": model.step,
        "context": shape.context,
        "part": part,
        "sources": {name: score._asdict() for name, score in scores.items()},
    }
    return format_scores(scores, part), found
