"""The optimizer step: accumulation, overfitting, Adafactor, and the same numbers on every mesh."""

import dataclasses
import math
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from massivetext.errors import ConfigError
from massivetext.train.config.config import MeshConfig, TrainConfig
from massivetext.train.model.sharding import (
    check_mesh,
    make_mesh,
    mesh_shape,
    micro_steps,
)
from massivetext.train.model.step import abstract_state, accumulate, init_state, make_step

SPLITS = [
    (8, 1, 1), (1, 8, 1), (1, 1, 8), (4, 2, 1), (4, 1, 2), (2, 4, 1), (1, 4, 2), (2, 1, 4),
    (1, 2, 4), (2, 2, 2),
]  # fmt: skip


def device_bytes(tree: Any) -> int:
    """Returns the bytes that one device holds of a tree of abstract, sharded arrays."""
    arrays = jax.tree.leaves(tree)
    return sum(
        math.prod(array.sharding.shard_shape(array.shape)) * array.dtype.itemsize
        for array in arrays
    )


def batches(count: int, rows: int = 16) -> list[np.ndarray]:
    generator = np.random.default_rng(5)
    return [
        np.sort(generator.integers(0, 400, (rows, 33)), -1).astype(np.int32) for _ in range(count)
    ]


def on_mesh(config: TrainConfig, split: tuple[int, int, int]) -> TrainConfig:
    return dataclasses.replace(config, mesh=MeshConfig(*split))


def run(config: TrainConfig, mesh: Any, steps: int) -> tuple[list[float], Any]:
    state, step = init_state(config, mesh), make_step(config, mesh, 16)
    losses = []
    for tokens in batches(steps):
        state, metrics = step(state, tokens)
        losses.append(float(metrics.loss))
    return losses, state


@pytest.fixture(scope="module")
def single(tiny_run: TrainConfig) -> list[float]:
    """Losses of five steps on one device."""
    mesh = make_mesh(MeshConfig(data=1), jax.devices()[:1])
    return run(on_mesh(tiny_run, (1, 1, 1)), mesh, 5)[0]


def check_split(config: TrainConfig, split: tuple[int, int, int], single: list[float]) -> None:
    config = on_mesh(config, split)
    mesh = make_mesh(config.mesh)
    check_mesh(config, mesh)
    losses, state = run(config, mesh, 5)
    np.testing.assert_allclose(losses, single, rtol=1e-4)
    places = jax.tree.map(lambda a: a.sharding, abstract_state(config, mesh))
    assert jax.tree.map(lambda a: a.sharding, state) == places


@pytest.mark.heavy
@pytest.mark.parametrize("split", SPLITS, ids=str)
def test_losses_on_every_split_of_eight_devices(
    tiny_run: TrainConfig, single: list[float], split: tuple[int, int, int]
) -> None:
    check_split(tiny_run, split, single)


def test_accumulated_gradient_is_the_large_batchs(tiny_run: TrainConfig) -> None:
    mesh = make_mesh(MeshConfig(data=1), jax.devices()[:1])
    params = init_state(tiny_run, mesh).params
    tokens = jnp.asarray(batches(1)[0])
    large, small = (
        jax.jit(lambda p, x, n=n: accumulate(tiny_run, mesh, n, p, x))(params, tokens)
        for n in (1, 4)
    )
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, atol=2e-6), large, small)


@pytest.mark.parametrize("kind", ["adam", pytest.param("adafactor", marks=pytest.mark.heavy)])
def test_one_batch_can_be_learned_by_heart(tiny_run: TrainConfig, kind: Any) -> None:
    settings = dataclasses.replace(tiny_run.optimizer, kind=kind, learning_rate=3e-2)
    length = dataclasses.replace(tiny_run.run, steps=100)
    config = dataclasses.replace(tiny_run, optimizer=settings, run=length, mesh=MeshConfig(data=1))
    mesh = make_mesh(config.mesh, jax.devices()[:1])
    state, step = init_state(config, mesh), make_step(config, mesh, 4)
    tokens = np.random.default_rng(0).integers(0, 400, (4, 33)).astype(np.int32)
    for _ in range(100):
        state, metrics = step(state, tokens)
    assert float(metrics.loss) < 0.5  # ln 400 = 6


def test_optimizer_state_is_partitioned(tiny_run: TrainConfig) -> None:
    """Adam's two float32 moments are divided over all three axes, parameters over two."""
    config = on_mesh(tiny_run, (2, 2, 2))
    state = abstract_state(config, make_mesh(config.mesh))
    table = config.model.vocabulary * config.model.width * 4
    moment = state.optimizer[1].mu["embed"]
    assert device_bytes(moment) == table // 8
    assert device_bytes(state.params["embed"]) == table // 4


def test_bfloat16_parameters_have_float32_moments(tiny_run: TrainConfig) -> None:
    model = dataclasses.replace(tiny_run.model, parameters="bfloat16")
    config = dataclasses.replace(tiny_run, model=model)
    state = abstract_state(config, make_mesh(config.mesh))
    assert {a.dtype for a in jax.tree.leaves(state.params)} == {jnp.dtype("bfloat16")}
    moments = jax.tree.leaves((state.optimizer[1].mu, state.optimizer[1].nu))
    assert {a.dtype for a in moments} == {jnp.dtype("float32")}


@pytest.mark.parametrize("axes", [(3, 1, 1), (8, 2, 1), (0, 3, 1), (16, 1, 1)])
def test_mesh_that_does_not_fit_is_refused(axes: tuple[int, int, int]) -> None:
    with pytest.raises(ConfigError, match="8 devices"):
        mesh_shape(MeshConfig(*axes), 8)


def test_slices_must_divide_the_data_axis() -> None:
    assert mesh_shape(MeshConfig(slices=4), 8) == (8, 1, 1)
    with pytest.raises(ConfigError, match="slices"):
        mesh_shape(MeshConfig(slices=4, model=4), 8)


def test_batch_that_does_not_divide_is_refused(tiny_run: TrainConfig) -> None:
    mesh = make_mesh(MeshConfig())
    assert micro_steps(tiny_run, mesh, 16) == 1
    with pytest.raises(ConfigError, match="12 sequences does not divide over 8 replicas"):
        micro_steps(tiny_run, mesh, 12)
    two = dataclasses.replace(tiny_run, run=dataclasses.replace(tiny_run.run, micro_batch=2))
    assert micro_steps(two, mesh, 48) == 3
    with pytest.raises(ConfigError, match="micro_batch=2"):
        micro_steps(two, mesh, 24)


@pytest.mark.parametrize(
    ("change", "message"),
    [({"heads": 6}, "heads, 6"), ({"vocabulary": 401}, "vocabulary, 401")],
)
def test_model_that_does_not_divide_is_refused(
    tiny_run: TrainConfig, change: dict[str, int], message: str
) -> None:
    config = dataclasses.replace(tiny_run, model=dataclasses.replace(tiny_run.model, **change))
    with pytest.raises(ConfigError, match=message):
        check_mesh(config, make_mesh(MeshConfig(data=2, model=4)))
