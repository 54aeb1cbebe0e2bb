"""Selects the leaves of a page that together make the best text, by the model's shares."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from massivetext.readers.html.blocks.tree import HEADINGS, NOTE, UNSEEN
from massivetext.readers.html.salience.arrays import TAGS, Ints, Page
from massivetext.readers.html.salience.trees import WHOLE

Flags = NDArray[np.bool_]

ROW: Final = 400  # characters; cells of a row of fewer are judged together, so rows stay whole
PROSE: Final = 0.6  # of the chosen words in paragraphs make a page of prose
NEAR: Final = 0.02  # of expected F1
_HEADINGS: Final = frozenset(TAGS[tag] for tag in HEADINGS)
_CELLS: Final = (TAGS["td"], TAGS["th"])


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
