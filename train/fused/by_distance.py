"""Products of queries and distances, read and written by key.

Row i of a (time x time) array of scores holds keys 0, ..., i; distance m of the falling order
t-1, ..., 0 stands at key i + m - (t-1). Kernels form the product a tile of distances at a time and
write each score to its key at once, so no array by distance goes to memory and none is shifted.
"""

from typing import Any

import jax
import jax.numpy as jnp
from jax.experimental import pallas as pl
from jax.experimental.pallas import triton
from jaxtyping import Array, Float, Int

from massivetext.train.fused.plan import Plan, Tile
from massivetext.train.fused.tiles import (
    backwards,
    count,
    distances_of,
    rows_of,
    run,
    scores_of,
    spans_of,
    sweep,
    whole,
)


def scores_by_key(
    plan: Plan, q: Float[Array, "b t h k"], r: Float[Array, "h t k"]
) -> Float[Array, "b h tt"]:
    """Returns the products of each query and its distances; above the diagonal anything."""
    b, t, h, k = q.shape
    tile = plan.tiles.by_key
    tiles = t // tile.rows
    call = run(
        _by_key, plan, tile, (tiles, h, b),
        in_specs=[rows_of(tile.rows, k, backwards(tiles)), distances_of(t, k, whole)],
        out_specs=scores_of(t),
        out_shape=jax.ShapeDtypeStruct((b, h, t * t), q.dtype),
        name="scores_by_key",
    )  # fmt: skip
    found: Array = call(q, r)
    return found


def _by_key(q_ref: Any, r_ref: Any, scores_ref: Any, *, tile: Tile, plan: Plan) -> None:
    t = r_ref.shape[0]
    i = t // tile.rows - 1 - pl.program_id(0)
    q, rows = triton.load(q_ref), count(i * tile.rows, tile.rows)

    def step(m: Any, carry: int, masked: bool) -> int:
        r = triton.load(r_ref.at[pl.ds(m * tile.columns, tile.columns), :])
        scores = triton.dot(q, r.T).astype(scores_ref.dtype)
        keys = _keys(rows, count(m * tile.columns, tile.columns), t)
        if masked:  # before the first token: to the unread cells above the diagonal, one each
            keys = jnp.where(keys < 0, keys + t, keys)
        triton.store(scores_ref.at[rows[:, None] * t + keys], scores)
        return carry

    sweep(step, 0, *_distances_of_rows(i, tile, t))


def position_query_gradients(
    plan: Plan, ds: Float[Array, "b h tt"], r: Float[Array, "h t k"], first: Int[Array, "b t"]
) -> Float[Array, "b t h k"]:
    """Returns the gradients of `scores_by_key`'s queries from that of its scores."""
    b, h, _ = ds.shape
    _, t, k = r.shape
    tile = plan.tiles.position_queries
    tiles = t // tile.rows
    back = backwards(tiles)
    call = run(
        _position_queries, plan, tile, (tiles, h, b),
        in_specs=[scores_of(t), distances_of(t, k, whole), spans_of(tile.rows, back)],
        out_specs=rows_of(tile.rows, k, back),
        out_shape=jax.ShapeDtypeStruct((b, t, h, k), ds.dtype),
        name="position_query_gradients",
    )  # fmt: skip
    found: Array = call(ds, r, first)
    return found


def _position_queries(
    ds_ref: Any, r_ref: Any, first_ref: Any, dq_ref: Any, *, tile: Tile, plan: Plan
) -> None:
    t = r_ref.shape[0]
    i = t // tile.rows - 1 - pl.program_id(0)
    rows, first = count(i * tile.rows, tile.rows), triton.load(first_ref)

    def step(m: Any, total: Array, masked: bool) -> Array:
        r = triton.load(r_ref.at[pl.ds(m * tile.columns, tile.columns), :])
        keys = _keys(rows, count(m * tile.columns, tile.columns), t)
        return total + triton.dot(_load(ds_ref, rows[:, None], keys, first[:, None], t, masked), r)

    total = jnp.zeros((tile.rows, r_ref.shape[-1]), jnp.float32)
    ranges = _distances_of_rows(i, tile, t)
    if plan.masked:
        farthest = (i + 1) * tile.rows - 1 - jnp.min(first)
        ranges = (((t - 1 - farthest) // tile.columns, t // tile.columns, True),)
    total = sweep(step, total, *ranges)
    triton.store(dq_ref, total.astype(dq_ref.dtype))


def distance_gradients(
    plan: Plan, ds: Float[Array, "b h tt"], q: Float[Array, "b t h k"], first: Int[Array, "b t"]
) -> Float[Array, "h t k"]:
    """Returns the float32 gradients of `scores_by_key`'s distances, summed over the sequences."""
    b, t, h, k = q.shape
    tile = plan.tiles.distances
    tiles = t // tile.columns
    out = pl.BlockSpec(
        (None, None, tile.columns, k), lambda i, h, b: (b, h, backwards(tiles)(i), 0)
    )
    call = run(
        _distances, plan, tile, (tiles, h, b),
        in_specs=[scores_of(t), rows_of(t, k, whole), spans_of(t, whole)],
        out_specs=out,
        out_shape=jax.ShapeDtypeStruct((b, h, t, k), jnp.float32),
        name="distance_gradients",
    )  # fmt: skip
    found: Array = call(ds, q, first).sum(0)
    return found


def _distances(
    ds_ref: Any, q_ref: Any, first_ref: Any, dr_ref: Any, *, tile: Tile, plan: Plan
) -> None:
    t = q_ref.shape[0]
    m = t // tile.columns - 1 - pl.program_id(0)
    columns = count(m * tile.columns, tile.columns)

    def step(i: Any, total: Array, masked: bool) -> Array:
        at = pl.ds(i * tile.rows, tile.rows)
        q, first = triton.load(q_ref.at[at, :]), triton.load(first_ref.at[at])
        rows = count(i * tile.rows, tile.rows)
        keys = _keys(rows, columns, t).T
        return total + triton.dot(_load(ds_ref, rows[None, :], keys, first[None, :], t, masked), q)

    total = jnp.zeros((tile.columns, q_ref.shape[-1]), jnp.float32)
    edge, cut, end = _edges(t - 1 - m * tile.columns, tile.columns, tile.rows, t)
    ranges = ((edge, end, True),) if plan.masked else ((edge, cut, True), (cut, end, False))
    triton.store(dr_ref, sweep(step, total, *ranges))


def _keys(rows: Array, columns: Array, t: int) -> Array:
    """Returns the key of each row and column of distances; negative before the first token."""
    return (rows - (t - 1))[:, None] + columns[None, :]


def _distances_of_rows(i: Any, tile: Tile, t: int) -> tuple[tuple[Any, Any, bool], ...]:
    """Returns the ranges of tiles of distances that tile `i` of rows has, partly and wholly."""
    edge, cut, end = _edges(t - 1 - i * tile.rows, tile.rows, tile.columns, t)
    return (edge, cut, True), (cut, end, False)


def _edges(last: Any, size: int, step: int, t: int) -> tuple[Any, Any, int]:
    """Returns the tiles of `step` that begin to be seen, are seen wholly, and end.

    Of `size` rows (or distances) whose first sees the numbers from `last` on, each other one more.
    """
    return (last - size + 1) // step, pl.cdiv(last, step), t // step


def _load(ref: Any, rows: Array, keys: Array, first: Array, t: int, masked: bool) -> Array:
    """Returns a tile of scores, zero where a key is not seen: nothing was written there."""
    at = rows * t + keys
    if not masked:
        return triton.load(ref.at[at])
    seen = keys >= first
    return triton.load(ref.at[jnp.where(seen, at, 0)], mask=seen, other=0.0)
