"""How devices form a mesh and how arrays are divided over it.

Parameters are divided over ``fsdp`` and ``model``, the batch over ``data`` and ``fsdp``, optimizer
state over all three, as in section 3.3.
"""

from collections.abc import Sequence
from typing import Any

import jax
import numpy as np
from jax.experimental import mesh_utils
from jax.sharding import Mesh, NamedSharding
from jax.sharding import PartitionSpec as P

from massivetext.errors import ConfigError
from massivetext.train.config.config import MeshConfig, ModelConfig, TrainConfig, batch_sequences
from massivetext.train.model.model import BATCH, Leaf, map_leaves

AXES = ("data", "fsdp", "model")


def mesh_shape(config: MeshConfig, devices: int) -> tuple[int, int, int]:
    """Returns the devices along data, fsdp and model.

    Raises:
      ConfigError: the axes do not multiply to the number of devices.

    >>> mesh_shape(MeshConfig(fsdp=2, model=2), 8)
    (2, 2, 2)
    """
    if min(config.fsdp, config.model, config.slices) < 1 or config.data < 0:
        raise ConfigError("mesh.fsdp, mesh.model and mesh.slices must be at least 1")
    data = config.data or devices // (config.fsdp * config.model)
    if data * config.fsdp * config.model != devices or data % config.slices:
        raise ConfigError(
            f"mesh: data {data} x fsdp {config.fsdp} x model {config.model} on {config.slices} "
            f"slice(s) does not fit {devices} devices; the product must be {devices} and data a "
            "multiple of the slices"
        )
    return data, config.fsdp, config.model


def make_mesh(config: MeshConfig, devices: Sequence[jax.Device] | None = None) -> Mesh:
    """Returns the mesh; slices are joined on ``data``, where only gradients cross between them.

    A mesh of one device leaves the others of its host idle: a small model's batch is one sequence.

    Raises:
      ConfigError: the axes do not fit the devices.
    """
    devices = jax.devices() if devices is None else devices
    if (config.data, config.fsdp, config.model) == (1, 1, 1) and jax.process_count() == 1:
        devices = devices[:1]
    shape = mesh_shape(config, len(devices))
    if config.slices > 1:
        inner = (shape[0] // config.slices, *shape[1:])
        grid = mesh_utils.create_hybrid_device_mesh(inner, (config.slices, 1, 1), devices)
    elif devices[0].platform == "cpu":
        grid = np.asarray(devices).reshape(shape)
    else:
        grid = mesh_utils.create_device_mesh(shape, devices)
    return Mesh(grid, AXES)


def describe_mesh(mesh: Mesh) -> str:
    """Returns a mesh in words, as in "8 x TPU v3 (data 4, fsdp 1, model 2)"."""
    kind = mesh.devices.flat[0].device_kind
    if mesh.size == 1:
        return f"1 x {kind}"
    return f"{mesh.size} x {kind} ({', '.join(f'{a} {mesh.shape[a]}' for a in AXES)})"


def describe_idle(config: TrainConfig, mesh: Mesh) -> str:
    """Returns which devices the mesh leaves idle and what would use them; nothing if none is."""
    used = {device.id for device in mesh.devices.flat}
    idle = [str(device) for device in jax.devices() if device.id not in used]
    if not idle:
        return ""
    names = ", ".join(idle[:8]) + (", …" if len(idle) > 8 else "")
    context, devices = config.model.context, jax.device_count()
    sequences = -(-max(batch_sequences(config)) // devices) * devices
    return (
        f"idle: {len(idle)} of {devices} devices ({names}); all work on batches of {sequences} "
        f"sequences with --set mesh.data=0 --set run.batch_tokens=[{sequences * context}]"
    )


def check_mesh(config: TrainConfig, mesh: Mesh) -> None:
    """Checks that the model and the batch divide over the mesh.

    Raises:
      ConfigError: one does not; the message names it.
    """
    model, shape = config.model, mesh.shape
    parts = {
        "mesh.model": (shape["model"], {"heads": model.heads, "vocabulary": model.vocabulary}),
        "mesh.fsdp": (shape["fsdp"], {"width": model.width}),
    }
    for axis, (size, numbers) in parts.items():
        for name, number in numbers.items():
            if number % size:
                raise ConfigError(f"{axis}={size} does not divide the model's {name}, {number}")
    for batch in batch_sequences(config):
        micro_steps(config, mesh, batch)


def micro_steps(config: TrainConfig, mesh: Mesh, batch: int) -> int:
    """Returns how many slices a batch of `batch` sequences is taken in, gradients summed.

    Raises:
      ConfigError: the batch does not divide over the replicas and their micro-batches.
    """
    replicas = mesh.shape["data"] * mesh.shape["fsdp"]
    if batch % replicas:
        raise ConfigError(
            f"a batch of {batch} sequences does not divide over {replicas} replicas (data x fsdp); "
            "change run.batch_tokens or the mesh"
        )
    share = batch // replicas
    micro = min(abs(config.run.micro_batch) or share, share)  # -1 has become a number, or is 1
    if share % micro:
        raise ConfigError(
            f"run.micro_batch={micro} does not divide a replica's share of the batch, {share} "
            "sequences"
        )
    return share // micro


def param_specs(config: ModelConfig) -> Any:
    """Returns the division of each parameter."""
    return map_leaves(lambda leaf: leaf.spec, config)


def partition_specs(config: ModelConfig, mesh: Mesh) -> Any:
    """Returns the division of each parameter's optimizer state: as the parameter, and over data."""

    def split(leaf: Leaf) -> P:
        axes = list(leaf.spec)
        for i, axis in enumerate(axes):
            if axis == "fsdp" and leaf.shape[i] % (mesh.shape["fsdp"] * mesh.shape["data"]) == 0:
                axes[i] = ("fsdp", "data")
        return P(*axes)

    return map_leaves(split, config)


def batch_sharding(mesh: Mesh) -> NamedSharding:
    """Returns the division of a batch of sequences."""
    return NamedSharding(mesh, P(BATCH, None))


def shardings(mesh: Mesh, specs: Any) -> Any:
    """Returns the tree of specs as shardings on `mesh`."""
    return jax.tree.map(
        lambda spec: NamedSharding(mesh, spec), specs, is_leaf=lambda node: isinstance(node, P)
    )
