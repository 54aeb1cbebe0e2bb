"""Batches in an order that depends on the seed and the position alone, not on hosts or devices.

The state is a few numbers: windows drawn, and taken of each source. The first pass over the shards
is sequential, since the pipeline has already dealt sequences in random order (`data.shuffle`
permutes it too, so that seeds read other sequences); later passes are permuted.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from massivetext.errors import ConfigError, StageError
from massivetext.train.config.config import DataConfig
from massivetext.train.data.dataset import MIXED, Dataset
from massivetext.train.data.records import Records

CHUNK = 1 << 16  # windows whose sources are drawn at once
Indices = NDArray[np.int64]


class Position(NamedTuple):
    """Where the data stands; saved with each checkpoint."""

    drawn: int  # windows, of all sources
    taken: dict[str, int]  # windows of each source
    shuffled: bool = False  # the first pass too

    def to_json(self) -> dict[str, Any]:
        """Returns the position as plain values."""
        return {"drawn": self.drawn, "taken": dict(self.taken), "shuffled": self.shuffled}


class Windows:
    """The training examples of one source: each record cut into windows of `context` tokens.

    A window has context + 1 tokens, since it predicts `context`. All first windows come before all
    second ones, so that neighbors in a record do not meet in a batch.
    """

    def __init__(self, records: Records, context: int) -> None:
        """Cuts records.

        Raises:
          ConfigError: the context does not divide the records' length.
        """
        if context < 1 or records.length % context:
            raise ConfigError(
                f"model.context={context} does not divide the shards' sequence length, "
                f"{records.length}; longer contexts need shards of a larger sequences.length"
            )
        self.records, self.context = records, context

    def __len__(self) -> int:
        """Returns the number of windows."""
        return len(self.records) * (self.records.length // self.context)

    def read(self, numbers: Indices) -> NDArray[np.uint16]:
        """Returns the windows of these numbers, (n, context + 1)."""
        windows, records = np.divmod(numbers, len(self.records))
        columns = windows[:, None] * self.context + np.arange(self.context + 1)
        return np.take_along_axis(self.records.read(records), columns, 1)


class Batches:
    """Draws batches of windows; `position` is all there is to save."""

    def __init__(self, dataset: Dataset, config: DataConfig, context: int, seed: int) -> None:
        """Starts at the first window.

        Raises:
          ConfigError: weights name no source of the shards, or the context does not divide.
        """
        weights = _weights(dataset.train, config.weights)
        self._windows = {name: Windows(dataset.train[name], context) for name in weights}
        self._shares = np.array(list(weights.values())) / sum(weights.values())
        self._limit, self._seed = dataset.vocabulary_size, seed
        self.position = Position(0, dict.fromkeys(weights, 0), config.shuffle)

    def restore(self, saved: dict[str, Any]) -> None:
        """Continues from a saved position.

        Raises:
          ConfigError: it was saved for other sources or another order, or is damaged.
        """
        try:
            taken = {str(name): int(count) for name, count in saved["taken"].items()}
            drawn, shuffled = int(saved["drawn"]), bool(saved.get("shuffled", False))
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise ConfigError(
                f"the checkpoint's data position cannot be read, it is damaged: {error!r}"
            ) from error
        if set(taken) != set(self._windows):
            raise ConfigError(
                f"the checkpoint draws from {sorted(taken)}, these shards and weights "
                f"from {sorted(self._windows)}; name another --output"
            )
        if shuffled != self.position.shuffled:
            raise ConfigError(
                f"the checkpoint was read with data.shuffle={str(shuffled).lower()}; set it so, or"
                " name another --output"
            )
        self.position = Position(drawn, {name: taken[name] for name in self._windows}, shuffled)

    def passes(self, windows: int) -> float:
        """Returns how often so many windows read the source that is read most."""
        lengths = [len(source) for source in self._windows.values()]
        return float((windows * self._shares / np.array(lengths)).max())

    def draw(self, size: int, wanted: Indices | None = None) -> NDArray[np.int32]:
        """Returns the next batch, (size, context + 1), and moves on; only `wanted` rows are read.

        Rows that another host needs are left zero.

        Raises:
          StageError: a record is damaged, or holds a token beyond the vocabulary.
        """
        drawn, taken = self.position.drawn, dict(self.position.taken)
        choices = self._choose(drawn, size)
        wanted = np.arange(size) if wanted is None else wanted
        batch: NDArray[np.int32] | None = None
        for i, (name, windows) in enumerate(self._windows.items()):
            rows = np.flatnonzero(choices == i)
            numbers = self._order(name, taken[name] + np.arange(len(rows)))
            taken[name] += len(rows)
            mine = np.isin(rows, wanted)
            found = windows.read(numbers[mine])
            batch = np.zeros((size, found.shape[1]), np.int32) if batch is None else batch
            batch[rows[mine]] = found
        if batch is None or batch.max(initial=0) >= self._limit:
            raise StageError(
                f"a token is beyond the vocabulary of {self._limit} pieces: the shards were "
                "written with another vocabulary"
            )
        self.position = Position(drawn + size, taken, self.position.shuffled)
        return batch

    def _choose(self, drawn: int, size: int) -> Indices:
        """Returns the source of each of the next windows: independent draws at the weights."""
        if len(self._shares) == 1:
            return np.zeros(size, np.int64)
        chunks = range(drawn // CHUNK, (drawn + size - 1) // CHUNK + 1)
        generators = (np.random.Generator(np.random.Philox(key=[self._seed, c])) for c in chunks)
        choices = np.concatenate(
            [generator.choice(len(self._shares), CHUNK, p=self._shares) for generator in generators]
        )
        start = drawn - chunks[0] * CHUNK
        return choices[start : start + size]

    def _order(self, name: str, numbers: Indices) -> Indices:
        """Returns which window each ordinal stands for, pass by pass."""
        length = len(self._windows[name])
        passes, ordinals = np.divmod(numbers, length)
        result = ordinals.copy()
        for turn in np.unique(passes[passes >= (0 if self.position.shuffled else 1)]):
            chosen = passes == turn
            result[chosen] = permute(ordinals[chosen], length, self._seed * 1_000_003 + int(turn))
        return result


def permute(numbers: Indices, length: int, key: int) -> Indices:
    """Returns the places of `numbers` in a pseudo-random order of range(length).

    A Feistel network over the next even power of two, walked until it lands inside: no table.

    >>> sorted(permute(np.arange(10), 10, key=3).tolist()) == list(range(10))
    True
    """
    half = max(1, ((length - 1).bit_length() + 1) // 2)
    places = _mix(numbers, half, key)
    while (outside := places >= length).any():
        places[outside] = _mix(places[outside], half, key)
    return places


def _mix(numbers: Indices, half: int, key: int) -> Indices:
    mask = np.uint64((1 << half) - 1)
    left, right = numbers.astype(np.uint64) >> np.uint64(half), numbers.astype(np.uint64) & mask
    for turn in range(4):
        salt = np.uint64((key * 0x85EBCA77 + turn * 0xC2B2AE3D) & 0xFFFFFFFF)
        mixed = (
            (right * np.uint64(0x9E3779B1))
            ^ salt
            ^ ((right >> np.uint64(3)) * np.uint64(0x27D4EB2F))
        )
        left, right = right, left ^ ((mixed >> np.uint64(7)) & mask)
    return ((left << np.uint64(half)) | right).astype(np.int64)


def _weights(train: dict[str, Records], weights: dict[str, float]) -> dict[str, float]:
    """Returns the share of each source that is drawn from."""
    if not weights:
        return {name: float(len(records)) for name, records in train.items()}
    if list(train) == [MIXED]:
        raise ConfigError(
            'data.weights needs shards by source: build with sequences.layout="by-source"'
        )
    unknown = sorted(set(weights) - set(train))
    if unknown:
        raise ConfigError(f"data.weights: no shards of {unknown[0]!r}; there are {sorted(train)}")
    if min(weights.values()) < 0 or not sum(weights.values()) > 0:
        raise ConfigError("data.weights must not be negative, nor all zero")
    return {name: weight for name, weight in sorted(weights.items()) if weight > 0}
