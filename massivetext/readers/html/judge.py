"""Judges each block of a page that has text of its own: by rules, and by the trained model."""

from typing import Any, Final, NamedTuple

import numpy as np

from massivetext.readers.html.blocks.tree import UNSEEN, Block, read_blocks
from massivetext.readers.html.choose import blocks_below, choose, standfirst
from massivetext.readers.html.prune import NAMED_SHARE, prune
from massivetext.readers.html.salience.arrays import Ints, Page, read_page
from massivetext.readers.html.salience.hints import page_hints
from massivetext.readers.html.salience.measures import Columns, measure
from massivetext.readers.html.salience.select import Flags, select
from massivetext.readers.html.salience.trees import Model

FEW: Final = 16  # leaves; a page of fewer has no groups to compare, so rules choose


class Judged(NamedTuple):
    """A page's blocks in document order, with what the rules choose among them."""

    blocks: list[Block]
    page: Page
    chosen: Ints  # 1 for each block that the rules choose
    headline: Block | None


def read_judged(tree: Any) -> Judged:
    """Returns the blocks of a parsed page with the choice of the rules."""
    top = read_blocks(tree.body)
    blocks = blocks_below(top)
    page = read_page(blocks)
    parts = [block.parts for block in blocks]
    chosen = np.zeros(len(blocks), np.int64)
    prune(top, NAMED_SHARE * top.plain)
    kept = blocks_below(top)
    root = choose(kept)
    for part in (*standfirst(kept, root), root):
        for block in blocks_below(part):
            chosen[block.number] = 1
    for block, whole in zip(blocks, parts, strict=True):
        block.parts = whole
    return Judged(blocks, page, chosen, top.head)


def measure_judged(tree: Any, judged: Judged) -> Columns:
    """Returns the measures of each leaf of a page that has some."""
    return measure(judged.page, judged.chosen, page_hints(tree))


def salient_leaves(tree: Any, judged: Judged, model: Model) -> Flags:
    """Returns which leaves of a page that has some are main text."""
    if len(judged.page.leaves) >= FEW:
        chosen = judged.chosen[judged.page.leaves] == 1
        return select(judged.page, model.shares(measure_judged(tree, judged)), chosen)
    return _by_rules(judged)


def _by_rules(judged: Judged) -> Flags:
    """Returns what the rules choose; what nobody sees before a script ran only if it is more."""
    page = judged.page
    text, away = page.text[page.leaves], page.away[page.leaves]
    kept: Flags = np.asarray(judged.chosen[page.leaves] == 1)
    unseen = away == UNSEEN
    if text[unseen].sum() > text[kept].sum():
        return np.asarray(unseen)
    if kept.any():
        return kept
    return np.asarray(away == 0) if (away == 0).any() else np.ones(len(text), np.bool_)
