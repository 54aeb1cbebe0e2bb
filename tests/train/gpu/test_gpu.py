"""For a machine with a GPU (`make test-gpu`): the kernels as they are compiled, and resumes."""

import dataclasses
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from massivetext.train.config.presets import load_config
from massivetext.train.fused import attention as fused
from massivetext.train.fused.choose import use_kernels
from massivetext.train.fused.plan import Plan, Where
from massivetext.train.model.loss import mean_loss
from massivetext.train.model.model import attend, init_params
from massivetext.train.run.environment import prepare

prepare(deterministic=False)
pytestmark = pytest.mark.heavy
BFLOAT16 = 2**-6  # relative error of a gradient after some roundings of 2**-9


@pytest.fixture(autouse=True)
def _gpu() -> None:
    if jax.default_backend() in ("cpu", "tpu"):
        pytest.skip("no GPU here, or JAX without CUDA: make train ACCELERATOR=cuda installs it")


def draw(b: int, t: int, h: int, k: int) -> tuple[list[np.ndarray], np.ndarray]:
    generator = np.random.default_rng(t + k)
    shapes = [(b, t, h, k)] * 3 + [(h, t, k)]
    # what bfloat16 holds exactly, so that only the kernels' rounding is measured
    arrays = [np.float64(generator.normal(size=s).astype(jnp.bfloat16)) for s in shapes]
    return arrays, generator.normal(size=(b, t, h, k))


def define(arrays: Any, dy: Any, documents: Any) -> jax.Array:
    """The definition, without biases: queries are the same for keys and distances."""
    q, k, v, r = arrays
    turned = (x.transpose(0, 2, 1, 3) for x in (q, k, v))
    zero = jnp.zeros((q.shape[2], q.shape[3]), q.dtype)
    y = attend(*turned, r, {"content_bias": zero, "position_bias": zero}, documents)
    return jnp.sum(y.transpose(0, 2, 1, 3) * dy)


def fuse(arrays: Any, dy: Any, documents: Any, plan: Plan) -> jax.Array:
    q, k, v, r = arrays
    y = fused.attend(Where(plan, None), fused.Inputs(q, k, v, q, r), documents)
    return jnp.sum(y.astype(jnp.float32) * dy)


@pytest.mark.parametrize("masked", [False, True], ids=["all", "documents"])
@pytest.mark.parametrize(
    "shape", [(1, 2048, 2, 128), (2, 1000, 1, 64), (1, 333, 3, 32), (1, 700, 2, 96), (2, 17, 1, 48)]
)
def test_gradients_are_float64s(shape: tuple[int, ...], masked: bool) -> None:
    arrays, dy = draw(*shape)
    numbers = np.sort(np.random.default_rng(1).integers(0, 4, shape[:2]), 1).astype(np.int32)
    documents = jnp.asarray(numbers) if masked else None
    plan = Plan(shape[-1] ** -0.5, masked, False)
    narrow = [jnp.asarray(x, jnp.bfloat16) for x in arrays]
    run = jax.jit(jax.grad(fuse), static_argnums=3)
    found = run(narrow, jnp.asarray(dy, jnp.float32), documents, plan)
    with jax.enable_x64(True), jax.default_device(jax.devices("cpu")[0]):
        exact = [jnp.asarray(x, jnp.float64) for x in arrays]
        given = None if documents is None else jnp.asarray(numbers)
        expected = jax.jit(jax.grad(define))(exact, jnp.asarray(dy), given)
    for name, a, b in zip("qkvr", found, expected, strict=True):
        off = np.linalg.norm(np.float64(a) - np.asarray(b)) / np.linalg.norm(np.asarray(b))
        assert off < BFLOAT16, (name, off)


@pytest.mark.parametrize("name", ["44m", "417m", "1.4b"])
def test_a_models_gradients_are_as_near_to_float32_as_the_plain_ones(name: str) -> None:
    settings = ("model.layers=2", "model.vocabulary=4096", "model.remat=dots")
    config = load_config(name, settings).model
    params = jax.jit(init_params, static_argnums=0)(config, jax.random.key(0))
    shape = (2, config.context + 1)
    tokens = jax.random.randint(jax.random.key(1), shape, 0, config.vocabulary)
    run = jax.jit(jax.grad(mean_loss, 1), static_argnums=0)
    plain = dataclasses.replace(config, kernels="off")
    with jax.default_matmul_precision("highest"):
        exact = run(dataclasses.replace(plain, compute="float32"), params, tokens)
    assert use_kernels(config, None)
    worst = [
        max(
            float(jnp.linalg.norm((a - b).astype(jnp.float32)) / jnp.linalg.norm(a))
            for a, b in zip(jax.tree.leaves(exact), jax.tree.leaves(found), strict=True)
            if jnp.linalg.norm(a) > 0
        )
        for found in (run(plain, params, tokens), run(config, params, tokens))
    ]
    assert worst[1] < 1.1 * worst[0], worst


CORPUS = "from pathlib import Path; from tests.train.conftest import write_corpus; import sys;"
SETTINGS = ("model.compute=bfloat16", "run.log_every=1", "run.evaluate_every=0", "model.context=32",
            "run.batch_tokens=[512]", "run.checkpoint_every=5", "run.micro_batch=4")  # fmt: skip


def train(data: Path, output: Path, steps: int, *more: str) -> list[Any]:
    settings = [x for value in (*SETTINGS, *more) for x in ("--set", value)]
    command = [sys.executable, "-m", "massivetext", "train", "nano", "--data", str(data)]
    command += ["--output", str(output), "--steps", str(steps), *settings]
    subprocess.run(command, check=True)
    from massivetext.train.evaluation.read_log import read_log

    return [entry["loss"] for entry in read_log(str(output)) if "loss" in entry]


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("corpus")
    command = [sys.executable, "-c", f"{CORPUS} write_corpus(Path(sys.argv[1]))", str(folder)]
    subprocess.run(command, check=True, env=os.environ | {"JAX_PLATFORMS": "cpu"})
    return folder


def test_a_deterministic_run_repeats_bit_for_bit_and_resumes_so(
    corpus: Path, tmp_path: Path
) -> None:
    """The schedule is fixed by a plateau, so that a shorter run is the beginning of a longer."""
    plateau = ("run.deterministic=true", "optimizer.schedule=wsd", "optimizer.decay_share=1e-9")
    whole = train(corpus, tmp_path / "whole", 20, *plateau)
    assert train(corpus, tmp_path / "again", 20, *plateau) == whole
    train(corpus, tmp_path / "resumed", 10, *plateau)
    assert train(corpus, tmp_path / "resumed", 20, *plateau) == whole


def test_the_loss_curve_is_the_plain_paths_within_what_seeds_differ_by(
    corpus: Path, tmp_path: Path
) -> None:
    curves = [
        np.array(train(corpus, tmp_path / f"{kernels}-{seed}", 200, f"model.kernels={kernels}",
                       f"run.seed={seed}"))
        for kernels in ("auto", "off") for seed in (0, 1)
    ]  # fmt: skip
    tails = [curve[100:].mean() for curve in curves]
    noise = max(abs(tails[2] - tails[3]), 0.01)
    assert abs(np.mean(tails[:2]) - np.mean(tails[2:])) < noise, tails
