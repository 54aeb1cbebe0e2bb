"""Adam, Adafactor or Muon with warm-up and cosine, or WSD (section 3.1 and appendix C)."""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import optax
from jaxtyping import Array

from massivetext.train.config.config import OptimizerConfig, TrainConfig, total_steps
from massivetext.train.model.model import Params
from massivetext.train.model.muon import scale_by_muon
from massivetext.train.model.rounding import round_stochastically


def learning_rate(config: OptimizerConfig, steps: int) -> optax.Schedule:
    """Returns the learning rate as a function of the step: linear warm-up, then the schedule.

    >>> rate = learning_rate(OptimizerConfig(learning_rate=6e-4, warmup_steps=10), 110)
    >>> [f"{float(rate(step)):.1e}" for step in (0, 10, 60, 110)]
    ['1.0e-07', '6.0e-04', '3.3e-04', '6.0e-05']
    """
    if config.schedule == "wsd":
        return _stable_then_decay(config, steps)
    return optax.warmup_cosine_decay_schedule(
        init_value=config.warmup_learning_rate,
        peak_value=config.learning_rate,
        warmup_steps=config.warmup_steps,
        decay_steps=max(steps, config.warmup_steps + 1),
        end_value=config.learning_rate / config.decay,
    )


def describe_warmup(config: TrainConfig) -> str:
    """Returns how far the learning rate comes in a run that its warm-up fills; else nothing."""
    steps, warm = total_steps(config), config.optimizer.warmup_steps
    if steps > warm:
        return ""
    top = config.optimizer.learning_rate
    reached = float(learning_rate(config.optimizer, steps)(steps - 1))
    return (
        f"warm-up: its {warm:,} steps are not over in the run's {steps:,}; the learning rate"
        f" reaches {reached:.2g} of {top:g}; lower optimizer.warmup_steps or take more steps"
    )


def _stable_then_decay(config: OptimizerConfig, steps: int) -> optax.Schedule:
    """Returns warm-up, a plateau, and a linear decay over the last steps (Hu et al. 2024).

    A run that is to be longer continues from a checkpoint of the plateau, which the number of steps
    does not change.

    >>> rate = _stable_then_decay(OptimizerConfig(learning_rate=1e-3, warmup_steps=10), 100)
    >>> [f"{float(rate(step)):.2e}" for step in (0, 10, 80, 90, 100)]
    ['1.00e-07', '1.00e-03', '1.00e-03', '5.50e-04', '1.00e-04']
    """
    top, warm = config.learning_rate, config.warmup_steps
    length = max(1, min(round(config.decay_share * steps), steps - warm))
    parts = [
        optax.linear_schedule(config.warmup_learning_rate, top, warm),
        optax.constant_schedule(top),
        optax.linear_schedule(top, top / config.decay, length),
    ]
    return optax.join_schedules(parts, [warm, max(warm, steps - length)])


def make_optimizer(config: TrainConfig) -> optax.GradientTransformation:
    """Returns the optax transformation from gradients to updates; its state is float32.

    Adafactor is the paper's comparison: less memory, worse at scale (appendix C).
    """
    settings = config.optimizer
    rate = learning_rate(settings, total_steps(config))
    rules = {"adam": _adam, "adafactor": _adafactor, "muon": _muon}
    clip = optax.clip_by_global_norm(settings.clip)
    optimizer = optax.chain(clip, *rules[settings.kind](settings, rate))
    return keep_float32_copy(optimizer) if settings.float32_copy else optimizer


Rules = tuple[optax.GradientTransformation, ...]


def _adam(settings: OptimizerConfig, rate: optax.Schedule) -> Rules:
    beta1, beta2, epsilon = settings.beta1, settings.beta2, settings.epsilon
    return (
        optax.scale_by_adam(beta1, beta2, epsilon, mu_dtype=jnp.float32),
        optax.scale_by_learning_rate(rate),
    )


def _adafactor(_: OptimizerConfig, rate: optax.Schedule) -> Rules:
    return (optax.adafactor(rate, dtype_momentum=jnp.float32),)


def _muon(settings: OptimizerConfig, rate: optax.Schedule) -> Rules:
    return scale_by_muon(settings), optax.scale_by_learning_rate(rate)


class CopyState(NamedTuple):
    """State of an optimizer that keeps the parameters in float32."""

    inner: optax.OptState
    copy: Params


def keep_float32_copy(inner: optax.GradientTransformation) -> optax.GradientTransformation:
    """Returns `inner`, which then works on a float32 copy of the parameters in its state.

    The paper's remedy for bfloat16 (appendix C): updates that rounding would lose add up in the
    copy. What `update` returns is the new copy, not a change; see `round_copy`.
    """

    def init(params: Params) -> CopyState:
        return CopyState(inner.init(params), params)

    def update(
        gradients: Params, state: CopyState, _: Params | None = None
    ) -> tuple[Params, CopyState]:
        changes, below = inner.update(gradients, state.inner, state.copy)
        copy = jax.tree.map(jnp.add, state.copy, changes)
        return copy, CopyState(below, copy)

    return optax.GradientTransformation(init, update)


def round_copy(params: Params, copy: Params) -> Params:
    """Returns the copy in the parameters' precision, rounded to the nearest."""
    result: Params = jax.tree.map(lambda old, new: new.astype(old.dtype), params, copy)
    return result


def apply_updates(params: Params, updates: Any, key: Array) -> Params:
    """Returns the parameters after one update, formed in float32.

    bfloat16 parameters are rounded stochastically with `key`; there is no float32 copy of them.
    """
    flat, tree = jax.tree.flatten(params)
    keys = jax.random.split(key, len(flat))

    def update(old: Array, change: Array, key: Array) -> Array:
        if old.dtype == jnp.bfloat16:
            return round_stochastically(old.astype(jnp.float32) + change, key)
        return (old + change).astype(old.dtype)

    changes = jax.tree.leaves(updates)
    moved = [update(*item) for item in zip(flat, changes, keys, strict=True)]
    result: Params = jax.tree.unflatten(tree, moved)
    return result
