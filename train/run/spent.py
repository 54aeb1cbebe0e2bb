"""What a run has cost: tokens, FLOPs, device hours, energy; its log over all resumes, summed."""

import re
from typing import Any, NamedTuple

import jax

from massivetext.train.config.config import TrainConfig, tokens_seen
from massivetext.train.evaluation.read_log import read_log
from massivetext.train.run.flops import flops_per_token, peak_flops

# Rated power of one JAX device in watts, by words of its `device_kind`; the first match counts.
# GPUs: the largest board power that NVIDIA states (H100 PCIe: product brief PB-11133-001; the
# others were not checked against a data sheet; `run.device_watts` sets what a card really has).
# SXM modules are named by the bare words. TPU v2 and v3: half a chip's thermal design power, 280
# and 450 W (Jouppi et al. 2021, "Ten Lessons From Three Generations", table 1).
WATTS = {
    "TPU v2": 140.0,
    "TPU v3": 225.0,
    "H200 NVL": 600.0,
    "H200": 700.0,
    "H100 NVL": 400.0,
    "H100 PCIe": 350.0,
    "H100": 700.0,
    "A100 80GB PCIe": 300.0,
    "A100-PCIE": 250.0,
    "A100": 400.0,
    "L4": 72.0,
    "V100-PCIE": 250.0,
    "V100": 300.0,
    "T4": 70.0,
}


class Spent(NamedTuple):
    """Sums over a run. Steps that a kill has lost, and the last evaluation, are not in them."""

    steps: int
    tokens: int
    flops: float  # 6 N + attention for each token; what rematerialization repeats is not counted
    seconds: float  # of wall time: compiling, evaluating and saving too
    device_hours: float
    mfu: float | None  # flops of the devices' peak in all that time; None: peak not known
    kilowatt_hours: float | None  # device hours times the rated power: no host, no cooling
    devices: str  # kind of the last run's


def device_watts(config: TrainConfig, kind: str) -> float | None:
    """Returns the power of a device: as the run was told, else as rated, else None."""
    if config.run.device_watts:
        return config.run.device_watts
    found = (w for name, w in WATTS.items() if re.search(rf"\b{name}\b", kind, re.IGNORECASE))
    return next(found, None)


def sum_up(config: TrainConfig, folder: str, step: int) -> Spent:
    """Returns what the run in a folder has spent up to `step`."""
    entries = [e for e in read_log(folder) if "seconds" in e and e["step"] <= step]
    kind = jax.devices()[0].device_kind
    tokens = tokens_seen(config, step)
    flops = tokens * flops_per_token(config.model)
    seconds = float(sum(entry["seconds"] for entry in entries))
    device_seconds = float(sum(entry["seconds"] * entry["devices"] for entry in entries))
    peak, watts = peak_flops(kind), device_watts(config, kind)
    hours = device_seconds / 3600
    used = flops / (peak * device_seconds) if peak and device_seconds else None
    energy = None if watts is None else hours * watts / 1000
    return Spent(step, tokens, flops, seconds, hours, used, energy, kind)


def as_results(spent: Spent) -> dict[str, Any]:
    """Returns the sums as ``results.json`` keeps them: what is not known is left out."""
    return {key: value for key, value in spent._asdict().items() if value is not None}
