"""The trainer's commands: help with an example, and what they print."""

import shutil
from pathlib import Path

import pytest

from massivetext.cli import USAGE
from massivetext.errors import ConfigError
from train.__main__ import COMMANDS, main


@pytest.mark.parametrize("name", COMMANDS)
def test_help_has_an_example(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main([name, "--help"])
    assert end.value.code == 0
    assert "example: massivetext " in capsys.readouterr().out


def test_unknown_command_prints_the_commands(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fly"]) == USAGE
    assert main(["--help"]) == 0
    text = capsys.readouterr().out
    assert all(f"  {name} " in text for name in COMMANDS)


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
def test_impossible_numbers_are_refused(words: list[str]) -> None:
    with pytest.raises(ConfigError, match="at least 1"):
        main(words)
