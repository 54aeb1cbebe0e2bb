"""Which of several copies survives: the first in a total order, the same on every run.

Rae et al. 2021, appendix A.1.1, remove one of a pair "at random": by default the order is a hash of
the id. The other orders are there for comparison with tools that keep the longest or the first.
"""

from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from massivetext.hashing import rank, ranks

Survivor = Literal["random", "longest", "first"]
_AFTER = 8  # places, of 16: where there are newcomers, at most seven sources are preferred
_LONGEST = (1 << 28) - 1  # bytes; longer documents are alike, and chance decides


class Survival(NamedTuple):
    """What decides the order: sources named by `preference` come first, in that order."""

    seed: int = 0
    preference: tuple[str, ...] = ()
    survivor: Survivor = "random"  # within a source
    newcomers: bool = False  # the documents come after all that are none

    def place_of(self, source: str) -> int:
        """Returns the place of a source among those preferred; the others share the last."""
        known = source in self.preference
        place = self.preference.index(source) if known else len(self.preference)
        return place + _AFTER if self.newcomers else place


class Entrant(NamedTuple):
    """What is known of a document when its place is decided."""

    id: str
    text_bytes: int = 0
    part: int = 0
    row: int = 0


def order_of(survival: Survival, source: str, document: Entrant) -> int:
    """Returns a document's place in the order in which documents survive: the smallest does.

    >>> books = Survival(preference=("books",))
    >>> order_of(books, "books", Entrant("z")) < order_of(books, "web", Entrant("a"))
    True
    >>> longest = Survival(survivor="longest")
    >>> order_of(longest, "web", Entrant("a", 9)) < order_of(longest, "web", Entrant("b", 8))
    True
    """
    place = survival.place_of(source) << 60
    if survival.survivor == "random":
        return place | rank(survival.seed, document.id) >> 4
    if survival.survivor == "first":
        return place | document.part << 32 | document.row
    shorter = _LONGEST - min(document.text_bytes, _LONGEST)
    return place | shorter << 32 | rank(survival.seed, document.id) >> 32


def orders_of(survival: Survival, source: str, documents: Sequence[Entrant]) -> NDArray[np.uint64]:
    """Returns `order_of` of each of the documents of one source."""
    if survival.survivor != "random":
        return np.array([order_of(survival, source, found) for found in documents], np.uint64)
    return random_orders(survival, source, (document.id for document in documents))


def random_orders(survival: Survival, source: str, ids: Iterable[str]) -> NDArray[np.uint64]:
    """Returns `order_of` of documents of one source by their ids, where chance decides."""
    found = np.array(ranks(survival.seed, ids), np.uint64)
    return found >> np.uint64(4) | np.uint64(survival.place_of(source) << 60)
