"""The decoder against its definition: counts, attention, causality, length, scan."""

import dataclasses
import math
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jaxtyping import TypeCheckError

from massivetext import paper
from massivetext.train.config.config import ModelConfig
from massivetext.train.config.presets import load_config
from massivetext.train.model.loss import mean_loss, token_losses
from massivetext.train.model.model import (
    attention,
    count_parameters,
    distance_encodings,
    embed,
    forward,
    init_params,
    relative_shift,
    rms_norm,
    unembed,
)
from massivetext.train.model.model import block as model_block

logits_of = jax.jit(forward, static_argnums=0)
losses_of = jax.jit(token_losses, static_argnums=0)


@pytest.fixture(scope="module")
def params(tiny_params: Any) -> Any:
    return tiny_params


@pytest.fixture(scope="module")
def tokens() -> jax.Array:
    return jnp.asarray(np.random.default_rng(0).integers(0, 400, (3, 33)), jnp.int32)


@pytest.mark.parametrize("row", paper.FAMILY, ids=lambda row: row.name)
def test_parameter_counts_are_the_papers(row: paper.Preset) -> None:
    model = load_config(row.name).model
    assert count_parameters(model) == row.parameters


def test_names_need_tied_embeddings_and_a_relative_projection() -> None:
    model = load_config("44m").model
    untied = count_parameters(model) + model.vocabulary * model.width
    without = count_parameters(model) - model.layers * model.width**2
    assert round(untied / 1e6) == 60
    assert round(without / 1e6) == 42


def naive_attention(x: np.ndarray, layer: dict[str, np.ndarray]) -> np.ndarray:
    """Dai et al. 2019, equation 5, one query and one key at a time, in float64."""
    batch, t, d = x.shape
    heads, size = layer["content_bias"].shape
    rates = 10_000.0 ** (-np.arange(0, d, 2) / d)
    result = np.zeros((batch, t, d))
    for b in range(batch):
        for h in range(heads):
            q, k, v = (x[b] @ layer[n][:, h] for n in ("query", "key", "value"))
            for i in range(t):
                scores = []
                for j in range(i + 1):
                    angle = (i - j) * rates
                    r = np.concatenate([np.sin(angle), np.cos(angle)]) @ layer["relative"][:, h]
                    content = (q[i] + layer["content_bias"][h]) @ k[j]
                    scores.append(content + (q[i] + layer["position_bias"][h]) @ r)
                weights = np.exp(np.array(scores) / math.sqrt(size))
                result[b, i] += (weights / weights.sum()) @ v[: i + 1] @ layer["out"][h]
    return result


def test_attention_equals_the_naive_reference_in_float64(tiny: ModelConfig, params: Any) -> None:
    with jax.enable_x64(True):
        layer = {name: np.asarray(array[1], np.float64) for name, array in params["layers"].items()}
        x = np.random.default_rng(1).normal(size=(2, 17, tiny.width))
        distances = jnp.arange(16, -1, -1, dtype=jnp.float64)
        encodings = distance_encodings(distances, tiny.width)
        found = jax.jit(attention, static_argnums=3)(jnp.asarray(x), encodings, layer, None)
        assert found.dtype == jnp.float64
        expected = naive_attention(x, layer)
        np.testing.assert_allclose(found, expected, rtol=1e-10, atol=1e-10)


def test_relative_shift_is_its_definition() -> None:
    x = np.random.default_rng(0).normal(size=(2, 7, 7)).astype(np.float32)
    shifted = np.asarray(relative_shift(jnp.asarray(x)))
    for i in range(7):
        for j in range(i + 1):  # distance i - j stands at column t - 1 - (i - j)
            np.testing.assert_array_equal(shifted[:, i, j], x[:, i, 6 - (i - j)])


def test_no_gradient_flows_from_the_future(tiny: ModelConfig, params: Any) -> None:
    x = jax.random.normal(jax.random.key(2), (1, 32, tiny.width))
    encodings = distance_encodings(jnp.arange(31, -1, -1, dtype=jnp.float32), tiny.width)

    def output(x: jax.Array, at: int) -> jax.Array:
        for i in range(tiny.layers):
            layer = jax.tree.map(lambda a, i=i: a[i], params["layers"])
            x = model_block(tiny, None, encodings, x, layer)
        return unembed(tiny, params, x)[0, at, 3]

    differentiate = jax.jit(jax.grad(output))
    for at in (0, 13, 30, 31):
        gradient = np.abs(np.asarray(differentiate(x, at)))[0].sum(-1)
        assert (gradient[at + 1 :] == 0).all()
        assert (gradient[: at + 1] > 0).all()


def test_positions_are_distances(tiny: ModelConfig, params: Any, tokens: jax.Array) -> None:
    whole = logits_of(tiny, params, tokens)
    np.testing.assert_allclose(logits_of(tiny, params, tokens[:, :9]), whole[:, :9], atol=2e-5)


def test_scan_equals_unrolled_layers(tiny: ModelConfig, params: Any, tokens: jax.Array) -> None:
    unrolled = dataclasses.replace(tiny, scan=False)
    np.testing.assert_allclose(
        logits_of(tiny, params, tokens), logits_of(unrolled, params, tokens), atol=2e-5
    )


@pytest.mark.parametrize("remat", ["full", pytest.param("dots", marks=pytest.mark.heavy)])
def test_rematerialization_changes_no_gradient(
    tiny: ModelConfig, params: Any, tokens: jax.Array, remat: Any
) -> None:
    again = dataclasses.replace(tiny, remat=remat)
    differentiate = jax.jit(jax.grad(mean_loss, 1), static_argnums=0)
    plain, found = (differentiate(config, params, tokens) for config in (tiny, again))
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, atol=1e-6), plain, found)


@pytest.mark.parametrize("name", ["nano", "44m"])
def test_first_loss_is_that_of_a_uniform_guess(name: str, tokens: jax.Array) -> None:
    smaller = ("model.vocabulary=400", "model.compute=float32", "model.layers=2")
    config = load_config(name, smaller).model
    start = jax.jit(init_params, static_argnums=0)
    losses = jax.jit(mean_loss, static_argnums=0)
    loss = float(losses(config, start(config, jax.random.key(0)), tokens))
    assert loss == pytest.approx(math.log(400), abs=0.05)


def test_losses_are_logarithms_of_the_softmax(
    tiny: ModelConfig, params: Any, tokens: jax.Array
) -> None:
    logits = np.asarray(logits_of(tiny, params, tokens[:, :-1]), np.float64)
    shares = np.exp(logits) / np.exp(logits).sum(-1, keepdims=True)
    picked = np.take_along_axis(shares, np.asarray(tokens)[:, 1:, None], -1)[..., 0]
    np.testing.assert_allclose(losses_of(tiny, params, tokens), -np.log(picked), rtol=1e-4)


def test_longer_context_than_in_training_is_finite(tiny: ModelConfig, params: Any) -> None:
    tokens = jnp.asarray(np.random.default_rng(3).integers(0, 400, (2, 129)), jnp.int32)
    losses = losses_of(tiny, params, tokens)
    assert losses.shape == (2, 128)
    assert np.isfinite(losses).all()


def test_bfloat16_activations_keep_float32_logits(tiny: ModelConfig, params: Any) -> None:
    half = dataclasses.replace(tiny, compute="bfloat16")
    tokens = jnp.zeros((1, 8), jnp.int32)
    assert jax.eval_shape(lambda p: embed(half, p, tokens), params).dtype == jnp.bfloat16
    assert jax.eval_shape(lambda p: forward(half, p, tokens), params).dtype == jnp.float32


@pytest.mark.heavy
def test_gradients_of_frequent_tokens_are_summed_in_float32(tiny: ModelConfig, params: Any) -> None:
    """In bfloat16, 4,096 terms would add up to an error of 5 %."""
    draws = np.random.default_rng(0).zipf(1.3, (16, 257))
    tokens = jnp.asarray(np.minimum(draws, 399), jnp.int32)

    def gradient(compute: str) -> Any:
        config = dataclasses.replace(tiny, compute=compute)
        return jax.jit(jax.grad(lambda p: mean_loss(config, p, tokens)))(params)["embed"]

    exact, narrow = np.asarray(gradient("float32")), np.asarray(gradient("bfloat16"))
    for rows in (slice(None), 1):
        error = np.linalg.norm(exact[rows] - narrow[rows]) / np.linalg.norm(exact[rows])
        assert error < 0.02


def test_arrays_of_other_shapes_are_refused() -> None:
    """Without the check of tests/train/conftest.py each of these would broadcast in silence."""
    with pytest.raises(TypeCheckError):
        rms_norm(jnp.ones((2, 3)), jnp.ones(1))
    with pytest.raises(TypeCheckError):
        relative_shift(jnp.ones((2, 3, 4)))
