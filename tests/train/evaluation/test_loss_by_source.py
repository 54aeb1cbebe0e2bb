"""Bits per byte by hand, and the unigram entropy."""

import math
from pathlib import Path
from typing import Any

import jax
import numpy as np
import pytest

from massivetext.errors import ConfigError
from massivetext.tokenizer.encode import Encoder
from massivetext.tokenizer.vocabulary import BOS, EOS
from massivetext.train.config.config import MeshConfig, ModelConfig
from massivetext.train.data.dataset import open_dataset
from massivetext.train.evaluation.loss_by_source import ALL, Tally, evaluate, piece_bytes, summarize
from massivetext.train.model.loss import token_losses
from massivetext.train.model.sharding import make_mesh


@pytest.fixture(scope="module")
def params(tiny_params: Any) -> Any:
    return tiny_params


def test_piece_bytes_add_up_to_the_text(corpus: Path) -> None:
    encoder = Encoder((corpus / "vocabulary" / "vocabulary.model").read_bytes())
    sizes = piece_bytes(encoder)
    for text in ("kalo mine.", "  two spaces\tand\na line", "snow \u2603 \U0001f600 e\u0301", ""):
        ids = encoder.encode(text)
        assert sizes[ids].sum() == len(encoder.normalize(text).encode())
    assert sizes[BOS] == sizes[EOS] == 0


def test_scores_are_sums_over_all_windows(corpus: Path, tiny: ModelConfig, params: Any) -> None:
    dataset = open_dataset(str(corpus))
    scores = evaluate(tiny, params, dataset, make_mesh(MeshConfig()))
    rows = dataset.validation["web"].read(np.arange(12)).astype(np.int32)
    windows = np.concatenate([rows[:, :33], rows[:, 32:]])
    nats = np.asarray(jax.jit(token_losses, static_argnums=0)(tiny, params, windows), np.float64)
    sizes = piece_bytes(Encoder(dataset.vocabulary))
    expected = nats.sum() / math.log(2) / sizes[windows[:, 1:]].sum()
    assert scores["web"].bits_per_byte == pytest.approx(expected, rel=1e-5)
    assert scores["web"].tokens == 24 * 32
    assert scores[ALL].tokens == 48 * 32
    assert scores[ALL].loss == pytest.approx((scores["web"].loss + scores["books"].loss) / 2)


def test_limit_bounds_the_windows(corpus: Path, tiny: ModelConfig, params: Any) -> None:
    dataset = open_dataset(str(corpus))
    scores = evaluate(tiny, params, dataset, make_mesh(MeshConfig()), limit=5)
    assert scores["web"].tokens == 5 * 32


def test_unigram_entropy_is_that_of_the_counts() -> None:
    tally = Tally(nats=20.0, tokens=8, bytes=10, counts=np.array([4, 2, 2, 0]))
    score = summarize(tally)
    assert score.unigram == pytest.approx(1.5 * math.log(2))
    assert score.loss == 2.5
    assert score.bits_per_byte == pytest.approx(2 / math.log(2))


def test_corpus_without_validation_is_refused(corpus: Path, tiny: ModelConfig, params: Any) -> None:
    dataset = open_dataset(str(corpus))._replace(validation={})
    with pytest.raises(ConfigError, match="no validation"):
        evaluate(tiny, params, dataset, make_mesh(MeshConfig()))
