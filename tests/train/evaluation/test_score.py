"""The context rule: which tokens are scored after which, and sums by hand."""

from pathlib import Path

import jax
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from massivetext.tokenizer.vocabulary import BOS
from massivetext.train.evaluation.score import Scorer, continuation_window, rolling_windows
from massivetext.train.inference.model_folder import load_model
from massivetext.train.model.loss import token_losses


@pytest.fixture(scope="module")
def scorer(trained: Path) -> Scorer:
    return Scorer(load_model(str(trained)))


def losses_after(scorer: Scorer, tokens: list[int]) -> np.ndarray:
    batch = np.array([tokens], np.int32)
    found = jax.jit(token_losses, static_argnums=0)(scorer.config, scorer._model.params, batch)
    return np.asarray(found, np.float64)[0]


def test_rolling_windows_of_the_papers_context() -> None:
    """5,000 tokens, context 2,048, stride 1,024: four windows, each full but the first's start."""
    windows = list(rolling_windows(list(range(10, 5_010)), 2_048, 1_024))
    assert [w.scored for w in windows] == [2_048, 1_024, 1_024, 904]
    assert [len(w.tokens) for w in windows] == [2_049] * 4
    assert windows[0].tokens[0] == BOS
    assert windows[1].tokens[-1] == 10 + 2_048 + 1_024 - 1


@pytest.mark.parametrize(("length", "count"), [(1, 1), (31, 1), (32, 1), (33, 2), (48, 2), (49, 3)])
def test_a_text_that_fits_is_one_window(length: int, count: int) -> None:
    assert len(list(rolling_windows(range(length), 32, 16))) == count


@given(st.integers(0, 200), st.integers(1, 40), st.integers(1, 40))
def test_every_token_is_scored_once_with_enough_before_it(
    length: int, context: int, stride: int
) -> None:
    stride = min(stride, context)
    tokens = list(range(100, 100 + length))
    scored = []
    for window in rolling_windows(tokens, context, stride):
        assert len(window.tokens) <= context + 1
        scored += window.tokens[-window.scored :]
        start = len(window.tokens) - window.scored
        assert window.tokens[0] == BOS or start > context - stride
    assert scored == tokens


@given(st.lists(st.integers(), max_size=20), st.lists(st.integers(), min_size=1, max_size=20))
def test_continuations_keep_the_end_of_their_prefix(prefix: list[int], text: list[int]) -> None:
    window = continuation_window([1, *prefix], text, 16)
    assert window.tokens == [1, *prefix, *text][-17:]
    assert window.scored == min(len(text), 16)


def test_rolling_likelihood_is_the_sum_by_hand(scorer: Scorer) -> None:
    text = "kalo mine rusha tivo peda " * 12
    ids = scorer.encode(text)
    assert 40 < len(ids) < 200
    whole, expected, done = [BOS, *ids], 0.0, 1
    while done < len(whole):
        end = min(len(whole), done + (32 if done == 1 else 16))
        window = whole[max(0, end - 33) : end]
        expected -= losses_after(scorer, window)[-(end - done) :].sum()
        done = end
    assert scorer.rolling(text) == pytest.approx(expected, rel=1e-5)


def test_continuation_likelihood_is_the_sum_by_hand(scorer: Scorer) -> None:
    prefix, text = "kalo mine", " rusha tivo"
    tokens = [BOS, *scorer.encode(prefix + text)]
    count = len(scorer.encode(text))
    expected = -losses_after(scorer, tokens)[-count:].sum()
    found = scorer.continuations([(prefix, text)] * 9)
    assert found[0].nats == pytest.approx(expected, rel=1e-5)
    assert found[8] == found[0]


def test_a_prefix_loses_its_start_where_it_does_not_fit(trained: Path) -> None:
    """Context 8: the model reads 8 tokens and predicts one more, so the last 9 count."""
    short = Scorer(load_model(str(trained)), context=8)
    prefix, text = "peda nelo sham voru tivo kalo mine", " rusha"
    tokens = [BOS, *short.encode(prefix + text)]
    count = len(tokens) - 1 - len(short.encode(prefix))
    assert count < 8
    assert len(tokens) > 10
    fewer, kept, more = (-losses_after(short, tokens[-n:])[-count:].sum() for n in (8, 9, 10))
    for other in (fewer, more):
        assert other != pytest.approx(kept, rel=1e-4)  # one token more or less is noticed
    assert short.continuations([(prefix, text)])[0].nats == pytest.approx(kept, rel=1e-5)


def test_a_continuation_longer_than_the_context_is_scored_at_its_end(scorer: Scorer) -> None:
    text = " rusha tivo peda nelo" * 12
    tokens = scorer.encode("kalo" + text)
    assert len(tokens) > 40
    expected = -losses_after(scorer, tokens[-33:]).sum()  # all 32 that are predicted
    found = scorer.continuations([("kalo", text)])
    assert found[0].nats == pytest.approx(expected, rel=1e-5)


def test_greedy_text_is_recognized(scorer: Scorer) -> None:
    prefix = "kalo mine"
    text = scorer.write(prefix, 4)
    ids = scorer.encode(prefix + text)
    if ids[: len(scorer.encode(prefix))] == scorer.encode(prefix):
        assert scorer.continuations([(prefix, text)])[0].greedy
    assert not scorer.continuations([(prefix, " zqx\u00fc")])[0].greedy


def test_an_empty_text_costs_nothing(scorer: Scorer) -> None:
    assert scorer.rolling("") == 0
