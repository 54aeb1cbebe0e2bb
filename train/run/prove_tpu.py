"""Compiles the real training step ahead of time for a TPU slice that this machine does not have.

libtpu, from the package index, holds the whole compiler; it refuses a program that does not fit a
core's memory. This proves compilation and memory, not speed.
"""

import re
import time
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax.experimental import topologies
from jax.sharding import Mesh

from massivetext.errors import ConfigError, StageError
from massivetext.train.config.config import TrainConfig, batch_sequences
from massivetext.train.model.sharding import (
    batch_sharding,
    check_mesh,
    make_mesh,
    mesh_shape,
    micro_steps,
)
from massivetext.train.model.step import abstract_state, make_step

GIB = 1 << 30
USABLE = {"TPU v3": 15.48}  # GiB of a core's 16 that libtpu leaves to a program


class Proof(NamedTuple):
    """What the compiler says of one training step, in bytes a core."""

    cores: int
    kind: str
    mesh: tuple[int, int, int]
    sequences: int
    context: int
    micro_steps: int
    arguments: int  # parameters and optimizer state
    temporary: int  # activations, gradients, gathered parameters
    total: int
    seconds: float  # of compilation


def describe(topology: str, slices: int) -> Any:
    """Returns the devices of a topology such as ``v3:4x4``: chips along each side, 2 cores a chip.

    Raises:
      ConfigError: libtpu is not installed, or does not know the topology.
    """
    more = {"num_slices": slices} if slices > 1 else {}
    try:
        found = topologies.get_topology_desc(platform="tpu", topology_name=topology, **more)
    except (RuntimeError, ValueError) as error:
        if "libtpu" in str(error).lower() and "not" in str(error).lower():
            raise ConfigError(f'libtpu is missing: pip install "jax[tpu]" ({error})') from error
        raise ConfigError(
            f"topology {topology!r}: {_first_line(error)}; as in v3:2x2, v3:4x4, v3:32x32"
        ) from error
    return found.devices


def prove(config: TrainConfig, topology: str) -> Proof:
    """Returns the memory of the run's training step at its largest batch, compiled for `topology`.

    Raises:
      ConfigError: the mesh, the model or the batch does not fit the topology's cores.
      StageError: the program does not fit a core; the message says by how much and what to change.
    """
    devices = describe(topology, config.mesh.slices)
    mesh = make_mesh(config.mesh, devices)
    check_mesh(config, mesh)
    batch = max(batch_sequences(config))
    shape = (batch, config.model.context + 1)
    tokens = jax.ShapeDtypeStruct(shape, jnp.int32, sharding=batch_sharding(mesh))
    lowered = make_step(config, mesh, batch).lower(abstract_state(config, mesh), tokens)
    start = time.monotonic()
    try:
        compiled = lowered.compile()
    except jax.errors.JaxRuntimeError as error:
        raise StageError(_explain(config, mesh, batch, error)) from error
    return _proof(config, mesh, batch, compiled.memory_analysis(), time.monotonic() - start)


def _proof(config: TrainConfig, mesh: Mesh, batch: int, memory: Any, seconds: float) -> Proof:
    devices = mesh.devices.ravel()
    held = memory.argument_size_in_bytes + memory.output_size_in_bytes
    held -= memory.alias_size_in_bytes  # the new state takes the old one's place
    temporary = memory.temp_size_in_bytes
    shape = mesh_shape(config.mesh, len(devices))
    return Proof(
        cores=len(devices),
        kind=devices[0].device_kind,
        mesh=shape,
        sequences=batch,
        context=config.model.context,
        micro_steps=micro_steps(config, mesh, batch),
        arguments=held,
        temporary=temporary,
        total=held + temporary + memory.generated_code_size_in_bytes,
        seconds=seconds,
    )


def _explain(config: TrainConfig, mesh: Mesh, batch: int, error: Exception) -> str:
    """Returns by how much a program is too large, and what would make it smaller."""
    text = str(error)
    sizes = re.search(r"([\d.]+)G\)? (?:of|exceeds)\D*([\d.]+)G", text)
    if sizes is None:
        return f"the step does not compile: {_first_line(error)}"
    needs, has = float(sizes[1]), float(sizes[2])
    return (
        f"does not fit: {needs:.2f} GiB of {has:.2f} GiB a core, {needs - has:.2f} GiB too much. "
        f"{advice(config, mesh, batch)}"
    )


def advice(config: TrainConfig, mesh: Mesh, batch: int) -> str:
    """Returns what would lower the memory of a core most, in the order to try."""
    share = batch // (mesh.shape["data"] * mesh.shape["fsdp"])
    tries = []
    if config.model.remat not in ("full", "auto"):
        tries.append("model.remat=full")
    if abs(config.run.micro_batch) != 1 and share > 1:
        tries.append("run.micro_batch=1 (one sequence a replica at a time)")
    if mesh.shape["model"] * 2 <= config.model.heads and mesh.shape["data"] > 1:
        tries.append(f"mesh.model={mesh.shape['model'] * 2} (fewer replicas, smaller parts)")
    if not config.model.shard_time and mesh.shape["model"] > 1:
        tries.append("model.shard_time=true")
    if config.model.parameters == "float32":
        tries.append("model.parameters=bfloat16")
    tries.append("a larger topology")
    return "Try " + ", then ".join(tries) + "."


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0][:300]


def format_proof(config: TrainConfig, topology: str, proof: Proof) -> str:
    """Returns the proof as a few lines for people."""
    data, fsdp, model = proof.mesh
    usable = USABLE.get(proof.kind)
    of = f" of {usable} GiB" if usable else ""
    tokens = proof.sequences * proof.context
    return (
        f"{config.name} fits {proof.kind}, {topology} x {config.mesh.slices} slice(s), "
        f"{proof.cores:,} cores\n"
        f"  mesh {data} data x {fsdp} fsdp x {model} model, batch {proof.sequences} x "
        f"{proof.context} = {tokens / 1e6:.2f}M tokens in {proof.micro_steps} micro-steps\n"
        f"  {proof.arguments / GIB:.2f} GiB parameters and optimizer, {proof.temporary / GIB:.2f} "
        f"GiB temporary\n"
        f"  {proof.total / GIB:.2f} GiB{of} a core; compiled in {proof.seconds:.0f} s"
    )
