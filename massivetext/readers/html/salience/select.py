"""Selects the leaves of a page that together make the best text, by the model's shares."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from massivetext.readers.html.salience.arrays import TAGS, Ints, Page
from massivetext.readers.html.salience.trees import WHOLE
from massivetext.readers.html.tree import UNSEEN

Flags = NDArray[np.bool_]

ROW: Final = 400  # characters; cells of a row of fewer are judged together, so rows stay whole
_CELLS: Final = (TAGS["td"], TAGS["th"])


def select(page: Page, shares: Ints) -> Flags:
    """Returns which leaves to keep, from how likely each is main text (of `WHOLE`).

    Repeated siblings stand and fall together: half of a leaf's share is that of its group, the
    leaves of one shape. What only readers without scripts see wins only where the rest gives less.
    """
    words = np.array([text.count(" ") + 1 for text in page.texts], np.int64)
    shares = (shares + _of_group(page.shape[page.leaves], shares, words)) // 2
    shares = _whole_rows(page, shares, words)
    unseen = page.away[page.leaves] == UNSEEN
    kept = _best(shares, words)
    if words[kept & unseen].sum() > words[kept & ~unseen].sum():
        return kept
    return np.asarray(_best(np.where(unseen, 0, shares), words) & ~unseen)


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


def _best(shares: Ints, words: Ints) -> Flags:
    """Returns the leaves whose text has the highest expected F1: the likeliest, down to a share.

    Of k leaves it is 2 · (their expected true words) / (their words + all expected true words).
    """
    order = np.argsort(-shares, kind="stable")
    true = np.cumsum((shares * words)[order])
    scores = 2 * true / (np.cumsum(words[order]) * WHOLE + true[-1])
    kept = np.zeros(len(shares), np.bool_)
    kept[order[: int(scores.argmax()) + 1]] = True
    return kept
