"""Overlap of a few texts with held-out items, in memory: the same verdicts as the pipeline's."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from massivetext.decontaminate.overlap import Bounds, Match, Table, build_table, find_matches, judge
from massivetext.dedup.signature import shingle_hashes
from massivetext.document import Document, given_text, given_texts
from massivetext.mixture.quotas import to_fraction
from massivetext.paper import MAX_JACCARD


class HeldOutMatch(NamedTuple):
    """A text that is too much like a held-out item."""

    text: int  # its place among the texts
    item: int  # the item's place among the items
    jaccard: float  # of their 13-grams
    containment: float  # the share of the item's 13-grams that the text has


def find_overlap(
    texts: Iterable[str | Document],
    items: Iterable[str],
    max_jaccard: float = MAX_JACCARD,
    max_containment: float | None = None,
) -> Iterator[HeldOutMatch]:
    """Yields the texts to drop since they are, or hold, a held-out item (A.1.1).

    Args:
      texts: or documents.
      items: passages of test sets; those without a word are like nothing.
      max_jaccard: a text whose 13-gram Jaccard similarity to an item is above it is dropped.
      max_containment: so is one that has a larger share of an item's 13-grams; None: not asked.

    Raises:
      ConfigError: a text or item is none, or there is one text instead of several.
      UnicodeEncodeError: a text has a lone surrogate; the error is a `ValueError`.

    >>> passage = "the quick brown fox jumps over the lazy dog near the old stone bridge"
    >>> [(found.text, found.item) for found in find_overlap(["unlike", passage], [passage])]
    [(1, 0)]
    """
    table = item_table(map(given_text, given_texts(items)))
    bounds = overlap_bounds(max_jaccard, max_containment)
    for place, item in enumerate(given_texts(texts)):
        text = given_text(item.text if isinstance(item, Document) else item)
        match = match_of(text, table, bounds)
        if match is not None:
            yield HeldOutMatch(place, match.item, match.jaccard, match.containment)


def item_table(items: Iterable[str]) -> Table:
    """Returns the table of held-out texts, to be looked up."""
    return build_table(shingle_hashes(item) for item in items)


def overlap_bounds(max_jaccard: float, max_containment: float | None) -> Bounds:
    """Returns the bounds as exact fractions."""
    return Bounds(
        to_fraction(max_jaccard), None if max_containment is None else to_fraction(max_containment)
    )


def match_of(text: str, table: Table, bounds: Bounds) -> Match | None:
    """Returns the item for which a text is dropped, if there is one."""
    return judge(find_matches(shingle_hashes(text), table), bounds)
