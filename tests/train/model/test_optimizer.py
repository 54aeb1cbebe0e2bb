"""Schedules and update rules beside the paper's: WSD, Muon, a float32 copy."""

import dataclasses
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from massivetext.errors import ConfigError
from massivetext.train.config.config import MeshConfig, OptimizerConfig, TrainConfig
from massivetext.train.config.presets import load_config
from massivetext.train.model.model import abstract_params
from massivetext.train.model.muon import MATRICES, join, scale_by_muon, split
from massivetext.train.model.optimizer import learning_rate, make_optimizer
from massivetext.train.model.sharding import make_mesh
from massivetext.train.model.step import abstract_state, init_state, make_step


def change(config: TrainConfig, **values: Any) -> TrainConfig:
    return dataclasses.replace(config, optimizer=dataclasses.replace(config.optimizer, **values))


def run(config: TrainConfig, steps: int = 5) -> tuple[list[float], Any]:
    mesh = make_mesh(config.mesh)
    state, step = init_state(config, mesh), make_step(config, mesh, 16)
    places = jax.tree.map(lambda a: a.sharding, abstract_state(config, mesh))
    tokens = np.sort(np.random.default_rng(5).integers(0, 400, (16, 33)), -1).astype(np.int32)
    losses = []
    for _ in range(steps):
        state, metrics = step(state, tokens)
        losses.append(float(metrics.loss))
    assert jax.tree.map(lambda a: a.sharding, state) == places
    return losses, state


@pytest.mark.parametrize(
    ("warmup", "steps", "share", "plateau"),
    [
        (10, 100, 0.2, (10, 80)),
        (10, 100, 1.0, (10, 10)),
        (0, 50, 0.1, (0, 45)),
        (9, 10, 0.5, (9, 9)),
    ],
)
def test_wsd_is_flat_between_warm_up_and_decay(
    warmup: int, steps: int, share: float, plateau: tuple[int, int]
) -> None:
    config = OptimizerConfig("adam", "wsd", share, learning_rate=1.0, warmup_steps=warmup)
    rates = np.array([float(learning_rate(config, steps)(step)) for step in range(steps + 1)])
    top = np.flatnonzero(rates >= 1 - 1e-6)
    assert (top[0], top[-1]) == plateau
    assert rates[-1] == pytest.approx(1 / config.decay)
    falls = -np.diff(rates[plateau[1] :])
    assert falls.min() == pytest.approx(falls.max(), rel=1e-3)
    assert (np.diff(rates[: warmup + 1]) > 0).all()


@pytest.mark.parametrize("share", [0.0, -0.1, 1.1])
def test_a_decay_longer_than_the_run_is_refused(share: float) -> None:
    with pytest.raises(ConfigError, match="above 0 and at most 1"):
        load_config("nano", (f"optimizer.decay_share={share}",))


def test_muons_updates_are_orthogonal_and_as_large_as_adams(tiny_params: Any) -> None:
    rule = scale_by_muon(OptimizerConfig())
    gradients = jax.tree.map(lambda a: jnp.asarray(np.asarray(a)), tiny_params)
    updates, state = rule.update(gradients, rule.init(gradients))
    assert set(state["muon"].mu) == set(MATRICES)
    for name in MATRICES:
        array, gradient = (np.asarray(a["layers"][name]) for a in (updates, gradients))
        inputs = 32 if name not in ("out", "down") else array[0].size // 32
        array, gradient = (a.reshape(len(a), inputs, -1) for a in (array, gradient))
        u, _, v = np.linalg.svd(gradient, full_matrices=False)
        scale = 0.2 * np.sqrt(max(array.shape[1:]))
        likeness = (array * (u @ v)).sum((1, 2)) / min(array.shape[1:]) / scale
        assert ((likeness > 0.75) & (likeness < 1.15)).all(), (name, likeness)
        largest = np.linalg.svd(array, compute_uv=False).max() / scale
        assert largest < 1.3, name  # five steps of Newton-Schulz leave 0.7 to 1.2
        assert np.sqrt((array**2).mean()) == pytest.approx(0.2, rel=0.25), name
    bias = np.asarray(updates["layers"]["up_bias"])  # Adam's first step: the sign
    np.testing.assert_allclose(np.abs(bias), 1, rtol=1e-3)


def test_split_and_join_lose_nothing(tiny_params: Any) -> None:
    matrices, rest = split(tiny_params)
    assert set(matrices) | set(rest["layers"]) == set(tiny_params["layers"])
    jax.tree.map(np.testing.assert_array_equal, join(matrices, rest), tiny_params)


@pytest.mark.parametrize(
    "mesh", [(1, 1, 1), pytest.param((2, 2, 2), marks=pytest.mark.heavy)], ids=str
)
def test_muon_learns_on_every_mesh(tiny_run: TrainConfig, mesh: tuple[int, int, int]) -> None:
    config = dataclasses.replace(change(tiny_run, kind="muon"), mesh=MeshConfig(*mesh))
    losses, _ = run(config)
    np.testing.assert_allclose(losses[0], np.log(400), rtol=0.05)
    assert losses[-1] < losses[0] - 0.3


@pytest.mark.heavy
def test_a_float32_copy_keeps_what_bfloat16_would_lose(tiny_run: TrainConfig) -> None:
    """Steps of 1e-5 are a hundredth of bfloat16's spacing below 1."""
    model = dataclasses.replace(tiny_run.model, parameters="bfloat16")
    config = change(tiny_run, learning_rate=1e-5, warmup_steps=0, float32_copy=True)
    config = dataclasses.replace(config, model=model)
    first = init_state(config, make_mesh(config.mesh))
    before = np.asarray(first.optimizer.copy["norm_out"])
    _, state = run(config, 10)
    copy, params = state.optimizer.copy, state.params
    moved = np.abs(np.asarray(copy["norm_out"]) - before)
    assert copy["norm_out"].dtype == jnp.float32
    assert moved.mean() == pytest.approx(1e-4, rel=0.5)
    rounded = jax.tree.map(lambda a: np.asarray(a.astype(jnp.bfloat16)), copy)
    jax.tree.map(lambda a, b: np.testing.assert_array_equal(np.asarray(a), b), params, rounded)
    np.testing.assert_array_equal(params["norm_out"], np.ones(32))  # not one step of its own size


@pytest.mark.heavy
def test_with_large_steps_the_copy_trains_as_float32_does(tiny_run: TrainConfig) -> None:
    half = dataclasses.replace(tiny_run.model, parameters="bfloat16")
    kept = dataclasses.replace(change(tiny_run, float32_copy=True), model=half)
    losses, expected = run(kept)[0], run(tiny_run)[0]
    np.testing.assert_allclose(losses, expected, rtol=5e-3)


def test_a_copy_of_float32_parameters_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"add --set model\.parameters=bfloat16"):
        load_config("nano", ("optimizer.float32_copy=true",))
    load_config("nano", ("optimizer.float32_copy=true", "model.parameters=bfloat16"))


@pytest.mark.parametrize("kind", ["adam", "adafactor"])
def test_state_keeps_the_tree_of_older_checkpoints(tiny_run: TrainConfig, kind: str) -> None:
    rules = {
        "adam": (optax.scale_by_adam(mu_dtype=jnp.float32), optax.scale_by_learning_rate(abs)),
        "adafactor": (optax.adafactor(abs, dtype_momentum=jnp.float32),),
    }
    before = optax.chain(optax.clip_by_global_norm(1.0), *rules[kind])
    floats = abstract_params(tiny_run.model)
    made = jax.eval_shape(make_optimizer(change(tiny_run, kind=kind)).init, floats)
    assert made == jax.eval_shape(before.init, floats)
