"""Cross-entropy of the next token, in float32 or wider (Rae et al. 2021, appendix C)."""

import jax
import jax.numpy as jnp
from jax.sharding import Mesh
from jaxtyping import Array, Float, Int

from massivetext.train.config.config import ModelConfig
from massivetext.train.fused.choose import use_kernels
from massivetext.train.fused.products import cross_entropy
from massivetext.train.model.model import Params, forward, residuals, rms_norm
from massivetext.train.model.repeats import is_repetitive


def token_losses(
    config: ModelConfig, params: Params, tokens: Int[Array, "b t1"], mesh: Mesh | None = None
) -> Float[Array, "b t"]:
    """Returns the loss in nats of each token but the first, given those before it."""
    if use_kernels(config, mesh):
        x = rms_norm(residuals(config, params, tokens[:, :-1], mesh), params["norm_out"])
        return cross_entropy(mesh, x, params["embed"].astype(x.dtype), tokens[:, 1:])
    logits = forward(config, params, tokens[:, :-1], mesh)
    return jax.nn.logsumexp(logits, -1) - _pick(logits, tokens[:, 1:], mesh)


def mean_loss(
    config: ModelConfig,
    params: Params,
    tokens: Int[Array, "b t1"],
    mesh: Mesh | None = None,
    repeats: int = 0,
) -> Float[Array, ""]:
    """Returns the mean loss in nats a token.

    With `repeats`, of the sequences that hold no n-gram so many times in a row; 0 if none is left.
    """
    losses = token_losses(config, params, tokens, mesh)
    if not repeats:
        return jnp.mean(losses)
    kept = ~is_repetitive(tokens, repeats)
    total = jnp.sum(jnp.where(kept[:, None], losses, 0))
    return total / jnp.maximum(1, jnp.sum(kept) * losses.shape[1])


def _pick(
    logits: Float[Array, "b t v"], targets: Int[Array, "b t"], mesh: Mesh | None
) -> Float[Array, "b t"]:
    """Returns each target's logit.

    A gather is faster, but would collect logits whose vocabulary a mesh divides; a masked sum
    stays where they are.
    """
    if mesh is None or mesh.shape["model"] == 1:
        return jnp.take_along_axis(logits, targets[..., None], -1)[..., 0]
    chosen = targets[..., None] == jnp.arange(logits.shape[-1])[None, None]
    return jnp.sum(jnp.where(chosen, logits, 0), -1)
