"""The recipe's part on what documents are compared with: each other, and held-out sets."""

from dataclasses import dataclass
from typing import Literal

from massivetext import paper
from massivetext.errors import ConfigError

MINIMA = 128  # of a signature
MOST_PREFERRED = 15  # sources: as many places as the order of survival has, but the last
MOST_BESIDE_OLD = 7  # where documents of an old build come before all others


@dataclass(frozen=True)
class Duplicates:
    """Document deduplication (appendix A.1.1)."""

    sources: tuple[str, ...] = paper.DUPLICATE_SOURCES
    max_jaccard: float = paper.MAX_JACCARD
    preference: tuple[str, ...] = ()  # sources whose copies survive before others'
    survivor: Literal["random", "longest", "first"] = "random"  # of the others
    verify: bool = True  # else whatever shares a band is a copy, as most tools have it
    punctuation: Literal["space", "delete"] = "space"  # what becomes of it in shingles
    shingle_words: int = paper.SHINGLE_WORDS
    bands: int = 21  # of the signature's 128 minima: what shares one is compared ...
    rows: int = 6  # ... and all minima of a band must be equal
    against: tuple[str, ...] = ()  # finished builds: what copies a document of theirs is dropped


TestSetForm = Literal[
    "jsonl", "wikitext", "mmlu",
    "suite:text", "suite:mmlu", "suite:bigbench", "suite:race", "suite:lambada", "suite:nq",
    "suite:triviaqa", "suite:hellaswag", "suite:piqa", "suite:winogrande", "suite:siqa",
    "suite:truthfulqa", "suite:fever", "suite:fever2", "suite:multifc",
]  # fmt: skip
OverlapRule = Literal["paper", "containment", "any", "strict"]


@dataclass(frozen=True)
class HeldOutSet:
    """One held-out set: documents that hold its items are dropped from training data."""

    name: str
    path: str
    format: TestSetForm = "jsonl"
    rule: OverlapRule | None = None  # that of `overlap` if not given
    n: int | None = None  # words of an n-gram; 8 if not given, and 13 for "any"


@dataclass(frozen=True)
class Overlap:
    """Test-set filtering (appendix A.1.1)."""

    sources: tuple[str, ...] = paper.SOURCES
    sets: tuple[HeldOutSet, ...] = ()
    suite: str = ""  # a folder of `massivetext evaluate --suite`: all its tasks are sets
    titles: tuple[str, ...] = ()  # files of page titles, one a line, dropped from Wikipedia
    rule: OverlapRule = "strict"  # "paper": Jaccard alone, which misses items inside a page
    max_jaccard: float = paper.MAX_JACCARD
    max_containment: float | None = None  # of the item; not in the paper; 0.5 in other rules
    common_documents: int = 10  # an n-gram in more documents is famous, and proves nothing; ...
    common_share: float = 1e-5  # ... or in a larger share of all, if that is more


def check_duplicates(rules: Duplicates) -> None:
    """Checks that a signature has minima for all bands, and the order of survival has places.

    Raises:
      ConfigError: they are too few.
    """
    most = MOST_BESIDE_OLD if rules.against else MOST_PREFERRED
    if len(rules.preference) > most:
        beside = "beside duplicates.against " if rules.against else ""
        raise ConfigError(
            f"duplicates.preference: {len(rules.preference)} sources; {beside}at most {most} can be"
            " preferred, name fewer"
        )
    if rules.bands * rules.rows > MINIMA:
        raise ConfigError(
            f"duplicates.bands: {rules.bands} bands of {rules.rows} rows are more than the"
            f" {MINIMA} minima of a signature; take fewer"
        )


def check_sets(sets: tuple[HeldOutSet, ...]) -> None:
    """Checks that files of one set's name are looked for by one rule.

    Raises:
      ConfigError: they are not, or a set has no name.
    """
    rules: dict[str, tuple[str | None, int | None]] = {}
    for held in sets:
        if not held.name:
            raise ConfigError(f"overlap.sets: the set {held.path} has an empty name; give it one")
        if rules.setdefault(held.name, (held.rule, held.n)) != (held.rule, held.n):
            raise ConfigError(
                f"overlap.sets.{held.name}: two of its files have another rule or n; give them the"
                " same, or another name"
            )
