"""One optimizer step: gradients summed over micro-batches, clipped, applied on their partition."""

import functools
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import optax
from jax.sharding import Mesh, NamedSharding
from jax.sharding import PartitionSpec as P
from jaxtyping import Array, Float, Int

from massivetext.train.config.config import TrainConfig
from massivetext.train.model.loss import mean_loss
from massivetext.train.model.model import BATCH, Params, abstract_params, constrain, init_params
from massivetext.train.model.optimizer import apply_updates, make_optimizer, round_copy
from massivetext.train.model.sharding import (
    batch_sharding,
    micro_steps,
    param_specs,
    partition_specs,
    shardings,
)


class State(NamedTuple):
    """All that a step changes; trees of shapes or shardings have its form too, hence `Any`."""

    params: Params
    optimizer: optax.OptState
    step: Any  # int32 array of no dimension: steps taken


class Metrics(NamedTuple):
    """What a step reports of itself."""

    loss: Any  # float32 array of no dimension: mean over the batch, nats a token, before the update
    gradient_norm: Any  # likewise: before clipping


def abstract_state(config: TrainConfig, mesh: Mesh) -> State:
    """Returns the state's shapes, types and shardings, without values."""
    params = abstract_params(config.model)
    transformation = make_optimizer(config)
    empty = jax.eval_shape(transformation.init, _float32(params))
    replicated = NamedSharding(mesh, P())

    def place(array: Any, sharding: NamedSharding) -> jax.ShapeDtypeStruct:
        fits = len(sharding.spec) <= array.ndim and _divides(array.shape, sharding)
        return jax.ShapeDtypeStruct(
            array.shape, array.dtype, sharding=sharding if fits else replicated
        )

    parts = _by_name(shardings(mesh, partition_specs(config.model, mesh)))

    def place_state(path: tuple[Any, ...], array: Any) -> jax.ShapeDtypeStruct:
        """Places what the optimizer keeps of a parameter as the parameter's part is."""
        return place(array, parts.get(_name(path), replicated))

    optimizer = jax.tree_util.tree_map_with_path(place_state, empty)
    params = jax.tree.map(place, params, shardings(mesh, param_specs(config.model)))
    step = jax.ShapeDtypeStruct((), jnp.int32, sharding=replicated)
    return State(params, optimizer, step)


def _by_name(tree: Any) -> dict[str, Any]:
    return {_name(path): leaf for path, leaf in jax.tree_util.tree_flatten_with_path(tree)[0]}


def _name(path: tuple[Any, ...]) -> str:
    """Returns the last key of an array's path; no two arrays of the model share theirs."""
    keys = [step.key for step in path if isinstance(step, jax.tree_util.DictKey)]
    return str(keys[-1]) if keys else ""


def _divides(shape: tuple[int, ...], sharding: NamedSharding) -> bool:
    try:
        sharding.shard_shape(shape)
    except ValueError:  # Adafactor's rows and columns are shaped unlike their parameter
        return False
    return True


def _float32(params: Params) -> Params:
    result: Params = jax.tree.map(lambda a: jax.ShapeDtypeStruct(a.shape, jnp.float32), params)
    return result


def init_state(config: TrainConfig, mesh: Mesh) -> State:
    """Returns the state before the first step; equal on every mesh."""
    transformation = make_optimizer(config)

    def make(key: Array) -> State:
        params = init_params(config.model, key)
        floats = jax.tree.map(lambda a: a.astype(jnp.float32), params)
        return State(params, transformation.init(floats), jnp.zeros((), jnp.int32))

    places = jax.tree.map(lambda a: a.sharding, abstract_state(config, mesh))
    state: State = jax.jit(make, out_shardings=places)(jax.random.key(config.run.seed))
    return state


def make_step(config: TrainConfig, mesh: Mesh, batch: int) -> Any:
    """Returns the compiled ``(state, tokens) -> (state, metrics)`` for batches of `batch` rows.

    The state is donated: its memory holds the next one.
    """
    places = jax.tree.map(lambda a: a.sharding, abstract_state(config, mesh))
    whole = NamedSharding(mesh, P())
    return jax.jit(
        functools.partial(train_step, config, mesh, micro_steps(config, mesh, batch)),
        in_shardings=(places, batch_sharding(mesh)),
        out_shardings=(places, Metrics(whole, whole)),
        donate_argnums=0,
    )


def train_step(
    config: TrainConfig, mesh: Mesh, micro: int, state: State, tokens: Int[Array, "b t1"]
) -> tuple[State, Metrics]:
    """Returns the state after one step, and the step's metrics."""
    loss, gradients = accumulate(config, mesh, micro, state.params, tokens)
    params = _partition(config, mesh, state.params)
    norm = optax.tree.norm(gradients)
    transformation = make_optimizer(config)
    floats = jax.tree.map(lambda a: a.astype(jnp.float32), params)
    updates, optimizer = transformation.update(gradients, state.optimizer, floats)
    key = jax.random.fold_in(jax.random.key(config.run.seed), state.step)
    if config.optimizer.float32_copy:
        params = round_copy(params, updates)
    else:
        params = apply_updates(params, updates, key)
    return State(params, optimizer, state.step + 1), Metrics(loss, norm)


def accumulate(
    config: TrainConfig, mesh: Mesh, micro: int, params: Params, tokens: Int[Array, "b t1"]
) -> tuple[Float[Array, ""], Params]:
    """Returns the batch's mean loss and its float32 gradient, `micro` slices one after another."""
    repeats = config.data.repeats
    gradient = jax.value_and_grad(lambda p, x: mean_loss(config.model, p, x, mesh, repeats))

    def slice_gradient(x: Array) -> tuple[Array, Params]:
        loss, gradients = gradient(params, x)
        floats = jax.tree.map(lambda a: a.astype(jnp.float32), gradients)
        return loss, _partition(config, mesh, floats)

    if micro == 1:
        return slice_gradient(tokens)
    slices = tokens.reshape(micro, -1, tokens.shape[-1])
    slices = constrain(slices, mesh, None, BATCH, None)
    zero = jax.tree.map(lambda p: jnp.zeros(p.shape, jnp.float32), params)

    def add(total: Any, x: Array) -> tuple[Any, None]:
        return jax.tree.map(jnp.add, total, slice_gradient(x)), None

    start = (jnp.zeros(()), _partition(config, mesh, zero))
    total, _ = jax.lax.scan(add, start, slices)
    loss, gradients = jax.tree.map(lambda a: a / micro, total)
    return loss, gradients


def _partition(config: TrainConfig, mesh: Mesh, tree: Params) -> Params:
    """Returns a tree like the parameters, divided as the optimizer's state is.

    The update is computed on these parts; only the new, rounded parameters are gathered.
    """
    parts = shardings(mesh, partition_specs(config.model, mesh))
    result: Params = jax.tree.map(jax.lax.with_sharding_constraint, tree, parts)
    return result
