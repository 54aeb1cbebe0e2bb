"""Relative attention as six kernels, forward and backward, on one device or on a mesh.

The definition is `attend` of train/model/model.py. Lengths are padded to whole tiles and key sizes
to a power of two; what is padded is after the last token or zero, so nothing sees it.
"""

import functools
from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax.ad_checkpoint import checkpoint_name
from jax.sharding import Mesh
from jax.sharding import PartitionSpec as P
from jaxtyping import Array, Float, Int

from massivetext.train.fused.backward import Kept, key_gradients, query_gradients
from massivetext.train.fused.by_distance import (
    distance_gradients,
    position_query_gradients,
    scores_by_key,
)
from massivetext.train.fused.forward import Read, attend_tiles
from massivetext.train.fused.plan import KEPT, Where, pad_to

BATCH = ("data", "fsdp")
ROWS, LINES = P(BATCH, None, "model", None), P(BATCH, "model", None)
HEADS, SPANS = P("model", None, None), P(BATCH, None)


class Inputs(NamedTuple):
    """What attention reads, as the caller gives it; divisions have its form too, hence `Any`."""

    q: Any  # (b, t, h, k): queries with the content bias
    k: Any
    v: Any
    p: Any  # (b, t, h, k): queries with the position bias
    r: Any  # (h, t, k): projected distances in falling order, t-1, ..., 0


class Spans(NamedTuple):
    """Which tokens see each other: from where, and up to where; never falling."""

    first: Any  # (b, t): the first token that each token sees
    last: Any  # (b, t): the last that sees it


INPUTS = Inputs(ROWS, ROWS, ROWS, ROWS, HEADS)


def attend(
    where: Where, inputs: Inputs, documents: Int[Array, "b t"] | None
) -> Float[Array, "b t h k"]:
    """Returns attention over keys and distances, (b, t, h, k).

    Args:
      where: settings and devices.
      inputs: queries, keys, values and distances.
      documents: numbers that never fall along a sequence; None: a token sees all before it.
    """
    _, t, _, size = inputs.q.shape
    more = -t % pad_to(where.plan)
    width = max(16, 1 << (size - 1).bit_length()) - size
    longer = ((0, 0), (0, more), (0, 0), (0, width))
    q, k, v, p = (jnp.pad(x, longer) for x in inputs[:4])
    padded = Inputs(q, k, v, p, jnp.pad(inputs.r, ((0, 0), (more, 0), (0, width))))
    spans = _spans(inputs.q.shape[:2], documents, more)
    return _attend(where, padded, spans)[:, :t, :, :size]


def _spans(shape: tuple[int, ...], documents: Int[Array, "b t"] | None, more: int) -> Spans:
    """Returns what each token sees, in sequences that are `more` tokens longer."""
    b, t = shape
    if documents is None:
        numbers = jnp.zeros((b, t + more), jnp.int32)
        return Spans(numbers, jnp.full_like(numbers, t + more - 1))
    documents = jnp.pad(documents, ((0, 0), (0, more)), mode="edge")
    at = jnp.arange(t + more, dtype=jnp.int32)[None]
    new = documents[:, 1:] != documents[:, :-1]
    begins, ends = (jnp.pad(new, ((0, 0), side), constant_values=True) for side in ((1, 0), (0, 1)))
    first = jax.lax.cummax(jnp.where(begins, at, 0), axis=1)
    last = jax.lax.cummin(jnp.where(ends, at, t + more), axis=1, reverse=True)
    return Spans(first, last)


@functools.partial(jax.custom_vjp, nondiff_argnums=(0,))
def _attend(where: Where, inputs: Inputs, spans: Spans) -> Any:
    return _forward(where, inputs, spans)[0]


def _forward(where: Where, inputs: Inputs, spans: Spans) -> Any:
    def local(own: Inputs, first: Any) -> Any:
        scores = scores_by_key(where.plan, own.p, own.r)
        return attend_tiles(where.plan, Read(own.q, own.k, own.v, scores, first))

    run = _on_each(where.mesh, local, (INPUTS, SPANS), (ROWS, LINES))
    y, sums = run(inputs, spans.first)
    y, sums = (checkpoint_name(x, name) for x, name in zip((y, sums), KEPT, strict=True))
    return y, (inputs, spans, y, sums)


def _backward(where: Where, kept: Any, dy: Any) -> tuple[Inputs, Spans]:
    inputs, spans, y, sums = kept
    inner = jnp.sum(y.astype(jnp.float32) * dy.astype(jnp.float32), -1).transpose(0, 2, 1)

    def local(own: Inputs, spans: Spans, *rest: Any) -> Inputs:
        plan = where.plan
        found = Kept(own.q, own.k, own.v, scores_by_key(plan, own.p, own.r), *rest)
        dk, dv = key_gradients(plan, found, spans.last)
        dq, ds = query_gradients(plan, found, spans.first)
        dp = position_query_gradients(plan, ds, own.r, spans.first)
        dr = distance_gradients(plan, ds, own.p, spans.first)
        dr = dr if where.mesh is None else jax.lax.psum(dr, BATCH)
        return Inputs(dq, dk, dv, dp, dr.astype(own.r.dtype))

    run = _on_each(where.mesh, local, (INPUTS, Spans(SPANS, SPANS), ROWS, LINES, LINES), INPUTS)
    return run(inputs, spans, dy, sums, inner), Spans(None, None)


_attend.defvjp(_forward, _backward)


def _on_each(mesh: Mesh | None, local: Callable[..., Any], ins: Any, outs: Any) -> Any:
    """Returns `local`, run by each device on its sequences and heads; no array crosses."""
    if mesh is None:
        return local
    return jax.shard_map(local, mesh=mesh, in_specs=ins, out_specs=outs, check_vma=False)
