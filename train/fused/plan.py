"""What a compiled attention is told; without Pallas, whose import costs runs elsewhere 0.4 s."""

import math
from typing import NamedTuple

from jax.sharding import Mesh

KEPT = ("attention_output", "attention_sums")  # what is not computed again in a backward pass


class Tile(NamedTuple):
    """Rows and columns of scores that a program holds at once, its warps and loads in flight."""

    rows: int
    columns: int
    warps: int
    stages: int


class Tiles(NamedTuple):
    """Tiles of each kernel: the fastest of some tried on an H100, head size 128, 2,048 tokens."""

    by_key: Tile = Tile(64, 128, 4, 3)
    forward: Tile = Tile(64, 64, 4, 2)
    keys: Tile = Tile(64, 64, 4, 2)
    queries: Tile = Tile(64, 64, 4, 2)
    position_queries: Tile = Tile(64, 64, 4, 3)
    distances: Tile = Tile(64, 128, 4, 3)


class Plan(NamedTuple):
    """What a compiled attention depends on, besides its arrays' shapes."""

    scale: float  # what scores are multiplied by
    masked: bool  # attention stays inside a document
    interpret: bool  # run as JAX operations, where there is no GPU
    tiles: Tiles = Tiles()


def pad_to(plan: Plan) -> int:
    """Returns the number that the kernels' lengths must be a multiple of."""
    return math.lcm(*(size for tile in plan.tiles for size in (tile.rows, tile.columns)))


class Where(NamedTuple):
    """The compiled attention's settings and devices."""

    plan: Plan
    mesh: Mesh | None
