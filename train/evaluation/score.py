"""How likely a model finds text: what evaluation harnesses ask, with the paper's context rule.

A continuation is scored after at most `context` tokens in all, earlier ones are cut off. Longer
texts slide: each window is a full context, and scores only what the one before has not; so every
token is scored once, and all but the first window's see at least `context - stride` tokens.
"""

import functools
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Int
from numpy.typing import NDArray

from massivetext.tokenizer.vocabulary import BOS
from massivetext.train.config.config import ModelConfig
from massivetext.train.inference.generate import Sampling, generate
from massivetext.train.inference.model_folder import TrainedModel, encoder_of
from massivetext.train.model.loss import token_losses
from massivetext.train.model.model import Params, forward

BATCH = 8  # sequences scored at once


class Window(NamedTuple):
    """Tokens to run through the model, the last `scored` of which count."""

    tokens: list[int]  # at most context + 1
    scored: int


class Likelihood(NamedTuple):
    """Of a continuation."""

    nats: float  # natural logarithm of its probability
    greedy: bool  # whether it is what the model would have written at temperature 0


def continuation_window(prefix: Sequence[int], text: Sequence[int], context: int) -> Window:
    """Returns the window that scores `text` after `prefix`, of which the end is kept.

    >>> continuation_window([1, 2, 3], [4, 5], context=3)
    Window(tokens=[2, 3, 4, 5], scored=2)
    """
    tokens = [*prefix, *text][-(context + 1) :]
    return Window(tokens, min(len(text), len(tokens) - 1))


def rolling_windows(
    tokens: Sequence[int], context: int, stride: int, bos: int = BOS
) -> Iterator[Window]:
    """Yields windows that score each token once, after a begin of document and all that fits.

    >>> [w.scored for w in rolling_windows(range(10), context=4, stride=2)]
    [4, 2, 2, 2]
    """
    whole = [bos, *tokens]
    done = 1
    while done < len(whole):
        end = min(len(whole), done + (context if done == 1 else stride))
        yield Window(whole[max(0, end - context - 1) : end], end - done)
        done = end


class Scorer:
    """A trained model that answers how likely texts are, and writes on."""

    def __init__(self, model: TrainedModel, context: int = 0, stride: int = 0) -> None:
        """Takes the model's own context, and half of it as stride, unless told otherwise."""
        self._model, self.encoder = model, encoder_of(model)
        self.config: ModelConfig = model.about.model
        self.context = context or self.config.context
        self.stride = stride or max(1, self.context // 2)

    def encode(self, text: str) -> list[int]:
        """Returns the ids of a text, without begin and end of document."""
        return [int(token) for token in self.encoder.encode(text)]

    def continuations(self, pairs: Sequence[tuple[str, str]]) -> list[Likelihood]:
        """Returns the likelihood of each (prefix, continuation)."""
        windows = []
        for prefix, text in pairs:
            whole = self.encode(prefix + text)
            cut = max(0, min(len(self.encode(prefix)), len(whole) - 1))
            start = [self.encoder.bos, *whole[:cut]]
            windows.append(continuation_window(start, whole[cut:], self.context))
        return self.score(windows)

    def rolling(self, text: str) -> float:
        """Returns the natural logarithm of a text's probability, however long it is."""
        tokens = self.encode(text)
        windows = list(rolling_windows(tokens, self.context, self.stride, self.encoder.bos))
        return sum((found.nats for found in self.score(windows)), 0.0)

    def write(self, prefix: str, tokens: int) -> str:
        """Returns the likeliest next `tokens` tokens after a prefix, as text."""
        room = max(1, self.context - tokens)
        ids = [self.encoder.bos, *self.encode(prefix)][-room:]
        prompt = np.array([ids], np.int32)
        sampling = Sampling(temperature=0, end=self.encoder.eos)
        found = generate(self.config, self._model.params, prompt, tokens, sampling)
        return self.encoder.decode(found[0, len(ids) :])

    def score(self, windows: Sequence[Window]) -> list[Likelihood]:
        """Returns the likelihood of each window's scored end."""
        results = [Likelihood(0.0, True)] * len(windows)
        order = sorted(range(len(windows)), key=lambda i: len(windows[i].tokens))
        for start in range(0, len(order), BATCH):
            chosen = order[start : start + BATCH]
            batch = self._pad([windows[i].tokens for i in chosen])
            losses, greedy = _score(self.config, self._model.params, jnp.asarray(batch))
            for row, i in enumerate(chosen):
                results[i] = _summarize(
                    windows[i], np.asarray(losses[row]), np.asarray(greedy[row])
                )
        return results

    def _pad(self, rows: Sequence[Sequence[int]]) -> NDArray[np.int32]:
        """Returns rows of one length out of a few, so that few programs are compiled."""
        longest = max(len(row) for row in rows) - 1
        width = min(self.context, max(32, 1 << (longest - 1).bit_length())) if longest > 1 else 32
        batch = np.zeros((BATCH, max(width, longest) + 1), np.int32)
        for i, row in enumerate(rows):
            batch[i, : len(row)] = row
        return batch


def _summarize(
    window: Window, losses: NDArray[np.float32], greedy: NDArray[np.bool_]
) -> Likelihood:
    end = len(window.tokens) - 1
    part = slice(end - window.scored, end)
    return Likelihood(-float(losses[part].astype(np.float64).sum()), bool(greedy[part].all()))


@functools.partial(jax.jit, static_argnums=0)
def _score(config: ModelConfig, params: Params, tokens: Int[Array, "b t1"]) -> tuple[Array, Array]:
    """Returns each token's loss and whether it was the likeliest; padding comes after, unseen."""
    losses = token_losses(config, params, tokens)
    likeliest = jnp.argmax(forward(config, params, tokens[:, :-1]), -1)
    return losses, likeliest == tokens[:, 1:]
