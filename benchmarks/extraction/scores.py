"""How well a text agrees with what people marked."""

from collections import Counter
from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np

from benchmarks.extraction.labels import words_of
from benchmarks.extraction.pages import GoldPage

DRAWS: Final = 2_000  # of a bootstrap
SEED: Final = 13


class Scores(NamedTuple):
    r"""Of words as multisets: `\w+` in lower case."""

    f1: float
    precision: float
    recall: float


def word_scores(text: str, gold: str) -> Scores:
    """Returns F1, precision and recall of a text's words; all 1 if both texts have none."""
    got, known = Counter(words_of(text)), Counter(words_of(gold))
    if not got and not known:
        return Scores(1.0, 1.0, 1.0)
    common, size, want = (got & known).total(), got.total(), known.total()
    return Scores(2 * common / (size + want), common / max(1, size), common / max(1, want))


def mean_scores(scores: Sequence[Scores]) -> Scores:
    """Returns the mean over pages of each score."""
    return Scores(*(float(value) for value in np.mean(scores, axis=0)))


def segment_shares(texts: Sequence[str], pages: Sequence[GoldPage]) -> tuple[float, float]:
    """Returns the share of wanted segments found and of unwanted ones absent; any white space."""
    found, absent = [], []
    for text, page in zip(texts, pages, strict=True):
        line = " ".join(text.split())
        found += [" ".join(segment.split()) in line for segment in page.wanted]
        absent += [" ".join(segment.split()) not in line for segment in page.unwanted]
    return float(np.mean(found)), float(np.mean(absent))


def bootstrap(differences: Sequence[float]) -> tuple[float, float, float]:
    """Returns the mean difference of paired pages and its 95 % interval, pages drawn anew."""
    values = np.array(differences)
    draws = np.random.default_rng(SEED).integers(0, len(values), (DRAWS, len(values)))
    low, high = np.quantile(values[draws].mean(1), [0.025, 0.975])
    return float(values.mean()), float(low), float(high)
