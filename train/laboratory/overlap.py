"""Whether held-out text stands in a training set: runs of tokens that both have."""

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from massivetext.errors import ConfigError
from massivetext.tokenizer.vocabulary import EOS
from massivetext.train.data.records import Records

RUN = 32  # tokens; prose repeats shorter ones by chance, boilerplate does too
CHUNK = 1 << 10  # sequences that are looked at at once
_FACTOR = np.uint64(0x9E3779B97F4A7C15)

Tokens = NDArray[np.uint16]
Hashes = NDArray[np.uint64]


def runs(rows: Tokens) -> Hashes:
    """Returns a hash of each run of tokens in rows (n, t), of those that hold no document's edge.

    >>> len(runs(np.arange(3, 3 + RUN + 4, dtype=np.uint16)[None]))
    5
    """
    count = rows.shape[1] - RUN + 1
    if count < 1:
        return np.empty(0, np.uint64)
    hashes = np.zeros((len(rows), count), np.uint64)
    edges = np.zeros((len(rows), count), bool)
    for i in range(RUN):
        tokens = rows[:, i : i + count]
        hashes = hashes * _FACTOR + tokens
        edges |= tokens <= EOS
    return hashes[~edges]


def sequences(records: Records) -> Iterator[Tokens]:
    """Yields the sequences of shards, some at a time."""
    for start in range(0, len(records), CHUNK):
        yield records.read(np.arange(start, min(start + CHUNK, len(records))))


def shared(held_out: Iterable[Tokens], training: Iterable[Tokens]) -> float:
    """Returns the share of the held-out text's runs that stand in the training text too."""
    parts = [runs(rows) for rows in held_out]
    own = np.unique(np.concatenate(parts)) if parts else np.empty(0, np.uint64)
    if not len(own):
        return 0.0
    found = np.zeros(len(own), bool)
    for rows in training:
        found |= np.isin(own, runs(rows))
    return float(found.mean())


def check_held_out(
    name: str, texts: dict[str, list[Tokens]], training: list[Records], limit: float
) -> dict[str, float]:
    """Returns the share of each held-out text that stands in a recipe's training set.

    Raises:
      ConfigError: it is above `limit`; the message names recipe and text.
    """
    found = {}
    for text, rows in texts.items():
        found[text] = shared(rows, (part for r in training for part in sequences(r)))
        if found[text] > limit:
            raise ConfigError(
                f"recipe {name}: {found[text]:.1%} of the held-out text {text} stands in its "
                f"training set (max_overlap {limit:.1%}); hold out other text"
            )
    return found
