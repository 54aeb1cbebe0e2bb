"""Training: logistic regression by AdaGrad, in an order that is the same each time.

The threshold is chosen on texts of hosts that the weights have not seen: the least at which at
most a stated share of benign texts is called explicit, and of those that are hard another share.
"""

from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from massivetext.errors import ConfigError
from massivetext.filters.safety.text.features import buckets, sample
from massivetext.filters.safety.text.model import SafetyModel
from massivetext.filters.safety.text.rows import EXPLICIT, HARD, LABELS, SAFE, Labelled
from massivetext.text.kernels import find_kernels
from massivetext.text.surrogates import encodable

Floats = NDArray[np.float64]
_LARGEST: Final = 127  # of a weight as int8
_LEAST_HELD_OUT: Final = 20  # benign texts, to choose a threshold on


class Settings(NamedTuple):
    """How a model is trained; the defaults are the shipped model's."""

    bits: int = 18
    epochs: int = 12
    rate: float = 0.3  # of the first steps
    decay: float = 1e-4  # of weights that a text has, in each step
    hard_weight: float = 4.0  # of hard texts, beside 1 of the others
    false_positives: float = 0.01  # of safe texts, held out
    hard_false_positives: float = 0.08
    folds: int = 5  # of hosts; each is scored by a model that has not seen it


class Trained(NamedTuple):
    """A model, and the scores of all rows by models that had not seen their hosts."""

    model: SafetyModel
    held_out: Floats


def train(rows: Sequence[Labelled], settings: Settings) -> Trained:
    """Returns a model of all rows, with the threshold chosen on held-out scores.

    Raises:
      ConfigError: there are no explicit or no safe texts, or too few to choose a threshold on.
    """
    _check(rows)
    features = [find_buckets(row.text, settings.bits) for row in rows]
    folds = np.array([row.fold(settings.folds) for row in rows])
    scores = np.zeros(len(rows))
    for fold in range(settings.folds):
        seen = np.flatnonzero(folds != fold).tolist()
        model = fit([rows[i] for i in seen], [features[i] for i in seen], settings)
        for i in np.flatnonzero(folds == fold).tolist():
            scores[i] = score_buckets(model, features[i])
    model = fit(rows, features, settings)
    threshold = choose_threshold(rows, scores, settings)
    header = model.header | {"threshold": threshold} | about(rows, scores, threshold, settings)
    return Trained(SafetyModel(header, model.weights), scores)


def _check(rows: Sequence[Labelled]) -> None:
    counts = {label: sum(row.label == label for row in rows) for label in LABELS}
    for label in (SAFE, EXPLICIT):
        if not counts[label]:
            raise ConfigError(
                f"no text has the label {label!r}: a classifier needs texts of both kinds"
            )
    if counts[SAFE] < _LEAST_HELD_OUT:
        raise ConfigError(
            f"{counts[SAFE]} safe texts are too few to choose a threshold on; give at least"
            f" {_LEAST_HELD_OUT}"
        )


def find_buckets(text: str, bits: int) -> NDArray[np.uint32]:
    """Returns the buckets of a text's sample, by the kernel if there is one."""
    find: Callable[[str, int], bytes] | None = getattr(find_kernels(), "safety_buckets", None)
    seen = encodable(sample(text))
    if find is None:
        return np.array(buckets(seen, bits), np.uint32)
    return np.frombuffer(find(seen, bits), np.uint32)


def fit(
    rows: Sequence[Labelled], features: Sequence[NDArray[np.uint32]], settings: Settings
) -> SafetyModel:
    """Returns a model of the rows, its weights as bytes, with a threshold of one half."""
    weights, bias = np.zeros(1 << settings.bits), 0.0
    squares, bias_square = np.full(len(weights), 1e-8), 1e-8
    order = np.random.default_rng(0)
    for _ in range(settings.epochs):
        for number in order.permutation(len(rows)):
            row, places = rows[number], features[number]
            if not len(places):
                continue
            size = 1 / np.sqrt(len(places))
            value = bias + weights[places].sum() * size
            error = 1 / (1 + np.exp(-np.clip(value, -500, 500))) - row.explicit
            error *= settings.hard_weight if row.label == HARD else 1.0
            there, copies = np.unique(places, return_counts=True)
            slope = error * size * copies + settings.decay * weights[there]
            squares[there] += slope * slope
            weights[there] -= settings.rate * slope / np.sqrt(squares[there])
            bias_square += error * error
            bias -= settings.rate * error / np.sqrt(bias_square)
    return quantized(weights, float(bias), settings.bits)


def quantized(weights: Floats, bias: float, bits: int) -> SafetyModel:
    """Returns a model of weights as bytes; the few above eight deviations are cut."""
    used = weights[weights != 0]
    largest = min(np.abs(weights).max(), 8 * used.std()) if len(used) else 0.0
    scale = float(largest / _LARGEST) or 1.0
    small = np.clip(np.rint(weights / scale), -_LARGEST, _LARGEST).astype(np.int8)
    header = {"bits": bits, "bias": bias, "scale": scale, "threshold": 0.5}
    return SafetyModel(header, small)


def score_buckets(model: SafetyModel, places: NDArray[np.uint32]) -> float:
    """Returns the probability for a text of which the buckets are known."""
    return model.probability(int(model.weights[places].sum(dtype=np.int64)), len(places))


def choose_threshold(rows: Sequence[Labelled], scores: Floats, settings: Settings) -> float:
    """Returns the least threshold at which few enough benign texts are above it."""
    bounds = ((SAFE, settings.false_positives), (HARD, settings.hard_false_positives))
    labels = np.array([row.label for row in rows])
    return max(_least(scores[labels == label], share) for label, share in bounds)


def _least(scores: Floats, share: float) -> float:
    if not len(scores):
        return 0.0
    allowed = int(share * len(scores))
    return float(np.sort(scores)[::-1][allowed])  # a text at the threshold is kept


def about(
    rows: Sequence[Labelled], scores: Floats, threshold: float, settings: Settings
) -> dict[str, Any]:
    """Returns what a card says of a model: texts, and shares that are above the threshold."""
    above = scores > threshold
    labels = np.array([row.label for row in rows])
    return {
        "settings": settings._asdict(),
        "texts": {label: int((labels == label).sum()) for label in LABELS},
        "hosts": len({row.group for row in rows}),
        "called_explicit": {
            label: float(above[labels == label].mean()) if (labels == label).any() else None
            for label in LABELS
        },
    }
