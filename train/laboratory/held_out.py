"""The text that every model of a plan is judged on, and how."""

import hashlib
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from massivetext.errors import ConfigError
from massivetext.tokenizer.encode import Encoder
from massivetext.train.data.dataset import Dataset
from massivetext.train.evaluation.loss_by_source import evaluate
from massivetext.train.evaluation.score import Scorer
from massivetext.train.evaluation.texts import read_texts, score_texts
from massivetext.train.inference.model_folder import load_model
from massivetext.train.laboratory.overlap import Tokens, sequences
from massivetext.train.laboratory.plan import Plan


class HeldOut(NamedTuple):
    """Validation of a build, or files of text."""

    dataset: Dataset
    files: tuple[str, ...]
    limit: int

    def digest(self) -> str:
        """Returns the identity of the text."""
        parts = [self.dataset.key, str(self.limit)]
        parts += [hashlib.sha256(Path(file).read_bytes()).hexdigest() for file in self.files]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()

    def tokens(self) -> dict[str, list[Tokens]]:
        """Returns the text's tokens by source or file, as rows."""
        if not self.files:
            found = self.dataset.validation
            return {name: list(sequences(records)) for name, records in found.items()}
        encoder = Encoder(self.dataset.vocabulary)
        return {
            name: [encoder.encode(text).astype(np.uint16)[None] for text in texts]
            for name, texts in read_texts(self.files, self.limit).items()
        }

    def score(self, folder: str) -> dict[str, float]:
        """Returns the bits per byte of a run's newest model, by source or file."""
        model = load_model(folder)
        scores: dict[str, Any]
        if self.files:
            scores = dict(score_texts(Scorer(model), read_texts(self.files, self.limit)))
        else:
            shape = model.about.model
            scores = dict(evaluate(shape, model.params, self.dataset, model.mesh, self.limit))
        return {name: float(score.bits_per_byte) for name, score in scores.items()}


def check_files(plan: Plan) -> None:
    """Checks that the files of held-out text are there.

    Raises:
      ConfigError: one is not.
    """
    for file in plan.held_out:
        if not Path(file).is_file():
            raise ConfigError(f"held_out: {file} is no file")


def hold_out(plan: Plan, dataset: Dataset) -> HeldOut:
    """Returns what a plan's models are judged on.

    Raises:
      ConfigError: a file is missing, or the first recipe holds nothing out.
    """
    check_files(plan)
    if not plan.held_out and not dataset.validation:
        raise ConfigError("the first recipe holds no text out; name files: held_out = [...]")
    return HeldOut(dataset, plan.held_out, plan.windows)
