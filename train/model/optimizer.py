"""Adam or Adafactor with the paper's warm-up and cosine (section 3.1 and appendix C)."""

from typing import Any

import jax
import jax.numpy as jnp
import optax
from jaxtyping import Array

from massivetext.train.config.config import OptimizerConfig, TrainConfig, total_steps
from massivetext.train.model.model import Params
from massivetext.train.model.rounding import round_stochastically


def learning_rate(config: OptimizerConfig, steps: int) -> optax.Schedule:
    """Returns the learning rate as a function of the step: linear warm-up, then a cosine.

    >>> rate = learning_rate(OptimizerConfig(learning_rate=6e-4, warmup_steps=10), 110)
    >>> [f"{float(rate(step)):.1e}" for step in (0, 10, 60, 110)]
    ['1.0e-07', '6.0e-04', '3.3e-04', '6.0e-05']
    """
    return optax.warmup_cosine_decay_schedule(
        init_value=config.warmup_learning_rate,
        peak_value=config.learning_rate,
        warmup_steps=config.warmup_steps,
        decay_steps=max(steps, config.warmup_steps + 1),
        end_value=config.learning_rate / config.decay,
    )


def make_optimizer(config: TrainConfig) -> optax.GradientTransformation:
    """Returns the optax transformation from gradients to updates; its state is float32.

    Adafactor is the paper's comparison: less memory, worse at scale (appendix C).
    """
    settings = config.optimizer
    rate = learning_rate(settings, total_steps(config))
    if settings.kind == "adafactor":
        return optax.chain(
            optax.clip_by_global_norm(settings.clip),
            optax.adafactor(rate, dtype_momentum=jnp.float32),
        )
    return optax.chain(
        optax.clip_by_global_norm(settings.clip),
        optax.scale_by_adam(settings.beta1, settings.beta2, settings.epsilon, mu_dtype=jnp.float32),
        optax.scale_by_learning_rate(rate),
    )


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
