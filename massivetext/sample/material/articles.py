"""Articles: passages put together, in the order of their origin or shuffled by hash."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple, TypeVar

from massivetext.errors import StageError
from massivetext.hashing import hash64, hash_fraction
from massivetext.sample.material.text import Passage
from massivetext.sample.material.truth import Plant

Item = TypeVar("Item")
MIN_WORDS, MAX_WORDS = 220, 1_000
_RUN = 5


class Article(NamedTuple):
    """A title and paragraphs, before a source's format is put around them."""

    title: str
    paragraphs: tuple[str, ...]
    plant: Plant | None = None

    @property
    def text(self) -> str:
        """Returns the paragraphs, blank lines between them."""
        return "\n\n".join(self.paragraphs)


def shuffled(items: Sequence[Item], seed: int, purpose: str) -> list[Item]:
    """Returns the items in an order that is a hash of seed and purpose.

    >>> shuffled("abcd", 0, "example") == shuffled("abcd", 0, "example")
    True
    """
    keys = [hash64(seed, "sample " + purpose, index) for index in range(len(items))]
    return [items[index] for index in sorted(range(len(items)), key=keys.__getitem__)]


def compose(passages: Iterable[Passage], seed: int, purpose: str) -> Iterator[Article]:
    """Yields articles of 220 to 1,000 words, short ones more often; a short rest is left out."""
    taken: list[Passage] = []
    number = words = 0
    target = _length(seed, purpose, number)
    for passage in passages:
        taken.append(passage)
        words += passage.text.count(" ") + 1
        if words >= target:
            yield _article(taken, number)
            taken, words, number = [], 0, number + 1
            target = _length(seed, purpose, number)


def _length(seed: int, purpose: str, number: int) -> float:
    return (
        MIN_WORDS
        + (MAX_WORDS - MIN_WORDS) * hash_fraction(seed, "sample length " + purpose, number) ** 2
    )


def _article(passages: list[Passage], number: int) -> Article:
    origins = list(dict.fromkeys(passage.origin for passage in passages))
    title = f"On {' and '.join(origins[:2])}, note {number + 1}"
    return Article(title, tuple(passage.text for passage in passages))


class Supply:
    """Articles for planting, each from passages that no other document has.

    They repeat no run of five words, so that the rules against repetition let them pass.
    """

    def __init__(self, passages: Iterable[Passage]) -> None:
        self._passages = iter(passages)
        self._number = 0

    def take(self, min_words: int = 340) -> Article:
        """Returns the next article.

        Raises:
          StageError: if the passages are used up.
        """
        taken: list[Passage] = []
        words: list[str] = []
        seen: set[tuple[str, ...]] = set()
        while len(words) < min_words:
            passage = next(self._passages, None)
            if passage is None:
                raise StageError("the sample needs more text than the installed packages have")
            more = passage.text.split()
            runs = list(zip(*(more[i:] for i in range(_RUN)), strict=False))
            if seen.isdisjoint(runs) and len(set(runs)) == len(runs):
                taken.append(passage)
                words += more
                seen.update(runs)
        self._number += 1
        return _article(taken, self._number - 1)
