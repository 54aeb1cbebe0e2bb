"""All items of all held-out sets, to be looked up in documents: tables of n-grams, and phrases.

`paper` holds the items' 13-grams as the paper compares them. The other tables hold the forms in
which items occur, with case folded, once for each length of n-gram that a set asks for. Whatever
shares an n-gram of 8 words or more shares one of 8, so those are looked up first, and alone where
nothing is found.
"""

from collections.abc import Iterable
from typing import Final, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from massivetext.decontaminate.forms import SHORT, forms_of, phrase_words
from massivetext.decontaminate.held_out import Item
from massivetext.decontaminate.overlap import Table, build_table
from massivetext.dedup.signature import Punctuation, Shingles, shingle_hashes

FIRST: Final = 8  # words of the n-grams that are looked up in every document
ANY: Final = 13  # words of the n-grams of which one is enough, as in GPT-3's filter
TEMPLATE: Final = 3  # items of one set; an n-gram of more is how the set asks, not what
Rule = Literal["paper", "containment", "any", "strict"]


class SetRules(NamedTuple):
    """How one held-out set is looked for."""

    name: str
    rule: Rule = "strict"
    n: int = FIRST  # words of the n-grams whose share counts
    any_n: int = ANY


class Index(NamedTuple):
    """What documents are compared with."""

    sets: list[SetRules]
    names: list[tuple[int, str]]  # set and id of each item
    paper: Table  # of items
    forms: dict[int, Table]  # of forms, by the words of an n-gram
    form_items: NDArray[np.uint32]
    phrases: Table  # of phrases, 5-grams
    phrase_items: NDArray[np.uint32]
    phrase_words: list[str]
    units: NDArray[np.uint32]  # by item: equal in those of a set that ask about one passage
    punctuation: Punctuation = "space"

    def set_of(self, item: int) -> SetRules:
        """Returns the rules of an item's set."""
        return self.sets[self.names[item][0]]


class Facts(NamedTuple):
    """What a set holds, and how much of it cannot be found on a page."""

    items: int = 0
    shingles: int = 0  # of the paper's
    not_findable: tuple[str, ...] = ()  # ids
    unknown_titles: int = 0  # articles whose titles hold words that the set hides


class _Growing:
    """The lists that an index is made of."""

    def __init__(self, punctuation: Punctuation) -> None:
        self.punctuation = punctuation
        self.names: list[tuple[int, str]] = []
        self.paper: list[NDArray[np.uint64]] = []
        self.texts: list[str] = []
        self.form_items: list[int] = []
        self.phrases: list[str] = []
        self.phrase_items: list[int] = []
        self.units: list[int] = []
        self._known: dict[tuple[int, bytes, tuple[str, ...]], int] = {}

    def add(self, number: int, item: Item, n: int) -> bool:
        """Adds an item; returns whether it can be found inside a page."""
        place, forms = len(self.names), forms_of(item, n)
        self.names.append((number, item.id))
        self.paper.append(self._shingles(item.text))
        self.units.append(self._unit(number, item))
        texts = dict.fromkeys((*forms.texts, item.text))  # the paper's rule is looked up there too
        self.texts += texts
        self.form_items += [place] * len(texts)
        self.phrases += map(phrase_words, forms.phrases)
        self.phrase_items += [place] * len(forms.phrases)
        return forms.findable

    def _shingles(self, text: str) -> NDArray[np.uint64]:
        return shingle_hashes(text, Shingles(punctuation=self.punctuation))

    def _unit(self, number: int, item: Item) -> int:
        """Returns a number that items of one set share if they repeat a passage, or each other."""
        passage = item.asked.passage
        key = (self._shingles(passage), ()) if passage else (self.paper[-1], item.asked.right)
        return self._known.setdefault((number, key[0].tobytes(), key[1]), len(self._known))

    def table(self, n: int, texts: list[str]) -> Table:
        rules = Shingles(n, self.punctuation, fold_case=True)
        return build_table(shingle_hashes(text, rules) for text in texts)


def build_index(
    sets: list[SetRules], items: Iterable[tuple[int, Item]], punctuation: Punctuation = "space"
) -> tuple[Index, list[Facts]]:
    """Returns the index of items, each with the number of its set, and facts about each set."""
    growing, facts = _Growing(punctuation), [Facts() for _ in sets]
    for number, item in items:
        found = growing.add(number, item, sets[number].n)
        known = facts[number]
        lost = known.not_findable if found else (*known.not_findable, item.id)
        shingles = known.shingles + len(growing.paper[-1])
        hidden = known.unknown_titles + item.unknown
        facts[number] = Facts(known.items + 1, shingles, lost, hidden)
    widths = sorted({FIRST} | {n for held in sets for n in (held.n, held.any_n)})
    index = Index(
        sets,
        growing.names,
        build_table(growing.paper),
        {n: growing.table(n, growing.texts) for n in widths},
        np.array(growing.form_items, np.uint32),
        growing.table(SHORT, growing.phrases),
        np.array(growing.phrase_items, np.uint32),
        growing.phrases,
        np.array(growing.units, np.uint32),
        punctuation,
    )
    return index, facts


def find_templates(table: Table, index: Index) -> NDArray[np.bool_]:
    """Returns which entries of a table of forms stand in more than three items of one set.

    Items that ask about one passage count once, and so do copies of an item: what is repeated with
    all that is around it is no template, and the more items have it, the more must it be found.
    """
    if not len(table.hashes):
        return np.zeros(0, bool)
    items = index.form_items[table.items]
    sets = np.array([number for number, _ in index.names], np.int64)
    first = np.searchsorted(table.hashes, table.hashes, "left")
    units = index.units[items]
    order = np.lexsort((units, first))
    items, units, place = items[order], units[order], first[order]
    once = np.ones(len(items), bool)
    once[1:] = (place[1:] != place[:-1]) | (units[1:] != units[:-1])
    keys, counts = np.unique(place[once] * len(index.sets) + sets[items[once]], return_counts=True)
    known = np.zeros(len(table.hashes), bool)
    known[keys[counts > TEMPLATE] // len(index.sets)] = True
    return known[first]
