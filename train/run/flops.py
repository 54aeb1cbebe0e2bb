"""Work of a training step, and what fraction of a device's peak it reaches (MFU)."""

import re

import jax

from massivetext.train.config.config import ModelConfig
from massivetext.train.model.model import count_parameters

# Dense peak, FLOP/s in bfloat16, of one JAX device, by words of its `device_kind`; the first
# match counts. A device of TPU v2 and v3 is one core, half a chip. Sparse peaks are twice as high.
PEAKS = {
    "TPU v2": 22.5e12,
    "TPU v3": 61.5e12,
    "TPU v4": 275e12,
    "TPU v5 lite": 197e12,
    "TPU v5e": 197e12,
    "TPU v5p": 459e12,
    "TPU v5": 459e12,
    "TPU v6e": 918e12,
    "TPU v6 lite": 918e12,
    "H200 NVL": 835e12,
    "H200": 989e12,
    "H100 NVL": 835e12,
    "H100 PCIe": 756e12,
    "H100": 989e12,
    "A100": 312e12,
    "L4": 121e12,
    "V100": 125e12,
    "T4": 65e12,
}


def peak_flops(kind: str) -> float | None:
    """Returns the dense bfloat16 peak of a device kind, None where it is not known.

    >>> peak_flops("NVIDIA H100 80GB HBM3")
    989000000000000.0
    >>> peak_flops("cpu") is None
    True
    """
    found = (peak for name, peak in PEAKS.items() if re.search(rf"\b{name}\b", kind, re.IGNORECASE))
    return next(found, None)


def flops_per_token(config: ModelConfig) -> float:
    """Returns the FLOPs of training on one token: 6 N + 12 L T heads key_size (PaLM's convention).

    Rematerialization is not counted. N includes the relative projections, which act on T positions
    and not on every token, and the third T x T product of relative attention is left out: the two
    nearly cancel.
    """
    attention = 12 * config.layers * config.context * config.heads * config.key_size
    return 6.0 * count_parameters(config) + attention


def utilization(
    config: ModelConfig, tokens_per_second: float, devices: int | None = None
) -> float | None:
    """Returns the model FLOPs utilization of the run's devices, None where their peak is unknown.

    Args:
      config: the model.
      tokens_per_second: of all the run's devices together.
      devices: how many the run uses; all that JAX sees if not given.
    """
    peak = peak_flops(jax.devices()[0].device_kind)
    if peak is None:
        return None
    count = jax.device_count() if devices is None else devices
    return tokens_per_second * flops_per_token(config) / (peak * count)
