"""Micro-batch and rematerialization by a GPU's memory, where a preset leaves them open."""

import dataclasses
import math
import os
from collections.abc import Iterator

import jax
from jax.sharding import Mesh

from massivetext.errors import ConfigError
from massivetext.train.config.config import TrainConfig, batch_sequences
from massivetext.train.fused.choose import device_of, use_kernels
from massivetext.train.model.model import count_parameters

_GIB = 1 << 30
USABLE = 0.97  # of what JAX may allocate
# Values of a token that a layer's backward pass keeps, in multiples of the width: "dots" keeps
# queries, keys, values, attention's output before and behind its projection, five of the
# feed-forward network and the residual stream; "full" the stream and, with kernels, the output.
KEPT, ALL = {"dots": 11, "full": 2}, 30


def fit(config: TrainConfig, mesh: Mesh) -> TrainConfig:
    """Returns the configuration with its open settings chosen: by memory on a GPU, else least.

    >>> from massivetext.train.config.presets import load_config
    >>> from massivetext.train.model.sharding import make_mesh
    >>> chosen = fit(load_config("44m"), make_mesh(load_config("nano").mesh))
    >>> chosen.run.micro_batch, chosen.model.remat
    (1, 'full')
    """
    if not open_settings(config):
        return config
    limit = memory_of(device_of(mesh))
    for remat, micro in candidates(config, mesh) if limit else ():
        tried = with_choice(config, remat, micro)
        if estimate(tried, mesh) <= USABLE * limit:
            return tried
    return with_choice(config, "full", 1)


def open_settings(config: TrainConfig) -> bool:
    """Returns whether the micro-batch or what is computed again is to be chosen."""
    return config.run.micro_batch < 0 or config.model.remat == "auto"


def with_choice(config: TrainConfig, remat: str, micro: int) -> TrainConfig:
    """Returns the configuration with the open ones of the two settings filled."""
    model, run = config.model, config.run
    if model.remat == "auto":
        model = dataclasses.replace(model, remat=remat)  # type: ignore[arg-type]
    if run.micro_batch < 0:
        run = dataclasses.replace(run, micro_batch=micro)
    return dataclasses.replace(config, model=model, run=run)


def candidates(config: TrainConfig, mesh: Mesh) -> Iterator[tuple[str, int]]:
    """Yields pairs of rematerialization and micro-batch, those first that are likely faster.

    Measured on an H100: more sequences at once are faster up to some 32,000 tokens (64,000 at small
    widths), and half as many with "dots" as fast as all of them with "full".
    """
    largest = max(1, (1 << (15 if config.model.width >= 1024 else 16)) // config.model.context)
    share = math.gcd(*batch_sequences(config)) // (mesh.shape["data"] * mesh.shape["fsdp"])
    micro = math.gcd(share, 1 << (largest.bit_length() - 1)) if share else 1
    while micro >= 1:
        yield from (("dots", micro), ("full", micro))
        micro //= 2


def estimate(config: TrainConfig, mesh: Mesh) -> float:
    """Returns about how many bytes of a device a step takes.

    Parameters, two moments, gradients and their sum; what each layer keeps; the larger of the
    logits with their gradient and a layer's scores.
    """
    model = config.model
    weights, parts = count_parameters(model), mesh.shape["fsdp"] * mesh.shape["model"]
    size = 2 if model.parameters == "bfloat16" else 4
    state = weights / parts * (size + 8) + weights / mesh.size * 8
    state += 4 * weights / mesh.size if config.optimizer.float32_copy else 0
    kept = KEPT.get(model.remat, ALL) * 2 * model.layers * model.width
    of_one = 4 if use_kernels(model, mesh) else 14  # bytes of a score, forward and backward
    scores = of_one * model.heads * model.context
    more = max(6 * model.vocabulary, scores) / mesh.shape["model"]
    return state + config.run.micro_batch * model.context * (kept + more)


def check_host(config: TrainConfig, mesh: Mesh) -> None:
    """Checks that processors hold parameters, gradients and moments at all, before they are made.

    Raises:
      ConfigError: this host's memory is too little for its share, whatever else a step takes.
    """
    if device_of(mesh).platform != "cpu":
        return
    size = 2 if config.model.parameters == "bfloat16" else 4
    moments = 8 if config.optimizer.kind == "adam" else 0
    needs = count_parameters(config.model) * (2 * size + moments) / jax.process_count()
    there = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    if needs > there:
        raise ConfigError(
            f"{config.name}: parameters, gradients and moments alone take {needs / _GIB:,.0f} GiB,"
            f" and this machine has {there / _GIB:,.0f}; take a smaller preset, or GPUs or TPUs"
        )


def memory_of(device: jax.Device) -> int:
    """Returns the bytes that JAX may take of a GPU; 0 for other devices."""
    if device.platform in ("cpu", "tpu"):
        return 0
    return int((device.memory_stats() or {}).get("bytes_limit", 0))


def describe_fit(config: TrainConfig, mesh: Mesh) -> str:
    """Returns the choice in one line for people; nothing where there is no GPU."""
    limit = memory_of(device_of(mesh))
    if not limit:
        return ""
    model = config.model
    needs = estimate(config, mesh)
    line = (
        f"micro-batches of {config.run.micro_batch} sequences, remat {model.remat}: about "
        f"{needs / _GIB:.0f} of {limit / _GIB:.0f} GiB"
    )
    if needs <= limit or config.run.micro_batch != 1:
        return line
    return f"{line}; too little: {advise(config)}"


def advise(config: TrainConfig) -> str:
    """Returns what would make a step smaller, in the order to try."""
    tries = {
        "run.micro_batch=1": config.run.micro_batch != 1,
        "model.remat=full": config.model.remat != "full",
        "model.parameters=bfloat16": config.model.parameters == "float32",
        "mesh.fsdp=N on N devices": True,
    }
    return f"set {', then '.join(name for name, helps in tries.items() if helps)}"
