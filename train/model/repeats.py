"""Sequences that say the same again and again: their gradients can be left out.

OLMo 2 (2025) saw its losses spike on sequences in which an n-gram of 1 to 13 tokens stands 32 times
or more in a row, and took no gradient of them.
"""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Int

LONGEST = 13  # tokens of an n-gram


def is_repetitive(tokens: Int[Array, "b t"], times: int) -> Bool[Array, " b"]:
    """Returns which sequences hold an n-gram `times` times or more in a row.

    >>> is_repetitive(jnp.array([[5, 6, 5, 6, 5, 6], [5, 6, 5, 6, 5, 7]]), 3).tolist()
    [True, False]
    """
    found = jnp.zeros(tokens.shape[0], bool)
    for period in range(1, min(LONGEST, tokens.shape[1] // times) + 1):
        same = tokens[:, period:] == tokens[:, :-period]
        at = jnp.arange(same.shape[1])[None]
        broken = jax.lax.cummax(jnp.where(same, -1, at), axis=1)
        found |= jnp.any(at - broken >= period * (times - 1), 1)
    return found
