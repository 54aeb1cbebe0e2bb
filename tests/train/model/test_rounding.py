"""Stochastic rounding: unbiased, exact where bfloat16 is, and small updates arrive."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from massivetext.train.model.rounding import round_stochastically

DRAWS = 1_000_000


@pytest.mark.parametrize("value", [1.001, -0.3, 1e-30, 3.1415927, 65504.123, -1e-39, 1.99999])
def test_rounding_is_unbiased(value: float) -> None:
    """|z| below 4.5: one in 150,000 for an unbiased rounding; seeds are fixed."""
    exact = np.float64(np.float32(value))
    drawn = round_stochastically(jnp.full(DRAWS, value, jnp.float32), jax.random.key(0))
    found = np.asarray(drawn.astype(jnp.float32), np.float64)
    assert len(np.unique(found)) == 2
    assert found.min() < exact < found.max()
    z = (found.mean() - exact) / (found.std() / DRAWS**0.5)
    assert abs(z) < 4.5


@pytest.mark.heavy
def test_ten_thousand_small_updates_arrive() -> None:
    """1 + 10,000 x 1e-5 is 1.1; rounding to nearest never leaves 1."""

    def walk(i: int, values: tuple[jax.Array, jax.Array]) -> tuple[jax.Array, jax.Array]:
        drawn, nearest = values
        key = jax.random.fold_in(jax.random.key(3), i)
        drawn = round_stochastically(drawn.astype(jnp.float32) + 1e-5, key)
        return drawn, (nearest.astype(jnp.float32) + 1e-5).astype(jnp.bfloat16)

    ones = jnp.ones(4_096, jnp.bfloat16)
    drawn, nearest = jax.jit(lambda x: jax.lax.fori_loop(0, 10_000, walk, (x, x)))(ones)
    assert float(drawn.astype(jnp.float32).mean()) == pytest.approx(1.1, abs=2e-3)
    assert (nearest == 1).all()


@given(st.floats(width=32, allow_nan=False, min_value=-(2.0**127), max_value=2.0**127))
@settings(deadline=None, max_examples=60)
def test_result_is_a_neighbor(value: float) -> None:
    found = np.asarray(
        round_stochastically(jnp.full(16, value, jnp.float32), jax.random.key(1)).astype(
            jnp.float32
        )
    )
    bits = int(np.float32(value).view(np.uint32))
    below = np.uint32(bits & 0xFFFF0000).view(np.float32)
    above = np.uint32((bits & 0xFFFF0000) + 0x10000).view(np.float32)
    assert np.isin(found, [below, above]).all()


def test_special_values_stay() -> None:
    special = jnp.array([jnp.inf, -jnp.inf, 0.0, -0.0, 1.0, -2.5])
    found = round_stochastically(special, jax.random.key(0)).astype(jnp.float32)
    np.testing.assert_array_equal(found, special)
    assert np.signbit(found[3])
    assert np.isnan(round_stochastically(jnp.array([jnp.nan]), jax.random.key(0))[0])
