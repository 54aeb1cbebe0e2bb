"""What the kernels share: how arrays are cut for them, and how they are called.

A grid has one program for each tile of rows or columns, head and sequence. Programs with the most
tiles to visit come first.
"""

import functools
import math
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from jax.experimental import pallas as pl
from jax.experimental.pallas import triton
from jaxtyping import Array

from massivetext.train.fused.plan import Plan, Tile

LOG2E = math.log2(math.e)  # GPUs compute powers of two


def run(
    kernel: Callable[..., None], plan: Plan, tile: Tile, grid: tuple[int, ...], **call: Any
) -> Callable[..., Any]:
    """Returns `kernel` over a grid: (tiles, heads, sequences)."""
    kernel = functools.partial(kernel, tile=tile, plan=plan)
    parameters = triton.CompilerParams(num_warps=tile.warps, num_stages=tile.stages)
    run: Callable[..., Any] = pl.pallas_call(
        kernel, grid=grid, compiler_params=parameters, interpret=plan.interpret, **call
    )
    return run


def sweep(step: Callable[..., Any], carry: Any, *ranges: tuple[Any, Any, bool]) -> Any:
    """Returns the carry after the tiles of some ranges: first, end, whether a mask cuts them."""
    for first, end, masked in ranges:
        carry = jax.lax.fori_loop(first, end, functools.partial(step, masked=masked), carry)
    return carry


def count(first: Any, size: int) -> Array:
    """Returns the numbers of the rows or columns of the tile that begins at `first`."""
    return first + jnp.arange(size)


def same(i: Any) -> Any:
    """Returns the program's own tile."""
    return i


def backwards(tiles: int) -> Callable[[Any], Any]:
    """Returns the numbering of tiles from the last to the first."""
    return lambda i: tiles - 1 - i


def whole(_: Any) -> int:
    """Returns the only tile of an array that is not cut."""
    return 0


def rows_of(size: int, width: int, index: Callable[[Any], Any]) -> pl.BlockSpec:
    """Returns how (sequence, time, head, key size) is cut: `size` rows of one head."""
    return pl.BlockSpec((None, size, None, width), lambda i, h, b: (b, index(i), h, 0))


def distances_of(size: int, width: int, index: Callable[[Any], Any]) -> pl.BlockSpec:
    """Returns how (head, distance, key size) is cut."""
    return pl.BlockSpec((None, size, width), lambda i, h, b: (h, index(i), 0))


def scores_of(t: int) -> pl.BlockSpec:
    """Returns how (sequence, head, time x time) is cut: not at all, a program indexes it."""
    return pl.BlockSpec((None, None, t * t), lambda i, h, b: (b, h, 0))


def numbers_of(size: int, index: Callable[[Any], Any]) -> pl.BlockSpec:
    """Returns how (sequence, head, time) is cut."""
    return pl.BlockSpec((None, None, size), lambda i, h, b: (b, h, index(i)))


def spans_of(size: int, index: Callable[[Any], Any]) -> pl.BlockSpec:
    """Returns how (sequence, time) is cut."""
    return pl.BlockSpec((None, size), lambda i, h, b: (b, index(i)))
