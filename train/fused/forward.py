"""Causal attention whose weights never leave the chip (Dao et al. 2022), with a score as bias."""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax.experimental import pallas as pl
from jax.experimental.pallas import triton
from jaxtyping import Array, Float

from massivetext.train.fused.plan import Plan, Tile
from massivetext.train.fused.tiles import (
    LOG2E,
    backwards,
    count,
    numbers_of,
    rows_of,
    run,
    scores_of,
    spans_of,
    sweep,
    whole,
)

UNSEEN = -1e30  # score of a key that a query does not see


class Read(NamedTuple):
    """What the kernel reads; of specifications and of references too, hence `Any`."""

    q: Any  # (b, t, h, k): queries with the content bias
    k: Any
    v: Any
    scores: Any  # (b, h, t * t): of the positions, by key
    first: Any  # (b, t): the first token that each token sees


def attend_tiles(plan: Plan, read: Read) -> tuple[Float[Array, "b t h k"], Float[Array, "b h t"]]:
    """Returns attention's output, and the logarithm to base 2 of each row's sum of weights."""
    b, t, h, size = read.q.shape
    tile = plan.tiles.forward
    tiles = t // tile.rows
    back = backwards(tiles)
    row, column = rows_of(tile.rows, size, back), rows_of(t, size, whole)
    call = run(
        _forward, plan, tile, (tiles, h, b),
        in_specs=[Read(row, column, column, scores_of(t), spans_of(tile.rows, back))],
        out_specs=[row, numbers_of(tile.rows, back)],
        out_shape=[
            jax.ShapeDtypeStruct(read.q.shape, read.q.dtype),
            jax.ShapeDtypeStruct((b, h, t), jnp.float32),
        ],
        name="relative_attention",
    )  # fmt: skip
    return tuple(call(read))


def _forward(ref: Read, y_ref: Any, sum_ref: Any, *, tile: Tile, plan: Plan) -> None:
    t, size = ref.k.shape
    i = t // tile.rows - 1 - pl.program_id(0)
    q, first, rows = triton.load(ref.q), triton.load(ref.first), count(i * tile.rows, tile.rows)

    def step(j: Any, carry: tuple[Array, Array, Array], masked: bool) -> tuple[Array, ...]:
        y, largest, total = carry
        at, keys = pl.ds(j * tile.columns, tile.columns), count(j * tile.columns, tile.columns)
        k, v = triton.load(ref.k.at[at, :]), triton.load(ref.v.at[at, :])
        position = triton.load(ref.scores.at[rows[:, None] * t + keys[None, :]])
        scores = (triton.dot(q, k.T) + position.astype(jnp.float32)) * (plan.scale * LOG2E)
        if masked:
            seen = (keys[None, :] <= rows[:, None]) & (keys[None, :] >= first[:, None])
            scores = jnp.where(seen, scores, UNSEEN)
        new = jnp.maximum(largest, jnp.max(scores, -1))
        shrink, weights = jnp.exp2(largest - new), jnp.exp2(scores - new[:, None])
        y = y * shrink[:, None] + triton.dot(weights.astype(v.dtype), v)
        return y, new, total * shrink + weights.sum(-1)

    nothing = jnp.zeros((tile.rows, size), jnp.float32)
    carry = nothing, jnp.full((tile.rows,), UNSEEN), jnp.zeros((tile.rows,), jnp.float32)
    cut, end = i * tile.rows // tile.columns, pl.cdiv((i + 1) * tile.rows, tile.columns)
    ranges: tuple[tuple[Any, Any, bool], ...] = ((0, cut, False), (cut, end, True))
    if plan.masked:
        ranges = ((jnp.min(first) // tile.columns, end, True),)
    y, largest, total = sweep(step, carry, *ranges)
    triton.store(y_ref, (y / total[:, None]).astype(y_ref.dtype))
    triton.store(sum_ref, largest + jnp.log2(total))
