"""Text from a trained model: temperature and nucleus sampling (Holtzman et al. 2020)."""

import functools
import math
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int
from numpy.typing import NDArray

from massivetext.errors import ConfigError
from massivetext.tokenizer.vocabulary import EOS
from massivetext.train.config.config import ModelConfig
from massivetext.train.inference.decode import Cache, decode_token, empty_cache
from massivetext.train.model.model import Params

COLDEST = 1e-4  # below it logits would leave float32, and only ties could be drawn: greedy


class Sampling(NamedTuple):
    """How the next token is chosen."""

    temperature: float = 1.0  # 0: always the likeliest
    top_p: float = 1.0  # the smallest set of tokens with this much probability is drawn from
    seed: int = 0
    end: int = EOS  # after it nothing is written

    def check(self) -> "Sampling":
        """Returns itself.

        Raises:
          ConfigError: the temperature is negative or no number, or top_p not in (0, 1].
        """
        if not (0 <= self.temperature < math.inf and 0 < self.top_p <= 1):
            raise ConfigError("temperature must not be negative, and top-p lie in (0, 1]")
        return self


def generate(
    config: ModelConfig, params: Params, prompts: NDArray[np.int32], new: int, sampling: Sampling
) -> NDArray[np.int32]:
    """Returns prompts (b, t) with `new` tokens after each, (b, t + new).

    After an end of document only further ones follow. The whole may be longer than the context.
    """
    batch, length = prompts.shape
    sampling.check()
    cache = empty_cache(config, params, batch, length + new)
    logits, cache = _read_prompt(config, params, cache, jnp.asarray(prompts))
    written = _write(config, new, sampling, params, (cache, logits, jnp.int32(length)))
    return np.concatenate([prompts, np.asarray(written)], 1)


@functools.partial(jax.jit, static_argnums=0)
def _read_prompt(
    config: ModelConfig, params: Params, cache: Cache, prompts: Int[Array, "b t"]
) -> tuple[Float[Array, "b v"], Cache]:
    """Returns the logits after the prompts, and the cache that holds them."""

    def read(
        carry: tuple[Cache, Array], item: tuple[Array, Array]
    ) -> tuple[tuple[Cache, Array], None]:
        cache, _ = carry
        logits, cache = decode_token(config, params, cache, *item)
        return (cache, logits), None

    batch, length = prompts.shape
    exact = jnp.promote_types(jnp.dtype(config.compute), jnp.float32)
    start = (cache, jnp.zeros((batch, config.vocabulary), exact))
    (cache, logits), _ = jax.lax.scan(read, start, (prompts.T, jnp.arange(length)))
    return logits, cache


@functools.partial(jax.jit, static_argnums=(0, 1, 2))
def _write(
    config: ModelConfig,
    new: int,
    sampling: Sampling,
    params: Params,
    start: tuple[Cache, Float[Array, "b v"], Int[Array, ""]],
) -> Int[Array, "b n"]:
    """Returns `new` sampled tokens."""
    cache, logits, position = start

    def write(
        carry: tuple[Cache, Array, Array], i: Array
    ) -> tuple[tuple[Cache, Array, Array], Array]:
        cache, logits, ended = carry
        key = jax.random.fold_in(jax.random.key(sampling.seed), i)
        tokens = jnp.where(ended, sampling.end, choose(logits, sampling, key))
        logits, cache = decode_token(config, params, cache, tokens, position + i)
        return (cache, logits, ended | (tokens == sampling.end)), tokens

    ended = jnp.zeros(logits.shape[0], bool)
    _, tokens = jax.lax.scan(write, (cache, logits, ended), jnp.arange(new))
    return tokens.T


def choose(logits: Float[Array, "b v"], sampling: Sampling, key: Array) -> Int[Array, " b"]:
    """Returns the next tokens."""
    if sampling.temperature < COLDEST:
        return jnp.argmax(logits, -1)
    logits = logits / sampling.temperature
    if sampling.top_p < 1:
        logits = keep_nucleus(logits, sampling.top_p)
    return jax.random.categorical(key, logits, -1)


def keep_nucleus(logits: Float[Array, "b v"], top_p: float) -> Float[Array, "b v"]:
    """Returns the logits with all but the smallest set of probability `top_p` at minus infinity.

    The likeliest token always stays, and so does the one that reaches `top_p`.
    """
    ordered = jnp.sort(jax.nn.softmax(logits, -1), -1, descending=True)
    before = jnp.cumsum(ordered, -1) - ordered
    least = jnp.min(jnp.where(before < top_p, ordered, jnp.inf), -1, keepdims=True)
    return jnp.where(jax.nn.softmax(logits, -1) >= least, logits, -jnp.inf)
