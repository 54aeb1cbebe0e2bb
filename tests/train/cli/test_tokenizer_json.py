"""A corpus with a `tokenizer.json`, whose one mark is neither 1 nor 2: from training to export."""

import dataclasses
import json
import math
from pathlib import Path

import pytest

from massivetext.errors import ConfigError
from massivetext.train.config.config import TrainConfig
from massivetext.train.evaluation.score import Scorer
from massivetext.train.evaluation.texts import read_texts, score_texts
from massivetext.train.inference.model_folder import load_model
from tests.support.commands import one_line, run
from tests.train.conftest import run_training, write_corpus

pytestmark = pytest.mark.xdist_group("tokenizer.json")


@pytest.fixture(scope="module")
def made(tiny_run: TrainConfig, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A corpus and a model of a few steps."""
    pytest.importorskip("tokenizers", reason="tokenizers is an extra")
    from tests.support.tokenizer_files import FILES

    folder = tmp_path_factory.mktemp("json")
    corpus = write_corpus(folder / "corpus", model=FILES["gpt2"])
    model = dataclasses.replace(tiny_run.model, vocabulary=0)
    short = dataclasses.replace(tiny_run.run, steps=4)
    config = dataclasses.replace(tiny_run, model=model, run=short)
    assert run_training(config, str(corpus), str(folder / "model"))
    return corpus, folder / "model"


def test_evaluate_and_generate(made: tuple[Path, Path], tmp_path: Path) -> None:
    corpus, model = made
    (tmp_path / "my.jsonl").write_text(json.dumps({"text": "kalo mine rusha."}))
    for words in (("--data", corpus), ("--text", tmp_path / "my.jsonl")):
        done = run("evaluate", model, *words)
        assert done.code == 0, done.err
        assert b"bits/byte" in done.out
    few = ("--tokens", "8", "--samples", "1")
    for words in (("--data", corpus), ("--prompt", "kalo")):
        done = run("generate", model, *words, *few)
        assert done.code == 0, done.err
    assert b"the author went on" in run("generate", model, "--data", corpus, *few).out


def test_bits_per_byte_of_text_begin_with_its_own_mark(
    made: tuple[Path, Path], tmp_path: Path
) -> None:
    scorer = Scorer(load_model(str(made[1])))
    text = "kalo mine rusha. " * 9
    (tmp_path / "my.jsonl").write_text(json.dumps({"text": text}))
    found = score_texts(scorer, read_texts([str(tmp_path / "my.jsonl")], None))["my.jsonl"]
    bits = -scorer.rolling(text) / math.log(2) / len(text)
    assert found.bits_per_byte == pytest.approx(bits, rel=1e-6)


def test_exports(made: tuple[Path, Path], tmp_path: Path) -> None:
    corpus, model = made
    assert run("export", model, "--output", tmp_path / "plain").code == 0
    given = (corpus / "vocabulary" / "vocabulary.model").read_bytes()
    assert (tmp_path / "plain" / "tokenizer.json").read_bytes() == given
    done = run("export", model, "--output", tmp_path / "hf", "--format", "transformers")
    assert "the vocabulary is a tokenizer.json" in one_line(done)
    assert not (tmp_path / "hf").exists()


def test_documents_are_not_masked_by_other_marks(
    made: tuple[Path, Path], tiny_run: TrainConfig, tmp_path: Path
) -> None:
    masked = dataclasses.replace(tiny_run.model, vocabulary=0, document_mask=True)
    config = dataclasses.replace(tiny_run, model=masked)
    with pytest.raises(ConfigError, match="this vocabulary has 0 and 0; set it to false"):
        run_training(config, str(made[0]), str(tmp_path / "out"))
    assert not (tmp_path / "out").exists()
