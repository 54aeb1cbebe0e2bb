"""The trainer's commands: what they print, and what they refuse."""

import io
import json
import math
import shutil
import sys
from pathlib import Path

import jax.numpy as jnp
import numpy as np
import pytest

from massivetext.cli.main import FAILED, USAGE, main
from massivetext.errors import StageError
from massivetext.tokenizer.encode import Encoder
from massivetext.train.data.dataset import open_dataset
from massivetext.train.evaluation.results import read_results
from massivetext.train.evaluation.score import Scorer
from massivetext.train.inference.model_folder import load_model
from massivetext.train.model.out_of_memory import fitting


@pytest.mark.parametrize("words", [["compare"], ["train", "compare"]])
def test_train_may_stand_before_another_command(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as end:
        main([*words, "--help"])
    assert end.value.code == 0
    assert capsys.readouterr().out.startswith("usage: massivetext compare")


def test_evaluate_prints_and_keeps_scores(
    trained: Path, corpus: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = shutil.copytree(trained, tmp_path / "model")
    assert main(["evaluate", str(model), "--data", str(corpus), "--limit", "8"]) == 0
    assert "bits/byte" in capsys.readouterr().out
    assert (model / "results.json").is_file()


def test_evaluate_at_twice_the_context(
    trained: Path, corpus: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = shutil.copytree(trained, tmp_path / "model")
    main(["evaluate", str(model), "--data", str(corpus)])
    once = float(capsys.readouterr().out.splitlines()[1].split()[1])
    main(["evaluate", str(model), "--data", str(corpus), "--context", "64"])
    twice = float(capsys.readouterr().out.splitlines()[1].split()[1])
    assert twice == pytest.approx(once, abs=0.15)  # longer than in training, and still sensible


@pytest.mark.parametrize(
    "words",
    [
        ["generate", "x", "--tokens", "0"],
        ["evaluate", "x", "--data", "y", "--limit", "0"],
        ["evaluate", "x", "--data", "y", "--limit", str(1 << 63)],
    ],
)
def test_impossible_numbers_are_refused(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words) == USAGE
    assert "at least 1" in capsys.readouterr().err


def test_an_evaluation_names_the_part_that_it_read(
    trained: Path, corpus: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = shutil.copytree(trained, tmp_path / "model")
    main(["evaluate", str(model), "--data", str(corpus), "--limit", "23"])
    part = "on a part of the validation, the first 23 windows of 32 tokens a source: 1,472 of 1,536"
    assert capsys.readouterr().out.splitlines()[-1] == f"{part} tokens"
    main(["evaluate", str(model), "--data", str(corpus), "--limit", "24"])
    whole = "on the whole validation: 1,536 tokens"
    assert capsys.readouterr().out.splitlines()[-1] == whole
    assert read_results(str(model))["part"] == whole


def test_bits_per_byte_of_any_text_are_the_sum_by_hand(
    trained: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = shutil.copytree(trained, tmp_path / "model")
    texts = {"a.jsonl": ["kalo mine " * 40, "", "tivo\u2603"], "b.jsonl": ["rusha."] * 70}
    for name, lines in texts.items():
        rows = "".join(json.dumps({"text": text}) + "\n" for text in lines)
        (tmp_path / name).write_text(rows)
    files = [str(tmp_path / name) for name in texts]
    assert main(["evaluate", str(model), "--text", *files]) == 0
    scorer = Scorer(load_model(str(trained)))
    scores, bits, size = read_results(str(model))["texts"], 0.0, 0
    for name, lines in texts.items():
        nats = -sum(scorer.rolling(text) for text in lines if text)
        length = len("".join(lines).encode())
        bits, size = bits + nats / math.log(2), size + length
        assert scores[name]["bits_per_byte"] == pytest.approx(nats / math.log(2) / length, rel=1e-5)
        assert scores[name]["bytes"] == length
    assert scores["all"]["bits_per_byte"] == pytest.approx(bits / size, rel=1e-6)
    assert scores["b.jsonl"]["documents"] == 70
    assert "whole files; context of 32 tokens" in capsys.readouterr().out
    assert main(["evaluate", str(model), "--text", files[1], "--limit", "3"]) == 0
    assert read_results(str(model))["texts"]["b.jsonl"]["documents"] == 3
    own = tmp_path / "own.jsonl"
    own.write_text((tmp_path / "b.jsonl").read_text().replace('"text"', '"body"'))
    assert main(["evaluate", str(model), "--text", str(own), "--text-key", "body"]) == 0
    assert read_results(str(model))["texts"]["own.jsonl"] == scores["b.jsonl"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "either --data FOLDER or --text FILE"),
        (["--data", "x", "--text", "y.jsonl"], "either --data FOLDER or --text FILE"),
        (["--text", "y.jsonl", "--tasks", "nq"], "leave one out"),
        (["--text", "nowhere.jsonl"], "no file nowhere.jsonl"),
        (["--data", ".", "--tasks", "hellaswagg"], "did you mean hellaswag?"),
        (["--data", ".", "--tasks", "hellaswag"], "no hellaswag.jsonl in ."),
        (["--data", ".", "--tasks", ", ,"], "names no task"),
    ],
)
def test_what_evaluate_cannot_do_is_one_line(
    words: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["evaluate", "out/model", *words]) == USAGE
    errors = capsys.readouterr().err
    assert message in errors
    assert errors.count("\n") == 1


def test_more_samples_than_any_memory_holds_are_one_line(
    trained: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["generate", str(trained), "--samples", str(10**13), "--tokens", "3"]) == FAILED
    said = capsys.readouterr().err.splitlines()
    assert said[-1] == "massivetext: this does not fit the memory: fewer --samples or --tokens"


def test_what_a_device_cannot_hold_is_one_line_and_other_errors_stay() -> None:
    with pytest.raises(StageError, match="the device: a smaller"), fitting("this", "a smaller one"):
        jnp.zeros(1 << 46, jnp.int8).block_until_ready()
    with pytest.raises(TypeError), fitting("this", "a smaller one"):
        jnp.zeros("a")  # type: ignore[arg-type]


def test_text_comes_from_standard_input_too(
    trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = shutil.copytree(trained, tmp_path / "model")
    row = b'{"text": "kalo mine"}\n'
    (tmp_path / "my.jsonl").write_bytes(row)
    assert main(["evaluate", str(model), "--text", str(tmp_path / "my.jsonl")]) == 0
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(row)))
    assert main(["evaluate", str(model), "--text", "-"]) == 0
    texts = read_results(str(model))["texts"]
    assert texts["standard input"] == texts["my.jsonl"]


def test_a_file_without_text_is_refused(
    trained: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "none.jsonl").write_text("\n")
    assert main(["evaluate", str(trained), "--text", str(tmp_path / "none.jsonl")]) == USAGE
    assert "none.jsonl: no text in it" in capsys.readouterr().err


def test_generate_goes_on_where_held_out_documents_begin(
    trained: Path, corpus: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["generate", str(trained), "--data", str(corpus), "--tokens", "8", "--samples", "2"]
    assert main(words) == 0
    text = capsys.readouterr().out
    assert text.count(", held out ==") == 2
    row = open_dataset(str(corpus)).validation["web"].read(np.array([0]))[0]
    encoder = Encoder((corpus / "vocabulary" / "vocabulary.model").read_bytes())
    start = int(np.flatnonzero(row == 1)[0])
    given = encoder.decode(row[start : start + 25])
    went_on = encoder.decode(row[start + 25 : start + 33])
    web = text[text.index("== web, held out ==") :]
    assert web.startswith(f"== web, held out ==\ngiven:\n    {given}\nthe model continues:\n")
    assert f"the author went on:\n    {went_on}" in web
    assert main([*words, "--prompt", "kalo"]) == USAGE
