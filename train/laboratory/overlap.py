"""Whether held-out text stands in a training set: runs of tokens that both have."""

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from massivetext.errors import ConfigError
from massivetext.tokenizer.vocabulary import BOS, EOS
from massivetext.train.data.records import Records

DOUBLINGS = 5
RUN = 1 << DOUBLINGS  # tokens; prose repeats shorter ones by chance, boilerplate does too
CHUNK = 1 << 9  # sequences that are looked at at once
SIEVE = 1 << 22  # places of a table that lets most of the training set's runs pass by
_FACTOR = 0x9E3779B97F4A7C15

Tokens = NDArray[np.uint16]
Hashes = NDArray[np.uint64]
Marks = tuple[int, int]  # the ids that begin and end a document


def runs(rows: Tokens, marks: Marks = (BOS, EOS)) -> Hashes:
    """Returns a hash of each run of tokens in rows (n, t), of those that hold no document's edge.

    Of two runs of k tokens one of 2 k is made, so few passes over the tokens are.

    >>> len(runs(np.arange(3, 3 + RUN + 4, dtype=np.uint16)[None]))
    5
    """
    hashes, edges = rows.astype(np.uint64), np.isin(rows, marks)
    factor = _FACTOR
    for doubling in range(DOUBLINGS):
        size = 1 << doubling
        hashes = hashes[:, :-size] * np.uint64(factor) + hashes[:, size:]
        edges = edges[:, :-size] | edges[:, size:]
        factor = factor * factor % (1 << 64)
    found: Hashes = hashes[~edges]
    return found


def sequences(records: Records) -> Iterator[Tokens]:
    """Yields the sequences of shards, some at a time."""
    for start in range(0, len(records), CHUNK):
        yield records.read(np.arange(start, min(start + CHUNK, len(records))))


def shares(
    texts: dict[str, list[Tokens]], training: Iterable[Tokens], marks: Marks = (BOS, EOS)
) -> dict[str, float]:
    """Returns the share of each held-out text's runs that stand in the training text too."""
    own = {name: _unique(rows, marks) for name, rows in texts.items()}
    every = np.unique(np.concatenate([np.empty(0, np.uint64), *own.values()]))
    if not len(every):
        return dict.fromkeys(texts, 0.0)
    sieve = np.zeros(SIEVE, bool)
    sieve[every % SIEVE] = True
    found = np.zeros(len(every), bool)
    for rows in training:
        near = runs(rows, marks)
        near = near[sieve[near % SIEVE]]
        at = np.minimum(np.searchsorted(every, near), len(every) - 1)
        found[at[every[at] == near]] = True
    return {
        name: float(found[np.searchsorted(every, mine)].mean()) if len(mine) else 0.0
        for name, mine in own.items()
    }


def _unique(rows: list[Tokens], marks: Marks) -> Hashes:
    found = (runs(one, marks) for one in rows)
    return np.unique(np.concatenate([np.empty(0, np.uint64), *found]))


def check_held_out(
    name: str,
    texts: dict[str, list[Tokens]],
    training: list[Records],
    limit: float,
    marks: Marks = (BOS, EOS),
) -> dict[str, float]:
    """Returns the share of each held-out text that stands in a recipe's training set.

    Raises:
      ConfigError: it is above `limit`; the message names recipe and text.
    """
    rows = (part for records in training for part in sequences(records))
    found = shares(texts, rows, marks)
    for text, share in found.items():
        if share > limit:
            raise ConfigError(
                f"recipe {name}: {share:.1%} of the held-out text {text} stands in its "
                f"training set (max_overlap {limit:.1%}); hold out other text"
            )
    return found
