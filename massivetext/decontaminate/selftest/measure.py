"""How much each rule finds of what pages hold, and what it flags of clean ones."""

from collections import Counter
from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from massivetext.decontaminate.detect import PHRASES, RULES, Found, find, judge_found, make_guard
from massivetext.decontaminate.held_out import Item
from massivetext.decontaminate.index import Facts, Index, SetRules, build_index
from massivetext.decontaminate.overlap import Bounds
from massivetext.decontaminate.selftest.items import FAMOUS, TEMPLATE, make_decoys, make_items
from massivetext.decontaminate.selftest.pages import FORMS
from massivetext.decontaminate.selftest.prose import Writer
from massivetext.paper import MAX_JACCARD

CLEAN: Final = 500  # pages without an item
FAMOUS_PAGES: Final = 40  # of them quote the famous text, and as many hold the template
COMMON: Final = 10  # documents; the recipe's default
SAMPLED: Final = 300  # items of a set whose pages are made; all are looked for


class Recall(NamedTuple):
    """Pages of one form, and how many of them each rule flags."""

    form: str
    pages: int
    found: dict[str, int]


class Outcome(NamedTuple):
    """The result of the selftest for one set."""

    name: str
    recalls: list[Recall]
    clean: int
    false_flags: dict[str, int]  # of clean pages, by rule
    facts: Facts


def clean_pages(seed: int = 2) -> Iterator[str]:
    """Yields pages without items: some quote what is famous, some ask as the set asks."""
    writer = Writer(seed)
    for number in range(CLEAN):
        inside = ""
        if number < FAMOUS_PAGES:
            inside = FAMOUS
        elif number < 2 * FAMOUS_PAGES:
            inside = f"{TEMPLATE}?\n{writer.thing()}\n{writer.thing()}"
        yield "\n\n".join([writer.prose(200), inside, writer.prose(200)])


class Detector:
    """An index of items with a guard from the clean pages."""

    def __init__(self, name: str, items: Iterable[Item], clean: Iterable[str]) -> None:
        self.index, (self.facts,) = build_index([SetRules(name)], ((0, item) for item in items))
        self._bounds = Bounds(Fraction(str(MAX_JACCARD)))
        found = [(page, find(page, self.index, self._bounds)) for page in clean]
        self.clean = [shared for _, shared in found]
        self.guard = make_guard(self.index, frequencies(self.clean, self.index), COMMON)

    def rules_of(self, page: str) -> set[str]:
        """Returns the rules that flag a page."""
        return self.flags(find(page, self.index, self._bounds))

    def flags(self, found: Found | None) -> set[str]:
        """Returns the rules that flag a page, by what it shares with items."""
        return set() if found is None else set(judge_found(found, self.index, self.guard).hits)


def frequencies(pages: Iterable[Found | None], index: Index) -> dict[int, NDArray[np.int64]]:
    """Returns how many pages have each n-gram and each phrase of an index."""
    counts = {n: np.zeros(len(table.hashes), np.int64) for n, table in index.forms.items()}
    counts[PHRASES] = np.zeros(len(index.phrase_words), np.int64)
    for found in pages:
        for n, positions in found.positions.items() if found is not None else ():
            counts[n][positions] += 1
    return counts


def measure(name: str, items: list[Item], decoys: list[Item], clean: list[str]) -> Outcome:
    """Returns recall by form and rule on pages that hold `items`, and false flags on clean ones."""
    detector = Detector(name, [*items, *decoys], clean)
    chosen = items[:: max(1, -(-len(items) // SAMPLED))]
    recalls = [_recall(form, chosen, detector) for form in FORMS]
    false = Counter(rule for found in detector.clean for rule in detector.flags(found))
    flags = {rule: false[rule] for rule in RULES}
    return Outcome(name, recalls, len(clean), flags, detector.facts)


def _recall(form: str, items: list[Item], detector: Detector) -> Recall:
    writer = Writer(3)
    pages = [page for item in items if (page := FORMS[form](item, writer)) is not None]
    found = Counter(rule for page in pages for rule in detector.rules_of(page))
    return Recall(form, len(pages), {rule: found[rule] for rule in RULES})


def measure_own() -> Outcome:
    """Returns the outcome for the items of our own."""
    return measure("own items", make_items(), make_decoys(), list(clean_pages()))
