"""Encoding: our ids a second against SentencePiece's own, in one run, and whether they are equal.

The vocabularies are trained here, on the texts that are encoded: the sample's size and the
paper's. Speeds are of processor time; the memory of words is empty at the start.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from massivetext import paper
from massivetext.config.recipe import Vocabulary
from massivetext.tokenizer.encode import Encoder
from massivetext.tokenizer.vocabulary import train_vocabulary

SIZES = (4_096, paper.VOCABULARY_SIZE)
ROUNDS = 3  # the fastest counts


class Speed(NamedTuple):
    """One row: megabytes of UTF-8 a second."""

    name: str
    ours: float
    reference: float
    equal: bool

    @property
    def ratio(self) -> float:
        """Returns how many times faster than the reference we are."""
        return self.ours / self.reference


def measure_encoding(texts: Sequence[str]) -> Iterator[Speed]:
    """Returns a row for each size of vocabulary."""
    megabytes = sum(len(text.encode()) for text in texts) / 1e6
    for size in SIZES:
        model = train_vocabulary(texts, Vocabulary(size))
        ours, found = _fastest(partial(Encoder, model), texts)
        reference, expected = _fastest(partial(Encoder, model, native=False), texts)
        equal = all(map(np.array_equal, found, expected))
        yield Speed(f"encoding, {size:,} ids", megabytes / ours, megabytes / reference, equal)


def _fastest(
    make: Callable[[], Encoder], texts: Sequence[str]
) -> tuple[float, list[NDArray[np.uint16]]]:
    """Returns the shortest time in seconds of encoding all texts, and the ids."""
    times = []
    for _ in range(ROUNDS):
        encoder = make()
        start = time.process_time()
        ids = [encoder.encode(text) for text in texts]
        times.append(time.process_time() - start)
    return min(times), ids
