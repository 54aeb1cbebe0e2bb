"""Repeated n-grams: which sequences have them, and that no gradient comes of those."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from massivetext.errors import ConfigError
from massivetext.train.config.config import ModelConfig
from massivetext.train.config.presets import load_config
from massivetext.train.model.loss import mean_loss, token_losses
from massivetext.train.model.repeats import LONGEST, is_repetitive


def row(period: int, times: int, length: int = 512) -> np.ndarray:
    """Random tokens with an n-gram `times` times in a row, somewhere inside."""
    generator = np.random.default_rng(period + times)
    gram = generator.permutation(np.arange(500, 500 + period))
    tokens = generator.permutation(np.arange(1_000, 1_000 + length))
    tokens[7 : 7 + period * times] = np.tile(gram, times)
    return tokens.astype(np.int32)


@pytest.mark.parametrize("period", [pytest.param(1, marks=pytest.mark.heavy), 2, LONGEST])
def test_an_n_gram_counts_from_its_times_on(period: int) -> None:
    rows = np.stack([row(period, times) for times in (31, 32, 33)])
    assert is_repetitive(jnp.asarray(rows), 32).tolist() == [False, True, True]


@pytest.mark.heavy
def test_longer_n_grams_and_short_rows_do_not_count() -> None:
    assert not is_repetitive(jnp.asarray(row(LONGEST + 1, 32)[None]), 32)[0]
    assert is_repetitive(jnp.asarray(row(LONGEST - 1, 32)[None]), 32)[0]
    assert not is_repetitive(jnp.zeros((1, 31), jnp.int32), 32)[0]
    assert is_repetitive(jnp.zeros((1, 32), jnp.int32), 32)[0]


def test_no_gradient_comes_of_repetitive_sequences(tiny: ModelConfig, tiny_params: Any) -> None:
    generator = np.random.default_rng(0)
    tokens = generator.integers(3, 400, (3, 33)).astype(np.int32)
    tokens[1] = np.tile([7, 8, 9], 11)
    run = jax.jit(jax.value_and_grad(mean_loss, 1), static_argnums=(0, 3, 4))
    loss, found = run(tiny, tiny_params, jnp.asarray(tokens), None, 11)
    losses = token_losses(tiny, tiny_params, jnp.asarray(tokens[[0, 2]]))
    assert float(loss) == pytest.approx(float(losses.mean()), rel=1e-5)
    _, expected = run(tiny, tiny_params, jnp.asarray(tokens[[0, 2]]), None, 0)
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, atol=2e-6), found, expected)
    alone, none = run(tiny, tiny_params, jnp.asarray(tokens[1:2]), None, 11)
    assert alone == 0
    assert all(not np.asarray(a).any() for a in jax.tree.leaves(none))


def test_once_is_no_repetition() -> None:
    assert load_config("nano").data.repeats == 0
    assert load_config("nano", ("data.repeats=32",)).data.repeats == 32
    for wrong in (1, -1):
        with pytest.raises(ConfigError, match=r"data\.repeats must be"):
            load_config("nano", (f"data.repeats={wrong}",))
