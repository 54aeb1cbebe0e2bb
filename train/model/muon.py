"""Muon (Jordan et al. 2024): the momentum of a layer's matrices, orthogonalized; Adam for the rest.

Orthogonal updates are scaled to the size that Adam's have (Liu et al. 2025, arXiv:2502.16982), so
one learning rate serves both and Adam's carries over.
"""

import math
from typing import Any

import jax
import jax.numpy as jnp
import optax
from optax.contrib import MuonDimensionNumbers
from optax.contrib import scale_by_muon as orthogonalize

from massivetext.train.config.config import OptimizerConfig
from massivetext.train.model.model import Params

ADAMS_SIZE = 0.2  # root mean square of Adam's updates, as measured by Liu et al.
BETA = 0.95  # of the momentum, Jordan et al.'s
_HEADS = MuonDimensionNumbers(1, (2, 3))  # heads stand side by side: width x (heads x key size)

# The matrices of a layer: which axes are read and which written. Axis 0 counts the layers.
MATRICES = {
    "query": _HEADS,
    "key": _HEADS,
    "value": _HEADS,
    "relative": _HEADS,
    "out": MuonDimensionNumbers((1, 2), 3),
    "up": MuonDimensionNumbers(1, 2),
    "down": MuonDimensionNumbers(1, 2),
}


def scale_by_muon(settings: OptimizerConfig) -> optax.GradientTransformation:
    """Returns the transformation from clipped gradients to updates before the learning rate."""
    matrix = orthogonalize(beta=BETA, mu_dtype=jnp.float32, weight_dimension_numbers=MATRICES)
    beta1, beta2, epsilon = settings.beta1, settings.beta2, settings.epsilon
    other = optax.scale_by_adam(beta1, beta2, epsilon, mu_dtype=jnp.float32)

    def init(params: Params) -> dict[str, Any]:
        matrices, rest = split(params)
        return {"muon": matrix.init(matrices), "adam": other.init(rest)}

    def update(
        gradients: Params, state: dict[str, Any], _: Params | None = None
    ) -> tuple[Params, dict[str, Any]]:
        matrices, rest = split(gradients)
        matrices, muon = matrix.update(matrices, state["muon"])
        rest, adam = other.update(rest, state["adam"])
        return join(scale(matrices), rest), {"muon": muon, "adam": adam}

    return optax.GradientTransformation(init, update)


def split(params: Params) -> tuple[Params, Params]:
    """Returns the layers' matrices, and the tree of all else: embedding, gains, biases."""
    layers = params["layers"]
    matrices = {name: layers[name] for name in MATRICES}
    others = {name: array for name, array in layers.items() if name not in MATRICES}
    return matrices, {**params, "layers": others}


def join(matrices: Params, rest: Params) -> Params:
    """Returns the whole tree of what `split` took apart."""
    return {**rest, "layers": {**rest["layers"], **matrices}}


def scale(matrices: Params) -> Params:
    """Returns orthogonal updates with a root mean square of `ADAMS_SIZE`, whatever their shape."""

    def one(name: str, array: jax.Array) -> jax.Array:
        axes = MATRICES[name]
        sides = (math.prod(_lengths(array, side)) for side in axes)
        return array * (ADAMS_SIZE * math.sqrt(max(sides)))

    return {name: one(name, array) for name, array in matrices.items()}


def _lengths(array: jax.Array, axes: Any) -> list[int]:
    chosen = (axes,) if isinstance(axes, int) else axes
    return [array.shape[axis] for axis in chosen]
