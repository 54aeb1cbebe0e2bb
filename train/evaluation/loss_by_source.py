"""Loss and bits per byte on held-out sequences, by source (Rae et al. 2021, section 4 and D.1)."""

import functools
import math
from collections.abc import Iterator
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax.sharding import Mesh, NamedSharding
from jax.sharding import PartitionSpec as P
from jaxtyping import Array, Float, Int
from numpy.typing import NDArray

from massivetext.errors import ConfigError
from massivetext.tokenizer.encode import Encoder
from massivetext.train.config.config import ModelConfig
from massivetext.train.data.batches import Windows
from massivetext.train.data.dataset import Dataset
from massivetext.train.data.prefetch import to_devices
from massivetext.train.model.loss import token_losses
from massivetext.train.model.model import Params
from massivetext.train.model.sharding import batch_sharding

ALL = "all"  # the sum over sources


class Tally(NamedTuple):
    """Sums over held-out tokens."""

    nats: float
    tokens: int
    bytes: int  # of the tokens' text, UTF-8, after the vocabulary's normalization
    counts: NDArray[np.int64]  # of each piece

    def plus(self, other: "Tally") -> "Tally":
        """Returns the sums."""
        return Tally(
            self.nats + other.nats,
            self.tokens + other.tokens,
            self.bytes + other.bytes,
            self.counts + other.counts,
        )


class Score(NamedTuple):
    """What an evaluation says of one source."""

    loss: float  # nats a token
    bits_per_byte: float  # end-of-document tokens cost bits and are no bytes
    unigram: float  # nats a token of the best guess without context, fitted to these very tokens
    tokens: int


def piece_bytes(encoder: Encoder) -> NDArray[np.int32]:
    """Returns the UTF-8 bytes that each piece stands for: one for a byte, none for control."""
    return np.array(encoder.byte_sizes(), np.int32)


@functools.lru_cache(maxsize=4)
def make_scorer(config: ModelConfig, mesh: Mesh) -> Any:
    """Returns the compiled ``(params, tokens) -> nats of each row``, known to every host."""

    def score(params: Params, tokens: Int[Array, "b t1"]) -> Float[Array, " b"]:
        return jnp.sum(token_losses(config, params, tokens, mesh), -1)

    return jax.jit(score, out_shardings=NamedSharding(mesh, P()))


def evaluate(
    config: ModelConfig, params: Params, dataset: Dataset, mesh: Mesh, limit: int | None = None
) -> dict[str, Score]:
    """Returns the score of each held-out source, and of `ALL`, on at most `limit` windows each.

    Raises:
      ConfigError: the corpus has no validation shards.
    """
    if not dataset.validation:
        raise ConfigError(f"{dataset.folder}: no validation shards")
    sizes = piece_bytes(Encoder(dataset.vocabulary))
    tallies = {}
    for name, records in dataset.validation.items():
        windows = Windows(records, config.context)
        count = len(windows) if limit is None else min(limit, len(windows))
        tallies[name] = _tally(config, params, mesh, windows, count, sizes)
    total = functools.reduce(Tally.plus, tallies.values())
    return {name: summarize(tally) for name, tally in {ALL: total, **tallies}.items()}


def _tally(
    config: ModelConfig,
    params: Params,
    mesh: Mesh,
    windows: Windows,
    count: int,
    sizes: NDArray[np.int32],
) -> Tally:
    score = make_scorer(config, mesh)
    tally = Tally(0.0, 0, 0, np.zeros(len(sizes), np.int64))
    for tokens, real in _batches(windows, count, _rows(mesh)):
        nats = np.asarray(score(params, to_devices(tokens, batch_sharding(mesh))), np.float64)
        targets = tokens[:real, 1:]
        found = np.bincount(targets.ravel(), minlength=len(sizes))
        length = int(sizes[targets].sum())
        tally = tally.plus(Tally(float(nats[:real].sum()), targets.size, length, found))
    return tally


def _rows(mesh: Mesh) -> int:
    replicas = mesh.shape["data"] * mesh.shape["fsdp"]
    return int(replicas * max(1, 8 // replicas))


def _batches(windows: Windows, count: int, rows: int) -> Iterator[tuple[NDArray[np.int32], int]]:
    """Yields batches of `rows` windows and how many of them are real; the last is filled up."""
    for start in range(0, count, rows):
        numbers = np.arange(start, min(start + rows, count))
        batch = np.zeros((rows, windows.context + 1), np.int32)
        batch[: len(numbers)] = windows.read(numbers)
        yield batch, len(numbers)


def summarize(tally: Tally) -> Score:
    """Returns the means of a tally."""
    shares = tally.counts[tally.counts > 0] / tally.tokens
    return Score(
        loss=tally.nats / tally.tokens,
        bits_per_byte=tally.nats / math.log(2) / max(tally.bytes, 1),
        unigram=float(-(shares * np.log(shares)).sum()),
        tokens=tally.tokens,
    )


def name_part(dataset: Dataset, context: int, limit: int | None) -> str:
    """Returns what an evaluation of at most `limit` windows a source reads: a part or the whole."""
    windows = [len(Windows(records, context)) for records in dataset.validation.values()]
    read = sum(count if limit is None else min(limit, count) for count in windows) * context
    whole = sum(windows) * context
    if read == whole:
        return f"on the whole validation: {whole:,} tokens"
    return (
        f"on a part of the validation, the first {limit} windows of {context:,} tokens a source: "
        f"{read:,} of {whole:,} tokens"
    )


def format_scores(scores: dict[str, Score], part: str = "") -> str:
    """Returns a table, one line a source, and which text the numbers are of."""
    head = f"{'source':12} {'loss':>8} {'bits/byte':>10} {'unigram':>8} {'tokens':>10}"
    rows = (
        f"{name:12} {s.loss:8.4f} {s.bits_per_byte:10.4f} {s.unigram:8.4f} {s.tokens:10,}"
        for name, s in scores.items()
    )
    return "\n".join((head, *rows, *([part] if part else [])))
