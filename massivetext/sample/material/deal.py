"""What stands where: a text that training has nowhere in each place that a build holds out.

A build decides by a hash of a document's id, which is where it stands, whether it is for
validation. The writers know each place before they fill it, so they ask here what is to stand
there, and no passage of a validation document is in a training document.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from importlib import resources
from itertools import count
from typing import Generic, TypeVar

import numpy as np

from massivetext.config.recipe import Recipe, load_recipe
from massivetext.dedup.signature import shingle_hashes
from massivetext.errors import ConfigError
from massivetext.hashing import hash_fraction
from massivetext.mixture.quotas import is_validation
from massivetext.sample.material.articles import Article, compose, shuffled
from massivetext.sample.material.packages import Module
from massivetext.sample.material.text import Passage

Item = TypeVar("Item")
Text = TypeVar("Text", Passage, Module)


class Deal(Generic[Item]):
    """Items for places: a list for those of training, as many as it takes for validation's."""

    def __init__(self, train: Iterable[Item], validation: Iterator[Item]) -> None:
        self.train, self.validation = deque(train), validation

    def __bool__(self) -> bool:
        return bool(self.train)

    def take(self, place: str) -> Item:
        """Returns what stands in a place: a document's id, or for code a repository's name."""
        return next(self.validation) if in_validation(place) else self.train.popleft()


def in_validation(place: str) -> bool:
    """Returns whether a build by the sample's recipe holds a place out."""
    recipe = _recipe()
    return is_validation(recipe.seed, place, recipe.sequences.validation)


@cache
def _recipe() -> Recipe:
    """Returns the shipped recipe, whatever a file of that name in the working folder says."""
    return load_recipe(str(resources.files("massivetext") / "recipes" / "sample.toml"))


def divide(texts: Sequence[Text], share: float, seed: int) -> tuple[list[Text], list[Text]]:
    """Returns the texts for training and for validation; these share no 13-gram with any other.

    Args:
      texts: passages or modules.
      share: of those that share nothing, how many are for validation.
      seed: of the choice.
    """
    grams = [shingle_hashes(text.text) for text in texts]
    values, counts = np.unique(np.concatenate(grams), return_counts=True)
    shared = values[counts > 1]
    train: list[Text] = []
    validation: list[Text] = []
    for text, own in zip(texts, grams, strict=True):
        chosen = hash_fraction(seed, "sample validation", text.text) < share
        apart = chosen and not np.isin(own, shared, assume_unique=True).any()
        (validation if apart else train).append(text)
    return train, validation


def articles_without_end(passages: Sequence[Passage], seed: int, purpose: str) -> Iterator[Article]:
    """Yields articles of the passages, in another order each time that they are used up.

    Raises:
      ConfigError: the passages do not make one article.
    """
    for number in count():
        name = f"{purpose} {number}"
        articles = [*compose(shuffled(passages, seed, name), seed, name)]
        if not articles:
            raise ConfigError("the sample needs more text than the installed packages have")
        yield from articles
