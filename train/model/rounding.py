"""Stochastic rounding to bfloat16 (Rae et al. 2021, appendix C): small updates arrive."""

import jax
import jax.numpy as jnp
from jaxtyping import Array, BFloat16, Float32


def round_stochastically(x: Float32[Array, "*s"], key: Array) -> BFloat16[Array, "*s"]:
    """Returns `x` rounded up or down to bfloat16, up with the probability that keeps its mean.

    bfloat16 is float32 without its 16 lowest bits. Adding 16 random bits there carries into the
    kept half exactly as often as the dropped part says; that holds for negative numbers (the sign
    is a bit of its own), across powers of two and for subnormal numbers. Infinities and NaN stay.
    """
    bits = jax.lax.bitcast_convert_type(x, jnp.uint32)
    noise = jax.random.bits(key, x.shape, jnp.uint16).astype(jnp.uint32)
    rounded = (bits + noise) & jnp.uint32(0xFFFF0000)
    rounded = jnp.where(jnp.isfinite(x), rounded, bits)
    return jax.lax.bitcast_convert_type(rounded, jnp.float32).astype(jnp.bfloat16)
