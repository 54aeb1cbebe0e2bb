"""Document masks: what a token sees of its sequence, and what it does not."""

import dataclasses
from collections.abc import Iterator
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from massivetext.tokenizer.vocabulary import BOS, EOS
from massivetext.train.config.config import MeshConfig, ModelConfig
from massivetext.train.model.model import embed, forward, number_documents, run_layers, unembed
from massivetext.train.model.sharding import make_mesh

LENGTHS = (5, 9, 1, 8)  # of the documents, without begin and end


@pytest.fixture(params=["scan", pytest.param("unrolled", marks=pytest.mark.heavy)])
def masked(tiny: ModelConfig, request: pytest.FixtureRequest) -> Iterator[ModelConfig]:
    with jax.enable_x64(True):
        yield dataclasses.replace(
            tiny,
            document_mask=True,
            compute="float64",
            parameters="float64",
            scan=request.param == "scan",
            remat="none" if request.param == "scan" else "full",
        )


def wide(params: Any) -> Any:
    return jax.tree.map(lambda a: jnp.asarray(np.asarray(a), jnp.float64), params)


def pack() -> tuple[np.ndarray, list[slice]]:
    """A sequence that begins inside a document and ends inside another, and where each lies."""
    generator = np.random.default_rng(3)
    words = [generator.integers(10, 400, n).tolist() for n in LENGTHS]
    first, *others = words
    pieces = [[*first, EOS], *([BOS, *inner, EOS] for inner in others[:-1]), [BOS, *others[-1]]]
    ends = np.cumsum([len(piece) for piece in pieces])
    starts = [0, *ends[:-1]]
    return np.concatenate(pieces)[None].astype(np.int32), [
        slice(int(a), int(b)) for a, b in zip(starts, ends, strict=True)
    ]


def test_documents_are_numbered_by_begin_and_end() -> None:
    rows = np.array([
        [9, 9, EOS, BOS, 9, EOS, BOS, EOS],
        [BOS, 9, 9, 9, 9, 9, 9, 9],
        [9, BOS, 9, BOS, 9, 9, EOS, 9],  # an end is missing; then a begin is
        [EOS, EOS, 9, 9, 9, 9, BOS, BOS],
    ])  # fmt: skip
    found = number_documents(jnp.asarray(rows, jnp.int32))
    np.testing.assert_array_equal(found, [
        [0, 0, 0, 1, 1, 1, 2, 2],
        [1, 1, 1, 1, 1, 1, 1, 1],
        [0, 1, 1, 2, 2, 2, 2, 3],
        [0, 1, 2, 2, 2, 2, 3, 4],
    ])  # fmt: skip


def influence(config: ModelConfig, params: Any, tokens: np.ndarray) -> np.ndarray:
    """Returns how much each token's logits (rows) move with each token's embedding (columns)."""
    documents = number_documents(jnp.asarray(tokens)) if config.document_mask else None
    x = embed(config, params, jnp.asarray(tokens))

    def logits(x: jax.Array) -> jax.Array:
        return unembed(config, params, run_layers(config, params, x, documents))[0]

    direction = jax.random.normal(jax.random.key(1), (config.vocabulary,), jnp.float64)
    slopes = jax.jacrev(lambda x: logits(x) @ direction)(x)[:, 0]
    return np.abs(np.asarray(slopes)).max(-1)


def test_no_token_has_a_gradient_on_another_document(masked: ModelConfig, tiny_params: Any) -> None:
    tokens, places = pack()
    slopes = influence(masked, wide(tiny_params), tokens)
    inside = np.zeros_like(slopes, bool)
    for place in places:
        inside[place, place] = True
    causal = np.tri(len(slopes), dtype=bool)
    assert (slopes[~(inside & causal)] == 0).all()
    assert (slopes[inside & causal] > 0).all()
    unmasked = dataclasses.replace(masked, document_mask=False)
    assert (influence(unmasked, wide(tiny_params), tokens)[causal] > 0).all()


def test_a_document_is_read_as_if_it_stood_alone(masked: ModelConfig, tiny_params: Any) -> None:
    """Relative positions too: the distances inside a document do not depend on its place."""
    tokens, places = pack()
    params = wide(tiny_params)
    together = forward(masked, params, jnp.asarray(tokens))
    for place in places:
        alone = forward(masked, params, jnp.asarray(tokens[:, place]))
        np.testing.assert_allclose(together[:, place], alone, rtol=0, atol=1e-12)


def test_a_mesh_does_not_change_what_is_seen(tiny: ModelConfig, tiny_params: Any) -> None:
    config = dataclasses.replace(tiny, document_mask=True)
    tokens = jnp.asarray(np.tile(pack()[0], (4, 1)))
    mesh = make_mesh(MeshConfig(data=2, fsdp=2, model=2))
    run = jax.jit(forward, static_argnums=(0, 3))
    one, many = run(config, tiny_params, tokens, None), run(config, tiny_params, tokens, mesh)
    np.testing.assert_allclose(one, many, atol=2e-5)
