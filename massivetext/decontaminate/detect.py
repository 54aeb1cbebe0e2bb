"""What a document holds of held-out items, and what each of four rules says of it.

The paper's rule is Jaccard of document and item. Of the others `containment` asks for more than
half of an item's n-grams in one of its forms, `any` for one n-gram, `strict` for containment or for
a short question with its answer as a phrase. N-grams that many documents have, or many items of one
set, are famous texts and templates: they prove nothing, and none of the three counts them.
"""

from fractions import Fraction
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from massivetext.decontaminate.forms import SHORT, phrase_words
from massivetext.decontaminate.index import FIRST, Index, find_templates
from massivetext.decontaminate.overlap import (
    Bounds,
    Match,
    Positions,
    by_containment,
    count_shared,
    find_matches,
    find_positions,
    is_reported,
    judge,
)
from massivetext.dedup.signature import Shingles, shingle_hashes

RULES: Final = ("paper", "containment", "any", "strict")
HALF: Final = Fraction(1, 2)
PHRASES: Final = 0  # in place of an n-gram's words: positions are numbers of phrases
_NONE: Final[Positions] = np.empty(0, np.int64)


class Found(NamedTuple):
    """What one document shares with items, before any guard."""

    paper: Match | None  # for which the paper's rule drops the document
    reported: Match | None  # else one that it holds to a half
    positions: dict[int, Positions]  # by words of an n-gram; numbers of phrases under PHRASES


def find(text: str, index: Index, bounds: Bounds) -> Found | None:
    """Returns what a document shares with items; None if that is nothing."""
    first = _positions(text, index, FIRST)
    phrases = _phrases(text, index)
    if not len(first) and not len(phrases):
        return None
    found = {n: first if n == FIRST else _positions(text, index, n) for n in index.forms}
    matches = find_matches(
        shingle_hashes(text, Shingles(punctuation=index.punctuation)), index.paper
    )
    paper = judge(matches, bounds)
    most = by_containment(matches) if matches and paper is None else None
    reported = most if most is not None and is_reported(most) else None
    return Found(paper, reported, found | {PHRASES: phrases})


def _positions(text: str, index: Index, n: int) -> Positions:
    rules = Shingles(n, index.punctuation, fold_case=True)
    return find_positions(shingle_hashes(text, rules), index.forms[n])


def _phrases(text: str, index: Index) -> Positions:
    if not index.phrase_words:
        return _NONE
    rules = Shingles(SHORT, index.punctuation, fold_case=True)
    positions = find_positions(shingle_hashes(text, rules), index.phrases)
    if not len(positions):
        return _NONE
    phrases, shared = count_shared(positions, index.phrases)
    whole = phrases[shared == index.phrases.sizes[phrases]].tolist()
    words = phrase_words(text) if whole else ""
    return np.array([number for number in whole if index.phrase_words[number] in words], np.int64)


class Guard(NamedTuple):
    """What does not count, by words of an n-gram."""

    common: dict[int, NDArray[np.bool_]]  # entries of the table; phrases under PHRASES
    sizes: dict[int, NDArray[np.int64]]  # n-grams of each form that count


def make_guard(index: Index, frequencies: dict[int, NDArray[np.int64]], most: int) -> Guard:
    """Returns the guard against what more than `most` documents hold.

    Args:
      index: the items.
      frequencies: by words of an n-gram, the documents of each entry that is first of its hash.
      most: documents.
    """
    common, sizes = dict[int, NDArray[np.bool_]](), dict[int, NDArray[np.int64]]()
    for n, table in index.forms.items():
        first = np.searchsorted(table.hashes, table.hashes, "left")
        known = find_templates(table, index)
        if n in frequencies:
            known |= frequencies[n][first] > most
        common[n] = known
        gone = np.bincount(table.items[known], minlength=len(table.sizes))
        sizes[n] = table.sizes.astype(np.int64) - gone
    often = frequencies.get(PHRASES, np.zeros(len(index.phrase_words), np.int64))
    common[PHRASES] = often > most
    return Guard(common, sizes)


class Hit(NamedTuple):
    """The item for which a rule drops a document, and how much of a form of it is there."""

    item: int
    shared: int
    size: int


class Verdict(NamedTuple):
    """What the rules say of a document."""

    hits: dict[str, Hit]  # by rule, the item for which it would drop the document
    rule: str = ""  # by which it is dropped: the paper's, or that of the item's set
    hit: Hit | None = None


def judge_found(found: Found, index: Index, guard: Guard, least: Fraction = HALF) -> Verdict:
    """Returns what each rule says, whichever is on.

    A form counts whose share of n-grams in the document is above `least`.
    """
    judging = _Judging(index, least)
    if found.paper is not None:
        judging.take("paper", Hit(found.paper.item, found.paper.shared, found.paper.size))
    for n, positions in found.positions.items():
        if n != PHRASES and len(positions):
            for form, shared in _shared(positions, index, guard, n):
                hit = Hit(int(index.form_items[form]), shared, int(guard.sizes[n][form]))
                judging.take_form(hit, n)
    for phrase in found.positions.get(PHRASES, _NONE).tolist():
        if not guard.common[PHRASES][phrase]:
            size = int(index.phrases.sizes[phrase])
            judging.take("strict", Hit(int(index.phrase_items[phrase]), size, size))
    return Verdict(judging.hits, *judging.dropped)


def _shared(positions: Positions, index: Index, guard: Guard, n: int) -> list[tuple[int, int]]:
    counted = positions[~guard.common[n][positions]]
    if not len(counted):
        return []
    forms, shared = count_shared(counted, index.forms[n])
    return list(zip(forms.tolist(), shared.tolist(), strict=True))


class _Judging:
    """The best hit of each rule so far, and the best of those for which the document goes."""

    def __init__(self, index: Index, least: Fraction) -> None:
        self._index, self._least = index, least
        self.hits: dict[str, Hit] = {}
        self.dropped: tuple[str, Hit | None] = ("", None)

    def take(self, rule: str, hit: Hit) -> None:
        if _is_more(hit, self.hits.get(rule)):
            self.hits[rule] = hit
        own = rule in ("paper", self._index.set_of(hit.item).rule)
        if own and self.dropped[0] != "paper" and _is_more(hit, self.dropped[1]):
            self.dropped = (rule, hit)

    def take_form(self, hit: Hit, n: int) -> None:
        rules = self._index.set_of(hit.item)
        if n == rules.any_n:
            self.take("any", hit)
        if n == rules.n and hit.shared > hit.size * self._least:
            self.take("containment", hit)
            self.take("strict", hit)


def _is_more(hit: Hit, other: Hit | None) -> bool:
    return other is None or hit.shared * other.size > other.shared * hit.size
