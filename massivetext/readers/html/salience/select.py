"""Judges the leaves of a page by a trained model, and selects those that make the best text.

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

from massivetext.readers.html.blocks.tree import HEADINGS, NOTE, UNSEEN
from massivetext.readers.html.salience.arrays import TAGS, Ints, Page

Flags = NDArray[np.bool_]

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
ROW: Final = 400  # characters; cells of a row of fewer are judged together, so rows stay whole
PROSE: Final = 0.6  # of the chosen words in paragraphs make a page of prose
NEAR: Final = 0.02  # of expected F1
_HEADINGS: Final = frozenset(TAGS[tag] for tag in HEADINGS)
_CELLS: Final = (TAGS["td"], TAGS["th"])


class Model(NamedTuple):
    """Trees as arrays."""

    names: tuple[str, ...]  # the measures that they ask about
    columns: Ints  # of each question, which half of the trees' levels share
    cuts: NDArray[np.float32]
    asked: Ints  # number of the question of each level, trees one after the other
    leaves: NDArray[np.int32]  # all trees' one after the other
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
        answers = (table[self.columns] > self.cuts[:, None]).view(np.uint8)[self.asked]
        answers = answers.reshape(-1, DEPTH, table.shape[1])
        leaf: NDArray[np.integer[Any]] = answers[:, 0]
        for level in range(1, DEPTH):
            leaf = leaf << 1 | answers[:, level]
        places = leaf + (np.arange(len(leaf), dtype=np.int32) << DEPTH)[:, None]
        return np.asarray(self.leaves.take(places).sum(0, np.int64) + self.first)


@functools.cache
def shipped_model() -> Model:
    """Returns the model that comes with the package (`python -m benchmarks.extraction.train`)."""
    return read_model(files("massivetext.readers.html.salience").joinpath("model.json"))


def read_model(path: Any) -> Model:
    """Returns a model from JSON: `names`, `first`, and of each tree [columns, cuts, leaves]."""
    content = json.loads((Path(path) if isinstance(path, str) else path).read_text("utf-8"))
    trees = content["trees"]
    levels = [question for tree in trees for question in zip(tree[0], tree[1], strict=True)]
    numbers = {question: number for number, question in enumerate(dict.fromkeys(levels))}
    return Model(
        tuple(content["names"]),
        np.array([column for column, _ in numbers], np.int64),
        np.array([cut for _, cut in numbers], np.float32),
        np.array([numbers[question] for question in levels], np.int64),
        np.array([leaf for tree in trees for leaf in tree[2]], np.int32),
        content["first"],
    )


def select(page: Page, shares: Ints, chosen: Flags) -> Flags:
    """Returns which leaves to keep.

    Repeated siblings stand and fall together: half of a leaf's share is that of its group, the
    leaves of one shape. What only readers without scripts see wins only where the rest gives less.

    Args:
      page: the arrays of a page.
      shares: how likely each leaf is main text, of `WHOLE`.
      chosen: the leaves that the rules choose; where they are prose and nearly as good by the
        shares, they stay, for they have been read by more people than the model has pages.
    """
    words = np.array([text.count(" ") + 1 for text in page.texts], np.int64)
    likely = (shares + _of_group(page.shape[page.leaves], shares, words)) // 2
    likely = _whole_rows(page, _without_notes(page, likely), words)
    unseen = page.away[page.leaves] == UNSEEN
    kept = _best(likely, words)
    if words[kept & unseen].sum() <= words[kept & ~unseen].sum():
        kept = _best(np.where(unseen, 0, likely), words) & ~unseen
    paragraphs = words[chosen & (page.tag[page.leaves] == TAGS["p"])].sum()
    is_prose = paragraphs >= PROSE * max(1, words[chosen].sum())
    if is_prose and _expected(shares, words, chosen) > _expected(shares, words, kept) - NEAR:
        kept = chosen
    return _without_lead_ins(page, kept)


def _without_notes(page: Page, shares: Ints) -> Ints:
    """Returns no share for consent notes, unless they seem to be the page."""
    notes = page.away[page.leaves] == NOTE
    text = page.text[page.leaves]
    if notes.any() and 2 * text[notes].sum() < text.sum():
        return np.where(notes, 0, shares)
    return shares


def _without_lead_ins(page: Page, kept: Flags) -> Flags:
    """Drops headings at the end that lead in to nothing but what is dropped."""
    kept = kept.copy()
    last = len(kept) - 1
    for number in np.flatnonzero(kept)[::-1].tolist():
        if page.tag[page.leaves[number]] not in _HEADINGS or number == last:
            break
        kept[number] = False
    return kept


def _of_group(groups: Ints, shares: Ints, words: Ints) -> Ints:
    """Returns the mean share of each leaf's group by words."""
    _, numbers = np.unique(groups, return_inverse=True)
    weights = words + 1
    sums = np.zeros(numbers.max() + 1, np.int64)
    totals = np.zeros_like(sums)
    np.add.at(sums, numbers, shares * weights)
    np.add.at(totals, numbers, weights)
    return np.asarray((sums // totals)[numbers])


def _whole_rows(page: Page, shares: Ints, words: Ints) -> Ints:
    leaves = page.leaves
    rows = page.parent[leaves]
    cells = np.isin(page.tag[leaves], _CELLS) & (page.all_text[rows] < ROW)
    if not cells.any():
        return shares
    return np.where(cells, _of_group(np.where(cells, rows, -leaves - 1), shares, words), shares)


def _expected(shares: Ints, words: Ints, kept: Flags) -> float:
    """Returns the expected F1 of the kept leaves' words.

    It is 2 · (their expected true words) / (their words + all expected true words).
    """
    true = shares * words
    return float(2 * true[kept].sum() / max(1, words[kept].sum() * WHOLE + true.sum()))


def _best(shares: Ints, words: Ints) -> Flags:
    """Returns the leaves whose expected F1 is the highest: the likeliest, down to some share."""
    order = np.argsort(-shares, kind="stable")
    true = np.cumsum((shares * words)[order])
    scores = 2 * true / (np.cumsum(words[order]) * WHOLE + true[-1])
    kept = np.zeros(len(shares), np.bool_)
    kept[order[: int(scores.argmax()) + 1]] = True
    return kept
