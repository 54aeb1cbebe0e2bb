"""Differences between recipes, with the error that a few seeds leave."""

import math
from typing import NamedTuple

import numpy as np
from scipy.special import stdtrit  # type: ignore[import-untyped]

from massivetext.train.laboratory.plan import Question

Scores = dict[str, dict[int, dict[str, float]]]  # by recipe, seed and source
LEVEL = 0.95


class Difference(NamedTuple):
    """The second recipe of a question against the first, in bits a byte: below zero is better."""

    ask: str
    first: str
    second: str
    source: str
    mean: float
    error: float  # standard error of the mean of the seeds' differences
    half: float  # half of the interval that holds the true difference in 95 of 100 experiments

    @property
    def verdict(self) -> str:
        """Returns what the experiment can tell."""
        if abs(self.mean) <= self.half:
            return "cannot be told apart"
        return f"{self.second} is {'better' if self.mean < 0 else 'worse'}"


def compare_recipes(scores: Scores, question: Question, source: str) -> Difference:
    """Returns a question's answer for one source: models of the same seed are compared."""
    first, second = question.of
    pairs = [scores[second][seed][source] - scores[first][seed][source] for seed in scores[first]]
    mean, error = mean_and_error(pairs)
    half = error * float(stdtrit(len(pairs) - 1, (1 + LEVEL) / 2))
    return Difference(question.ask, first, second, source, mean, error, half)


def mean_and_error(values: list[float]) -> tuple[float, float]:
    """Returns the mean and its standard error.

    >>> mean_and_error([1.0, 2.0, 3.0])
    (2.0, 0.5773502691896258)
    """
    return float(np.mean(values)), float(np.std(values, ddof=1) / math.sqrt(len(values)))


def sources_of(scores: Scores) -> list[str]:
    """Returns the sources that every model was judged on, all together first."""
    every = [set(one) for seeds in scores.values() for one in seeds.values()]
    names = set.intersection(*every)
    return [name for name in ("all",) if name in names] + sorted(names - {"all"})
