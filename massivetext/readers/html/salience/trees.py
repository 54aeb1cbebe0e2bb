"""The trained model: trees that add up to how salient each leaf block of a page is.

All trees ask `DEPTH` questions, the same at all nodes of a level, so a page's blocks are judged
in a few array operations. Scores are whole numbers of `UNIT`s of log odds: exact everywhere.
"""

import functools
import json
import math
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from massivetext.readers.html.salience.arrays import Ints

DEPTH: Final = 6
UNIT: Final = 4096
WHOLE: Final = 1 << 16  # a share of 1, in the whole numbers of `Model.shares`
_PART: Final = 128  # leaves that are judged together, so that the answers stay in the cache
_STEP: Final = 64  # units of a score that share a share
_HIGHEST: Final = 10  # log odds; scores beyond are cut
_SHARES: Final = np.array(
    [
        round(WHOLE / (1 + math.exp(-step * _STEP / UNIT)))
        for step in range(-_HIGHEST * UNIT // _STEP, _HIGHEST * UNIT // _STEP + 1)
    ],
    np.int64,
)


class Model(NamedTuple):
    """Trees as arrays."""

    names: tuple[str, ...]  # the measures that they ask about
    columns: Ints  # of each question, trees one after the other
    cuts: NDArray[np.float32]
    leaves: Ints  # all trees' one after the other
    first: int

    def shares(self, columns: Mapping[str, Any]) -> Ints:
        """Returns how likely each leaf is main text, of `WHOLE`, from the columns of `measure`."""
        table = np.empty((len(self.names), len(columns[self.names[0]])), np.float32)
        for row, name in enumerate(self.names):
            table[row] = columns[name]
        parts = [self._scores(table[:, at : at + _PART]) for at in range(0, table.shape[1], _PART)]
        steps = np.concatenate(parts) // _STEP + len(_SHARES) // 2
        return np.asarray(_SHARES[np.clip(steps, 0, len(_SHARES) - 1)])

    def _scores(self, table: NDArray[np.float32]) -> Ints:
        answers = table[self.columns] > self.cuts[:, None]
        answers = answers.reshape(-1, DEPTH, table.shape[1])
        leaf = answers[:, 0].astype(np.int16)
        for level in range(1, DEPTH):
            leaf = leaf << 1 | answers[:, level]
        places = leaf + (np.arange(len(leaf), dtype=np.int32) << DEPTH)[:, None]
        return np.asarray(self.leaves.take(places).sum(0) + self.first)


@functools.cache
def shipped_model() -> Model:
    """Returns the model that comes with the package (`python -m benchmarks.extraction.train`)."""
    return read_model(files("massivetext.readers.html.salience").joinpath("model.json"))


def read_model(path: Any) -> Model:
    """Returns a model from JSON: `names`, `first`, and of each tree [columns, cuts, leaves]."""
    content = json.loads((Path(path) if isinstance(path, str) else path).read_text("utf-8"))
    trees = content["trees"]
    return Model(
        tuple(content["names"]),
        np.array([column for tree in trees for column in tree[0]], np.int64),
        np.array([cut for tree in trees for cut in tree[1]], np.float32),
        np.array([leaf for tree in trees for leaf in tree[2]], np.int64),
        content["first"],
    )
