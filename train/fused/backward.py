"""Gradients of attention: its weights are formed again, a tile at a time, by key and by query."""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax.experimental import pallas as pl
from jax.experimental.pallas import triton
from jaxtyping import Array, Float, Int

from massivetext.train.fused.plan import Plan, Tile
from massivetext.train.fused.tiles import (
    LOG2E,
    backwards,
    count,
    numbers_of,
    rows_of,
    run,
    same,
    scores_of,
    spans_of,
    sweep,
    whole,
)


class Kept(NamedTuple):
    """What both kernels read: of the forward pass, and of the output's gradient.

    Of specifications and of references too, hence `Any`.
    """

    q: Any  # (b, t, h, k)
    k: Any
    v: Any
    scores: Any  # (b, h, t * t) of positions, by key
    dy: Any  # (b, t, h, k)
    sums: Any  # (b, h, t): logarithm to base 2 of each row's sum of weights
    inner: Any  # (b, h, t): product of each row of the output and its gradient


def key_gradients(
    plan: Plan, kept: Kept, last: Int[Array, "b t"]
) -> tuple[Float[Array, "b t h k"], Float[Array, "b t h k"]]:
    """Returns the gradients of keys and values; `last` token that sees each token."""
    b, t, h, size = kept.q.shape
    tile = plan.tiles.keys
    row, column = rows_of(t, size, whole), rows_of(tile.columns, size, same)
    line = numbers_of(t, whole)
    call = run(
        _keys, plan, tile, (t // tile.columns, h, b),
        in_specs=[
            Kept(row, column, column, scores_of(t), row, line, line), spans_of(tile.columns, same)
        ],
        out_specs=[column, column],
        out_shape=[jax.ShapeDtypeStruct(a.shape, a.dtype) for a in (kept.k, kept.v)],
        name="key_gradients",
    )  # fmt: skip
    return tuple(call(kept, last))


def _keys(ref: Kept, last_ref: Any, dk_ref: Any, dv_ref: Any, *, tile: Tile, plan: Plan) -> None:
    t, size = ref.q.shape
    j = pl.program_id(0)
    k, v, last = triton.load(ref.k), triton.load(ref.v), triton.load(last_ref)
    keys = count(j * tile.columns, tile.columns)

    def step(i: Any, carry: tuple[Array, Array], masked: bool) -> tuple[Array, Array]:
        dk, dv = carry
        at, rows = pl.ds(i * tile.rows, tile.rows), count(i * tile.rows, tile.rows)
        q, dy = triton.load(ref.q.at[at, :]), triton.load(ref.dy.at[at, :])
        sums, inner = triton.load(ref.sums.at[at]), triton.load(ref.inner.at[at])
        position = triton.load(ref.scores.at[(rows * t)[None, :] + keys[:, None]])
        scores = (triton.dot(k, q.T) + position.astype(jnp.float32)) * (plan.scale * LOG2E)
        weights = jnp.exp2(scores - sums[None, :])
        if masked:
            seen = (rows[None, :] >= keys[:, None]) & (rows[None, :] <= last[:, None])
            weights = jnp.where(seen, weights, 0.0)
        dv = dv + triton.dot(weights.astype(dy.dtype), dy)
        ds = weights * (triton.dot(v, dy.T) - inner[None, :]) * plan.scale
        return dk + triton.dot(ds.astype(q.dtype), q), dv

    start, cut = j * tile.columns // tile.rows, pl.cdiv((j + 1) * tile.columns, tile.rows)
    ranges: tuple[tuple[Any, Any, bool], ...] = ((start, cut, True), (cut, t // tile.rows, False))
    if plan.masked:
        ranges = ((start, jnp.max(last) // tile.rows + 1, True),)
    nothing = jnp.zeros((tile.columns, size), jnp.float32)
    dk, dv = sweep(step, (nothing, nothing), *ranges)
    triton.store(dk_ref, dk.astype(dk_ref.dtype))
    triton.store(dv_ref, dv.astype(dv_ref.dtype))


def query_gradients(
    plan: Plan, kept: Kept, first: Int[Array, "b t"]
) -> tuple[Float[Array, "b t h k"], Float[Array, "b h tt"]]:
    """Returns the gradients of queries and of the positions' scores, where a key is seen."""
    b, t, h, size = kept.q.shape
    tile = plan.tiles.queries
    back = backwards(t // tile.rows)
    row, column = rows_of(tile.rows, size, back), rows_of(t, size, whole)
    line = numbers_of(tile.rows, back)
    call = run(
        _queries, plan, tile, (t // tile.rows, h, b),
        in_specs=[
            Kept(row, column, column, scores_of(t), row, line, line), spans_of(tile.rows, back)
        ],
        out_specs=[row, scores_of(t)],
        out_shape=[jax.ShapeDtypeStruct(a.shape, a.dtype) for a in (kept.q, kept.scores)],
        name="query_gradients",
    )  # fmt: skip
    return tuple(call(kept, first))


def _queries(
    ref: Kept, first_ref: Any, dq_ref: Any, ds_ref: Any, *, tile: Tile, plan: Plan
) -> None:
    t, size = ref.k.shape
    i = t // tile.rows - 1 - pl.program_id(0)
    q, dy, first = triton.load(ref.q), triton.load(ref.dy), triton.load(first_ref)
    sums, inner = triton.load(ref.sums), triton.load(ref.inner)
    rows = count(i * tile.rows, tile.rows)

    def step(j: Any, dq: Array, masked: bool) -> Array:
        at, keys = pl.ds(j * tile.columns, tile.columns), count(j * tile.columns, tile.columns)
        k, v = triton.load(ref.k.at[at, :]), triton.load(ref.v.at[at, :])
        cells = rows[:, None] * t + keys[None, :]
        position = triton.load(ref.scores.at[cells]).astype(jnp.float32)
        scores = (triton.dot(q, k.T) + position) * (plan.scale * LOG2E)
        weights = jnp.exp2(scores - sums[:, None])
        ds = weights * (triton.dot(dy, v.T) - inner[:, None]) * plan.scale
        if masked:
            seen = (keys[None, :] <= rows[:, None]) & (keys[None, :] >= first[:, None])
            ds = jnp.where(seen, ds, 0.0)
        ds = ds.astype(k.dtype)
        triton.store(ds_ref.at[cells], ds)
        return dq + triton.dot(ds, k)

    cut, end = i * tile.rows // tile.columns, pl.cdiv((i + 1) * tile.rows, tile.columns)
    ranges: tuple[tuple[Any, Any, bool], ...] = ((0, cut, False), (cut, end, True))
    if plan.masked:
        ranges = ((jnp.min(first) // tile.columns, end, True),)
    dq = sweep(step, jnp.zeros((tile.rows, size), jnp.float32), *ranges)
    triton.store(dq_ref, dq.astype(dq_ref.dtype))
