"""Gradient boosting of oblivious trees: all nodes of a level ask the same question.

Friedman 2001 for the boosting, Prokhorenkova et al. 2018 (CatBoost) for the trees. Labels are
shares in [0, 1] under cross entropy; leaves are whole numbers, so scores are exact everywhere.
"""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from massivetext.readers.html.salience.arrays import Floats, Ints
from massivetext.readers.html.salience.select import DEPTH, UNIT

BINS: Final = 48
RATE: Final = 0.1
L2: Final = 3.0
COLUMN_SHARE: Final = 0.25  # of the columns that a tree may ask about
ROWS: Final = 0.4  # rows that choose its questions, by weight; all rows set its leaves
SEED: Final = 13
Bins = NDArray[np.uint8]


class Tree(NamedTuple):
    """Questions "is column c above this cut?", root first, and the leaves by their answers."""

    columns: list[int]
    cuts: list[float]
    leaves: list[int]


class _Rows(NamedTuple):
    bins: list[Ints]
    gradient: Floats
    curvature: Floats


def fit(table: Floats, labels: Floats, weights: Floats, count: int) -> tuple[int, list[Tree]]:
    """Returns the first score (in `UNIT`s) and `count` trees that add to it."""
    rng = np.random.default_rng(SEED)
    weights = weights / weights.mean()
    cuts = [_cuts(column) for column in table.T]
    bins = [
        np.searchsorted(cut, column).astype(np.uint8)
        for cut, column in zip(cuts, table.T, strict=True)
    ]
    useful = [number for number, cut in enumerate(cuts) if len(cut)]
    mean = (weights * labels).sum() / weights.sum()
    first = round(float(np.log(mean / (1 - mean))) * UNIT)
    scores = np.full(len(labels), first, np.int64)
    odds = np.minimum(1, ROWS * weights)  # of a row to have a say in a tree's questions
    trees = []
    for _ in range(count):
        share = 1 / (1 + np.exp(-scores / UNIT))
        rows = _Rows([], weights * (share - labels), weights * share * (1 - share))
        columns = rng.choice(useful, max(1, int(len(useful) * COLUMN_SHARE)), replace=False)
        sample = np.flatnonzero(rng.random(len(labels)) < odds)
        sampled = _sampled(rows, bins, columns, sample, odds[sample])
        questions = _grow(sampled, cuts, columns)
        trees.append(_tree(rows, bins, cuts, questions))
        scores += np.array(trees[-1].leaves)[_answers(bins, questions)]
    return first, trees


def _cuts(column: Floats) -> Floats:
    """Returns at most `BINS` - 1 values between those of the column."""
    values = np.unique(column)
    if len(values) <= BINS:
        return np.asarray((values[1:] + values[:-1]) / 2)
    return np.unique(np.quantile(column, np.linspace(0, 1, BINS + 1)[1:-1], method="lower"))


def _sampled(rows: _Rows, bins: list[Bins], columns: Ints, sample: Ints, odds: Floats) -> _Rows:
    """Returns some rows, each standing for those like it that were not drawn."""
    chosen = [bins[column][sample].astype(np.int64) for column in columns]
    return _Rows(chosen, rows.gradient[sample] / odds, rows.curvature[sample] / odds)


def _grow(rows: _Rows, cuts: list[Floats], columns: Ints) -> list[tuple[int, int]]:
    """Returns the questions of a tree as (column, cut's number), the best at each level."""
    questions: list[tuple[int, int]] = []
    leaf = np.zeros(len(rows.gradient), np.int64)
    for level in range(DEPTH):
        gains = [
            _gains(rows, leaf, 1 << level, number)[: len(cuts[column])]
            for number, column in enumerate(columns)
        ]
        best = max(range(len(columns)), key=lambda number: gains[number].max())
        cut = int(gains[best].argmax())
        questions.append((int(columns[best]), cut))
        leaf = 2 * leaf + (rows.bins[best] > cut)
    return questions


def _gains(rows: _Rows, leaf: Ints, leaves: int, number: int) -> Floats:
    """Returns what each cut of a column would gain, over all leaves of a level together."""
    places = leaf * BINS + rows.bins[number]
    size, shape = leaves * BINS, (leaves, BINS)
    gradient = np.bincount(places, rows.gradient, size).reshape(shape).cumsum(1)
    curvature = np.bincount(places, rows.curvature, size).reshape(shape).cumsum(1)
    total, weight = gradient[:, -1:], curvature[:, -1:]
    below = gradient**2 / (curvature + L2)
    above = (total - gradient) ** 2 / (weight - curvature + L2)
    return np.asarray((below + above).sum(0))


def _answers(bins: list[Bins], questions: list[tuple[int, int]]) -> Ints:
    leaf = np.zeros(len(bins[0]), np.int64)
    for column, cut in questions:
        leaf = 2 * leaf + (bins[column] > cut)
    return leaf


def _tree(
    rows: _Rows, bins: list[Bins], cuts: list[Floats], questions: list[tuple[int, int]]
) -> Tree:
    leaf = _answers(bins, questions)
    gradient = np.bincount(leaf, rows.gradient, 1 << DEPTH)
    curvature = np.bincount(leaf, rows.curvature, 1 << DEPTH)
    leaves = np.rint(-RATE * UNIT * gradient / (curvature + L2)).astype(int)
    columns = [column for column, _ in questions]
    return Tree(columns, [float(cuts[column][cut]) for column, cut in questions], leaves.tolist())
