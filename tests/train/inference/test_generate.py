"""Generation: the cache, the sampling, the command."""

import math
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from massivetext.cli.main import main
from massivetext.errors import ConfigError
from massivetext.tokenizer.vocabulary import EOS
from massivetext.train.config.config import ModelConfig
from massivetext.train.inference.generate import Sampling, choose, generate, keep_nucleus
from massivetext.train.model.model import forward


@pytest.fixture(scope="module")
def params(tiny_params: Any) -> Any:
    return tiny_params


def test_cached_greedy_tokens_are_those_of_the_whole_model(tiny: ModelConfig, params: Any) -> None:
    """Also beyond the context of 32 tokens."""
    prompts = np.random.default_rng(0).integers(3, 400, (2, 30)).astype(np.int32)
    found = generate(tiny, params, prompts, 10, Sampling(temperature=0))
    assert found.shape == (2, 40)
    np.testing.assert_array_equal(found[:, :30], prompts)
    logits = np.asarray(jax.jit(forward, static_argnums=0)(tiny, params, jnp.asarray(found)))
    expected = logits[:, 29:39].argmax(-1)
    ended = np.cumsum(found[:, 30:] == EOS, 1) - (found[:, 30:] == EOS) > 0
    np.testing.assert_array_equal(found[:, 30:][~ended], expected[~ended])


def test_samples_depend_on_the_seed_alone(tiny: ModelConfig, params: Any) -> None:
    prompts = np.full((1, 4), 7, np.int32)
    texts = [generate(tiny, params, prompts, 12, Sampling(1.0, 0.9, s)) for s in (0, 0, 1)]
    np.testing.assert_array_equal(texts[0], texts[1])
    assert (texts[0] != texts[2]).any()


def test_nucleus_keeps_the_token_that_reaches_the_share() -> None:
    logits = jnp.log(jnp.array([[0.5, 0.25, 0.15, 0.1]]))
    kept = [np.isfinite(keep_nucleus(logits, p))[0].sum() for p in (0.49, 0.5001, 0.74, 0.76, 0.99)]
    assert kept == [1, 2, 2, 3, 4]


@settings(deadline=None, max_examples=40)
@given(st.lists(st.floats(-8, 8), min_size=5, max_size=5), st.floats(0.05, 0.95))
def test_nucleus_is_the_smallest_sufficient_set(values: list[float], share: float) -> None:
    kept = np.isfinite(keep_nucleus(jnp.array([values], jnp.float32), share))[0]
    odds = np.asarray(jax.nn.softmax(jnp.array(values, jnp.float32)), np.float64)
    assert odds[kept].sum() >= share - 1e-5
    assert odds[kept].sum() - odds[kept].min() * (odds == odds[kept].min()).sum() < share + 1e-5
    assert odds[~kept].max(initial=0) <= odds[kept].min()


def test_temperature_zero_is_greedy_and_low_is_nearly() -> None:
    logits = jnp.array([[0.0, 1.0, 0.5]])
    keys = jax.random.split(jax.random.key(0), 200)
    assert int(choose(logits, Sampling(temperature=0), keys[0])[0]) == 1
    cold = [int(choose(logits, Sampling(temperature=0.05), key)[0]) for key in keys[:50]]
    assert set(cold) == {1}


@pytest.mark.parametrize("temperature", [1e-45, 1e-39, 1e-30, 1e-5, 1e-4])
@pytest.mark.parametrize("sign", [-1.0, 1.0])
def test_however_cold_the_likeliest_is_drawn(temperature: float, sign: float) -> None:
    logits = jnp.array([[-9.0, 2.0, 1.5], [-9.0, -2.0, -1.5]]) + 40 * sign
    drawn = choose(logits, Sampling(temperature).check(), jax.random.key(3))
    assert drawn.tolist() == [1, 2]


@pytest.mark.parametrize(
    "sampling",
    [Sampling(-1), Sampling(1, 0), Sampling(1, 1.1), Sampling(math.inf), Sampling(math.nan)],
)
def test_impossible_sampling_is_refused(sampling: Sampling) -> None:
    with pytest.raises(ConfigError, match="top-p"):
        sampling.check()


def test_command_writes_prompt_and_continuations(
    trained: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["generate", str(trained), "--prompt", "kalo", "--tokens", "6", "--samples", "2"]
    assert main(words) == 0
    texts = capsys.readouterr().out.split("\n---\n")
    assert len(texts) == 2
    assert all(text.startswith("kalo") for text in texts)
