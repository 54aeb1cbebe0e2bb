"""A GPU's kernels, interpreted on CPU, against the definition in float64."""

import dataclasses
import subprocess
import sys
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from massivetext.errors import ConfigError
from massivetext.train.config.config import MeshConfig, ModelConfig
from massivetext.train.config.presets import load_config
from massivetext.train.fused import attention as fused
from massivetext.train.fused.choose import describe_kernels, refuse, use_kernels
from massivetext.train.fused.plan import Plan, Tile, Tiles, Where
from massivetext.train.model.loss import mean_loss
from massivetext.train.model.model import attend, init_params
from massivetext.train.model.sharding import make_mesh

WIDE, TALL = Tile(8, 16, 4, 1), Tile(16, 8, 4, 1)
SMALL = Tiles(WIDE, TALL, WIDE, TALL, WIDE, TALL)  # both ways that a diagonal can cut a tile
NAMES = ("q", "k", "v", "r", "content_bias", "position_bias")


def test_runs_without_the_kernels_do_not_import_them() -> None:
    look = (
        "import sys, massivetext.train.run.loop; sys.exit('jax.experimental.pallas' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-P", "-c", look], check=False).returncode == 0


def draw(b: int, t: int, h: int, k: int) -> tuple[dict[str, np.ndarray], np.ndarray]:
    generator = np.random.default_rng(t)
    shapes = [(b, t, h, k)] * 3 + [(h, t, k), (h, k), (h, k)]
    arrays = {n: generator.normal(size=s) for n, s in zip(NAMES, shapes, strict=True)}
    return arrays, generator.normal(size=(b, t, h, k))


def define(arrays: Any, dy: jax.Array, documents: jax.Array | None) -> jax.Array:
    """The specification: train/model/model.py's own attention."""
    q, k, v = (arrays[name].transpose(0, 2, 1, 3) for name in "qkv")
    y = attend(q, k, v, arrays["r"], arrays, documents)
    return jnp.sum(y.transpose(0, 2, 1, 3) * dy)


def fuse(arrays: Any, dy: jax.Array, documents: jax.Array | None, plan: Plan) -> jax.Array:
    q, k, v, r, u, w = (arrays[name] for name in NAMES)
    q, p = q + u[None, None], q + w[None, None]
    y = fused.attend(Where(plan, None), fused.Inputs(q, k, v, p, r), documents)
    return jnp.sum(y.astype(jnp.float32) * dy)


def errors(shape: tuple[int, ...], dtype: Any, documents: np.ndarray | None) -> dict[str, float]:
    """Returns how far each gradient is from float64's, relative to its norm."""
    arrays, dy = draw(*shape)
    plan = Plan(shape[-1] ** -0.5, documents is not None, True, SMALL)
    narrow = {name: jnp.asarray(array, dtype) for name, array in arrays.items()}
    given = None if documents is None else jnp.asarray(documents)
    differentiate = jax.jit(jax.value_and_grad(fuse), static_argnums=3)
    value, found = differentiate(narrow, jnp.asarray(dy, jnp.float32), given, plan)
    with jax.enable_x64(True):
        exact = {name: jnp.asarray(array, jnp.float64) for name, array in arrays.items()}
        total, expected = jax.value_and_grad(define)(exact, jnp.asarray(dy), given)
    size = np.linalg.norm(dy) * np.linalg.norm(arrays["v"])
    off = {"value": abs(float(value) - float(total)) / size}
    for name in NAMES:
        a, b = np.asarray(found[name], np.float64), np.asarray(expected[name])
        off[name] = float(np.linalg.norm(a - b) / np.linalg.norm(b))
    return off


HEAVY = pytest.mark.heavy


# Sequences, tokens, heads, key size: lengths that a tile divides or not; one head; odd sizes.
@pytest.mark.parametrize(
    ("shape", "masked"),
    [
        ((2, 33, 1, 32), False),
        pytest.param((1, 20, 2, 128), True, marks=HEAVY),
        pytest.param((2, 33, 1, 32), True, marks=HEAVY),
        pytest.param((1, 50, 3, 48), False, marks=HEAVY),
        pytest.param((1, 48, 2, 96), True, marks=HEAVY),
        pytest.param((1, 3, 1, 64), False, marks=HEAVY),
    ],
)
def test_gradients_are_float64s(shape: tuple[int, ...], masked: bool) -> None:
    documents = np.sort(np.random.default_rng(1).integers(0, 4, shape[:2]), 1).astype(np.int32)
    found = errors(shape, jnp.float32, documents if masked else None)
    assert all(off < 2e-6 for off in found.values()), found


@pytest.mark.heavy
def test_bfloat16_is_near_within_its_rounding() -> None:
    found = errors((2, 40, 2, 32), jnp.bfloat16, None)
    assert all(off < 2**-6 for off in found.values()), found


def gradient(config: ModelConfig, params: Any, mesh: Any) -> Any:
    tokens = jnp.asarray(np.random.default_rng(0).integers(0, 400, (4, 33)), jnp.int32)
    run = jax.jit(jax.value_and_grad(mean_loss, 1), static_argnums=(0, 3))
    return run(config, params, tokens, mesh)


@pytest.mark.parametrize(
    "masked", [pytest.param(False, marks=HEAVY), True], ids=["all", "documents"]
)
def test_a_model_on_four_devices_is_the_plain_one(
    tiny: ModelConfig, tiny_params: Any, masked: bool
) -> None:
    """Attention, loss and embedding, on heads and sequences divided; with what a policy keeps."""
    config = dataclasses.replace(tiny, document_mask=masked, remat="dots" if masked else "none")
    mesh = make_mesh(MeshConfig(fsdp=2, model=2), jax.devices()[:4])
    on = dataclasses.replace(config, kernels="on")
    plain, found = gradient(config, tiny_params, mesh), gradient(on, tiny_params, mesh)
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, rtol=2e-4, atol=2e-6), plain, found)


def test_kernels_lower_for_cuda() -> None:
    """Six kernels, one of them forward and backward, for the paper's sizes and any other."""
    for k, t in ((128, 2048), (48, 300)):
        rows = jax.ShapeDtypeStruct((2, t, 4, k), jnp.bfloat16)
        distances = jax.ShapeDtypeStruct((4, t, k), jnp.bfloat16)
        numbers = jax.ShapeDtypeStruct((2, t), jnp.int32)

        def total(inputs: fused.Inputs, documents: Any) -> jax.Array:
            where = Where(Plan(0.1, True, False), None)
            return fused.attend(where, inputs, documents).astype(jnp.float32).sum()

        traced = jax.jit(jax.grad(total)).trace(fused.Inputs(*[rows] * 4, distances), numbers)
        text = traced.lower(lowering_platforms=("cuda",)).as_text()
        assert text.count("__gpu$xla.gpu.triton") == 7


class Device:
    """A device as JAX describes it; there is none here."""

    def __init__(self, platform: str, capability: str = "") -> None:
        self.platform, self.compute_capability = platform, capability
        self.device_kind = "NVIDIA A100"


def test_kernels_run_where_they_were_tried() -> None:
    paper = load_config("1.4b").model
    h100, a100, cpu, tpu = Device("gpu", "9.0"), Device("gpu", "8.0"), Device("cpu"), Device("tpu")
    changed = [dataclasses.replace(paper, **change) for change in (
        {"key_size": 160}, {"compute": "float32"}, {"compute": "float64"},
    )]  # fmt: skip
    found = [refuse(paper, device) for device in (h100, a100, cpu, tpu)]
    found += [refuse(config, h100) for config in changed]
    assert found == [
        "",
        "compute capability 8.0 was not tried, only 9.0",
        "they are for GPUs",
        "they are for GPUs",
        "key size 160 is above 128, the largest that they take",
        "activations are float32, and they were tried with bfloat16",
        "they do not compute in float64",
    ]
    on = dataclasses.replace(paper, kernels="on")
    assert [refuse(on, device) for device in (h100, a100, cpu)] == ["", "", ""]
    assert refuse(on, tpu) == "they are for GPUs"


def test_a_gpu_on_the_plain_path_is_told_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    paper = load_config("1.4b").model
    assert describe_kernels(paper, None) == ""
    monkeypatch.setattr("jax.devices", lambda: [Device("gpu", "8.0")])
    assert describe_kernels(paper, None) == (
        "plain attention on NVIDIA A100: compute capability 8.0 was not tried, only 9.0; "
        "model.kernels=on tries them"
    )
    for other in ("on", "off"):
        assert describe_kernels(dataclasses.replace(paper, kernels=other), None) == ""


def test_kernels_that_cannot_run_are_refused(tiny: ModelConfig) -> None:
    assert not use_kernels(tiny, None)
    large = dataclasses.replace(tiny, kernels="on", key_size=160)
    with pytest.raises(ConfigError, match=r"key size 160 is above 128.*leave it at auto"):
        use_kernels(large, None)
    tokens = jnp.zeros((1, 5), jnp.int32)
    with pytest.raises(ConfigError, match="key size 160"):
        jax.eval_shape(lambda key: mean_loss(large, init_params(large, key), tokens),
                       jax.random.key(0))  # fmt: skip
