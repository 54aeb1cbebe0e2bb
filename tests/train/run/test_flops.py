"""The FLOPs behind MFU: the formula against the compiler's own count."""

import dataclasses

import jax
import jax.numpy as jnp
import pytest

from massivetext.train.config.presets import load_config
from massivetext.train.model.loss import mean_loss
from massivetext.train.model.model import abstract_params, count_parameters
from massivetext.train.run.flops import PEAKS, flops_per_token, peak_flops, utilization


@pytest.mark.heavy
def test_formula_is_near_the_compilers_count() -> None:
    """The compiler counts a loop's body once, so layers are unrolled; one sequence, no remat."""
    settings = ("model.vocabulary=4096", "model.compute=float32", "model.remat=none")
    config = load_config("44m", (*settings, "model.scan=false", "model.context=256")).model
    config = dataclasses.replace(config, layers=2)
    tokens = jax.ShapeDtypeStruct((1, 257), jnp.int32)
    gradient = jax.jit(jax.grad(mean_loss, 1), static_argnums=0)
    compiled = gradient.lower(config, abstract_params(config), tokens).compile()
    counted = compiled.cost_analysis()["flops"] / 256
    assert counted == pytest.approx(flops_per_token(config), rel=0.1)


def test_formula_by_hand() -> None:
    config = load_config("1.4b").model
    attention = 12 * 24 * 2_048 * 2_048
    assert flops_per_token(config) == 6 * count_parameters(config) + attention


@pytest.mark.parametrize(
    ("kind", "peak"),
    [
        ("NVIDIA H100 80GB HBM3", 989e12),
        ("NVIDIA H100 PCIe", 756e12),
        ("TPU v3", 61.5e12),
        ("TPU v5 lite", 197e12),
        ("TPU v5p", 459e12),
        ("cpu", None),
        ("NVIDIA A1000", None),
    ],
)
def test_peaks_are_dense_and_known_or_none(kind: str, peak: float | None) -> None:
    assert peak_flops(kind) == peak


def test_unknown_devices_have_no_utilization() -> None:
    assert utilization(load_config("44m").model, 1e6) is None
    assert all(peak > 1e13 for peak in PEAKS.values())
