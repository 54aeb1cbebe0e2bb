"""The trainer's commands: what they print, and what they refuse."""

import shutil
from pathlib import Path

import pytest

from massivetext.cli.main import USAGE, main


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
    "words", [["generate", "x", "--tokens", "0"], ["evaluate", "x", "--data", "y", "--limit", "0"]]
)
def test_impossible_numbers_are_refused(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words) == USAGE
    assert "at least 1" in capsys.readouterr().err
