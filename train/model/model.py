"""The decoder: RMSNorm, Transformer-XL relative positions, tied embeddings (section 3.1).

Parameters are a plain tree of arrays; those of the layers carry a leading layer axis. One table,
`leaves`, says of each array its shape, its first values and how a mesh divides it.

The six names of Table 1 fit exactly one reading: one embedding for input and output, a relative
projection in each layer, an ungated feed-forward of four times the width.
"""

import functools
import math
from dataclasses import dataclass, replace
from typing import Any

import jax
import jax.numpy as jnp
from jax.sharding import Mesh, NamedSharding
from jax.sharding import PartitionSpec as P
from jaxtyping import Array, Bool, Float, Int

from massivetext.tokenizer.vocabulary import BOS, EOS
from massivetext.train.config.config import ModelConfig
from massivetext.train.fused.choose import use_kernels, where
from massivetext.train.fused.plan import KEPT
from massivetext.train.fused.products import take_rows

Params = dict[str, Any]  # {"embed": Array, "norm_out": Array, "layers": {name: Array}}
BATCH = ("data", "fsdp")  # mesh axes that divide the batch
MASKED = -1e30  # score of a position in the future


@dataclass(frozen=True)
class Leaf:
    """One array of the model; a leaf for JAX's trees too."""

    shape: tuple[int, ...]
    spec: P  # how the mesh axes data, fsdp and model divide it
    deviation: float = 0.0  # of its first values, a truncated normal distribution ...
    mean: float = 0.0  # ... around this


def leaves(config: ModelConfig) -> dict[str, Any]:
    """Returns the tree of all arrays: shapes, first values, division over the mesh.

    Each projection keeps the variance of its input; what a layer adds to the residual stream is
    smaller by the root of the number of additions. The embedding is small enough for a first loss
    of ln V.
    """
    d, h, k, f = config.width, config.heads, config.key_size, 4 * config.width
    branch = 1 / math.sqrt(2 * config.layers)
    into_heads = Leaf((d, h, k), P("fsdp", "model", None), 1 / math.sqrt(d))
    layer = {
        "norm_attention": Leaf((d,), P(None), mean=1.0),
        "query": into_heads,
        "key": into_heads,
        "value": into_heads,
        "relative": into_heads,
        "content_bias": Leaf((h, k), P("model", None)),
        "position_bias": Leaf((h, k), P("model", None)),
        "out": Leaf((h, k, d), P("model", None, "fsdp"), branch / math.sqrt(h * k)),
        "norm_mlp": Leaf((d,), P(None), mean=1.0),
        "up": Leaf((d, f), P("fsdp", "model"), 1 / math.sqrt(d)),
        "up_bias": Leaf((f,), P("model")),
        "down": Leaf((f, d), P("model", "fsdp"), branch / math.sqrt(f)),
        "down_bias": Leaf((d,), P(None)),
    }
    stacked = {
        name: replace(leaf, shape=(config.layers, *leaf.shape), spec=P(None, *leaf.spec))
        for name, leaf in layer.items()
    }
    return {
        "embed": Leaf((config.vocabulary, d), P("model", "fsdp"), 1 / d),
        "norm_out": Leaf((d,), P(None), mean=1.0),
        "layers": stacked,
    }


def map_leaves(function: Any, config: ModelConfig) -> Any:
    """Returns the tree of ``function(leaf)``."""
    return jax.tree.map(function, leaves(config))


def count_parameters(config: ModelConfig) -> int:
    """Returns the number of parameters, exactly."""
    return sum(jax.tree.leaves(map_leaves(lambda leaf: math.prod(leaf.shape), config)))


def abstract_params(config: ModelConfig) -> Params:
    """Returns the parameters' shapes and types, without values."""
    dtype = jnp.dtype(config.parameters)
    params: Params = map_leaves(lambda leaf: jax.ShapeDtypeStruct(leaf.shape, dtype), config)
    return params


def init_params(config: ModelConfig, key: Array) -> Params:
    """Returns the first parameters; the values depend on `key` alone, not on the mesh."""
    dtype = jnp.dtype(config.parameters)
    flat, tree = jax.tree.flatten(leaves(config))

    def draw(leaf: Leaf, key: Array) -> Array:
        noise = jax.random.truncated_normal(key, -2, 2, leaf.shape) if leaf.deviation else 0.0
        return jnp.full(leaf.shape, leaf.mean + leaf.deviation * noise).astype(dtype)

    keys = jax.random.split(key, len(flat))
    params: Params = jax.tree.unflatten(
        tree, [draw(leaf, k) for leaf, k in zip(flat, keys, strict=True)]
    )
    return params


def constrain(x: Array, mesh: Mesh | None, *axes: Any) -> Array:
    """Returns `x`, divided over the mesh's `axes`; unchanged without a mesh."""
    if mesh is None:
        return x
    return jax.lax.with_sharding_constraint(x, NamedSharding(mesh, P(*axes)))


def wide(x: Array) -> Array:
    """Returns `x` as float32, or as it is where it is wider: for norms, softmax and loss."""
    return x.astype(jnp.promote_types(x.dtype, jnp.float32))


def along_last(vector: Float[Array, " d"], x: Float[Array, "*b d"]) -> Float[Array, "... d"]:
    """Returns `vector` with leading axes of size 1, as many as `x` has: broadcast on purpose."""
    return vector.reshape((1,) * (x.ndim - 1) + vector.shape)


def rms_norm(x: Float[Array, "*b d"], gain: Float[Array, " d"]) -> Float[Array, "*b d"]:
    """Returns `x` with a mean square of 1 along its last axis, times `gain`."""
    y = wide(x)
    y = y * jax.lax.rsqrt(jnp.mean(y * y, -1, keepdims=True) + 1e-6)
    return (y * along_last(wide(gain), y)).astype(x.dtype)


def distance_encodings(distances: Float[Array, " t"], width: int) -> Float[Array, "t d"]:
    """Returns the sinusoids of distances in tokens (Dai et al. 2019), sines before cosines."""
    rates = 10_000.0 ** (-jnp.arange(0, width, 2, distances.dtype) / width)
    angles = distances[:, None] * rates[None, :]
    return jnp.concatenate([jnp.sin(angles), jnp.cos(angles)], -1)


def relative_shift(x: Float[Array, "*b t t"]) -> Float[Array, "*b t t"]:
    """Returns scores by key from scores by distance, so that no t x t x d array is made.

    Row i of `x` holds distances t-1, ..., 0; row i of the result holds keys 0, ..., i. Above the
    diagonal it is meaningless.
    """
    *batch, t, s = x.shape
    padded = jnp.pad(x, [(0, 0)] * len(batch) + [(0, 0), (1, 0)])
    return padded.reshape(*batch, s + 1, t)[..., 1:, :].reshape(*batch, t, s)


def attend(
    q: Float[Array, "b h t k"],
    k: Float[Array, "b h t k"],
    v: Float[Array, "b h t k"],
    r: Float[Array, "h t k"],
    layer: Params,
    documents: Int[Array, "b t"] | None = None,
) -> Float[Array, "b h t k"]:
    """Returns causal attention with relative positions (Dai et al. 2019, equation 5).

    The score of query i for key j is ((q_i + u) . k_j + (q_i + w) . r_(i-j)) / sqrt(key size), with
    `r` ordered by falling distance and u, w the layer's content and position biases. With the
    numbers of `documents`, a token sees its own alone; distances inside it are what they were.
    """
    t, dtype = q.shape[2], q.dtype
    u = layer["content_bias"].astype(dtype)[None, :, None]
    w = layer["position_bias"].astype(dtype)[None, :, None]
    exact = jnp.promote_types(dtype, jnp.float32)
    content = jnp.einsum("bhik,bhjk->bhij", q + u, k, preferred_element_type=exact)
    position = jnp.einsum("bhik,hjk->bhij", q + w, r, preferred_element_type=dtype)
    scores = (content + relative_shift(position).astype(exact)) / math.sqrt(q.shape[-1])
    scores = jnp.where(visible(t, documents), scores, MASKED)
    weights = jax.nn.softmax(scores, -1).astype(dtype)
    return jnp.einsum("bhij,bhjk->bhik", weights, v)


def visible(t: int, documents: Int[Array, "b t"] | None) -> Bool[Array, "_ 1 t t"]:
    """Returns which keys (last axis) each query sees: none after it, none of other documents."""
    before = jnp.tri(t, dtype=bool)[None, None]
    if documents is None:
        return before
    return before & (documents[:, None, :, None] == documents[:, None, None, :])


def number_documents(tokens: Int[Array, "b t"]) -> Int[Array, "b t"]:
    """Returns which document of its sequence each token belongs to, counted from 0.

    A document begins with its begin token, or behind the end of the one before; the first may have
    begun in an earlier sequence.
    """
    ended = jnp.pad(tokens[:, :-1] == EOS, ((0, 0), (1, 0)))
    return jnp.cumsum((tokens == BOS) | ended, 1, dtype=jnp.int32)


def relative_keys(
    encodings: Float[Array, "t d"], layer: Params, mesh: Mesh | None
) -> Float[Array, "h t k"]:
    """Returns the keys of a layer's relative positions, in the encodings' precision."""
    r = jnp.einsum("td,dhk->htk", encodings, layer["relative"].astype(encodings.dtype))
    return constrain(r, mesh, "model", None, None)


def fused_attention(
    config: ModelConfig,
    x: Float[Array, "b t d"],
    encodings: Float[Array, "t d"],
    layer: Params,
    mesh: Mesh | None,
    documents: Int[Array, "b t"] | None = None,
) -> Float[Array, "b t d"]:
    """Returns what `attention` does, by a GPU's kernels, which take time before heads."""
    from massivetext.train.fused import attention as fused  # imports Pallas: 0.4 CPU s

    def project(name: str) -> Array:
        heads = jnp.einsum("btd,dhk->bthk", x, layer[name].astype(x.dtype))
        return constrain(heads, mesh, BATCH, None, "model", None)

    r = relative_keys(encodings, layer, mesh)
    q, k, v = project("query"), project("key"), project("value")
    u, w = (layer[name].astype(x.dtype)[None, None] for name in ("content_bias", "position_bias"))
    inputs = fused.Inputs(q + u, k, v, q + w, r)
    y = fused.attend(where(config, mesh), inputs, documents)
    return jnp.einsum("bthk,hkd->btd", y, layer["out"].astype(x.dtype))


def attention(
    x: Float[Array, "b t d"],
    encodings: Float[Array, "t d"],
    layer: Params,
    mesh: Mesh | None,
    documents: Int[Array, "b t"] | None = None,
) -> Float[Array, "b t d"]:
    """Returns what a layer's attention adds to the residual stream."""

    def project(name: str) -> Array:
        heads = jnp.einsum("btd,dhk->bhtk", x, layer[name].astype(x.dtype))
        return constrain(heads, mesh, BATCH, "model", None, None)

    r = relative_keys(encodings, layer, mesh)
    y = attend(project("query"), project("key"), project("value"), r, layer, documents)
    return jnp.einsum("bhtk,hkd->btd", y, layer["out"].astype(x.dtype))


def feed_forward(
    config: ModelConfig, x: Float[Array, "b t d"], layer: Params, mesh: Mesh | None
) -> Float[Array, "b t d"]:
    """Returns what a layer's feed-forward network adds to the residual stream."""
    hidden = x @ layer["up"].astype(x.dtype)
    hidden = hidden + along_last(layer["up_bias"].astype(x.dtype), hidden)
    hidden = constrain(hidden, mesh, BATCH, None, "model")
    hidden = getattr(jax.nn, config.activation)(hidden)
    y = hidden @ layer["down"].astype(x.dtype)
    return y + along_last(layer["down_bias"].astype(x.dtype), y)


def block(
    config: ModelConfig,
    mesh: Mesh | None,
    encodings: Array,
    x: Float[Array, "b t d"],
    layer: Params,
    documents: Int[Array, "b t"] | None = None,
) -> Float[Array, "b t d"]:
    """Returns the residual stream after one layer: each branch reads a normed copy."""
    attend_layer = attention
    if use_kernels(config, mesh):
        attend_layer = functools.partial(fused_attention, config)
    x = x + attend_layer(rms_norm(x, layer["norm_attention"]), encodings, layer, mesh, documents)
    x = x + feed_forward(config, rms_norm(x, layer["norm_mlp"]), layer, mesh)
    return constrain(x, mesh, BATCH, "model" if config.shard_time else None, None)


def forward(
    config: ModelConfig, params: Params, tokens: Int[Array, "b t"], mesh: Mesh | None = None
) -> Float[Array, "b t v"]:
    """Returns the next token's logits at each position, in float32 or wider.

    Any length works, also longer than the training context: positions are distances.
    """
    x = residuals(config, params, tokens, mesh)
    return constrain(unembed(config, params, x), mesh, BATCH, None, "model")


def residuals(
    config: ModelConfig, params: Params, tokens: Int[Array, "b t"], mesh: Mesh | None = None
) -> Float[Array, "b t d"]:
    """Returns the residual stream after all layers."""
    documents = number_documents(tokens) if config.document_mask else None
    x = embed(config, params, tokens, mesh)
    return run_layers(config, params, x, documents, mesh)


def run_layers(
    config: ModelConfig,
    params: Params,
    x: Float[Array, "b t d"],
    documents: Int[Array, "b t"] | None = None,
    mesh: Mesh | None = None,
) -> Float[Array, "b t d"]:
    """Returns the residual stream after all layers, from the tokens' embeddings."""
    dtype = jnp.dtype(config.compute)
    x = constrain(x, mesh, BATCH, "model" if config.shard_time else None, None)
    distances = jnp.arange(x.shape[1] - 1, -1, -1, dtype=jnp.promote_types(dtype, jnp.float32))
    encodings = distance_encodings(distances, config.width).astype(dtype)
    step = _remember(config, functools.partial(block, config, mesh, encodings, documents=documents))
    if config.scan:
        x, _ = jax.lax.scan(lambda x, layer: (step(x, layer), None), x, params["layers"])
        return x
    for i in range(config.layers):
        x = step(x, jax.tree.map(lambda a, i=i: a[i], params["layers"]))
    return x


def embed(
    config: ModelConfig, params: Params, tokens: Int[Array, "*b"], mesh: Mesh | None = None
) -> Float[Array, "*b d"]:
    """Returns the tokens' embeddings as the layers read them.

    Times the root of the width, as in Vaswani et al. 2017; times the width in our small presets,
    which then begin at unit size and learn faster (docs/training.md). The paper does not say.
    Rows are taken before they are narrowed, so that the gradients of a frequent token, which come
    from all over the batch, are summed in float32.
    """
    dtype = jnp.dtype(config.compute)
    scale = config.width if config.input_scale == "width" else math.sqrt(config.width)
    if use_kernels(config, mesh):
        return take_rows(dtype, wide(params["embed"]), tokens) * scale
    return wide(params["embed"])[tokens].astype(dtype) * scale


def unembed(config: ModelConfig, params: Params, x: Float[Array, "*b d"]) -> Float[Array, "*b v"]:
    """Returns logits from the residual stream, with the embedding that reads the input."""
    dtype = jnp.dtype(config.compute)
    x = rms_norm(x, params["norm_out"])
    exact = jnp.promote_types(dtype, jnp.float32)
    table = params["embed"].astype(dtype)
    return jnp.einsum("...d,vd->...v", x, table, preferred_element_type=exact)


def _remember(config: ModelConfig, step: Any) -> Any:
    """Returns `step` with what its backward pass keeps: nothing, matrix products, or all.

    What a GPU's attention names is kept besides: it is small, and dear to compute again.
    """
    if config.remat == "none":
        return step
    policies = jax.checkpoint_policies
    policy = policies.save_only_these_names(*KEPT)
    if config.remat == "dots":
        policy = policies.save_from_both_policies(policies.dots_with_no_batch_dims_saveable, policy)
    return jax.checkpoint(step, policy=policy)
