"""One token at a time with cached keys and values: what generation runs."""

import math
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int

from massivetext.train.config.config import ModelConfig
from massivetext.train.model.model import (
    MASKED,
    Params,
    distance_encodings,
    embed,
    feed_forward,
    rms_norm,
    unembed,
)


class Cache(NamedTuple):
    """What earlier tokens leave for later ones. s is the room, in tokens."""

    keys: Float[Array, "l b h s k"]
    values: Float[Array, "l b h s k"]
    relative: Float[Array, "l h s k"]  # projected encodings of the distances 0, ..., s-1


def empty_cache(config: ModelConfig, params: Params, batch: int, room: int) -> Cache:
    """Returns a cache for `batch` texts of at most `room` tokens, also beyond the context."""
    dtype = jnp.dtype(config.compute)
    wide = jnp.promote_types(dtype, jnp.float32)
    encodings = distance_encodings(jnp.arange(room, dtype=wide), config.width).astype(dtype)
    relative = jnp.einsum("sd,ldhk->lhsk", encodings, params["layers"]["relative"].astype(dtype))
    shape = (config.layers, batch, config.heads, room, config.key_size)
    return Cache(jnp.zeros(shape, dtype), jnp.zeros(shape, dtype), relative)


def decode_token(
    config: ModelConfig,
    params: Params,
    cache: Cache,
    tokens: Int[Array, " b"],
    position: Int[Array, ""],
) -> tuple[Float[Array, "b v"], Cache]:
    """Returns the next token's logits after the token at `position`, and the cache with it."""

    def step(x: Array, parts: Any) -> tuple[Array, tuple[Array, Array]]:
        layer, keys, values, relative = parts
        normed = rms_norm(x, layer["norm_attention"])
        y, keys, values = _attend_cached(normed, layer, keys, values, relative, position)
        x = x + y
        added = feed_forward(config, rms_norm(x, layer["norm_mlp"])[:, None], layer, None)
        return x + added[:, 0], (keys, values)

    x = embed(config, params, tokens)
    parts = (params["layers"], cache.keys, cache.values, cache.relative)
    x, (keys, values) = jax.lax.scan(step, x, parts)
    return unembed(config, params, x), Cache(keys, values, cache.relative)


def _attend_cached(
    x: Float[Array, "b d"],
    layer: Params,
    keys: Float[Array, "b h s k"],
    values: Float[Array, "b h s k"],
    relative: Float[Array, "h s k"],
    position: Int[Array, ""],
) -> tuple[Array, Array, Array]:
    """Returns one query's attention over the cache, and the cache with its key and value."""
    dtype, room = x.dtype, keys.shape[2]
    q, k, v = (
        jnp.einsum("bd,dhk->bhk", x, layer[name].astype(dtype))
        for name in ("query", "key", "value")
    )
    keys = jax.lax.dynamic_update_index_in_dim(keys, k, position, 2)
    values = jax.lax.dynamic_update_index_in_dim(values, v, position, 2)
    distances = position - jnp.arange(room)
    r = relative[:, jnp.maximum(distances, 0)]
    exact = jnp.promote_types(dtype, jnp.float32)
    u, w = (layer[name].astype(dtype)[None] for name in ("content_bias", "position_bias"))
    content = jnp.einsum("bhk,bhsk->bhs", q + u, keys, preferred_element_type=exact)
    place = jnp.einsum("bhk,hsk->bhs", q + w, r, preferred_element_type=exact)
    scores = jnp.where(
        (distances >= 0)[None, None], (content + place) / math.sqrt(q.shape[-1]), MASKED
    )
    weights = jax.nn.softmax(scores, -1).astype(dtype)
    y = jnp.einsum("bhs,bhsk->bhk", weights, values)
    return jnp.einsum("bhk,hkd->bd", y, layer["out"].astype(dtype)), keys, values
