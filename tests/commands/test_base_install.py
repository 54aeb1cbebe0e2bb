"""Without the extras: the commands on single files work, the others say what to install."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from massivetext import Vocabulary, extras, train_vocabulary
from tests.support.commands import json_lines, model_path, prose

# Modules of all extras, and of packages that only they bring.
GONE = [module.partition(".")[0] for _, modules in extras.EXTRAS.values() for module in modules]
BLOCKED = sorted({*GONE, "scipy", "grpc", "absl"})
PROGRAM = (
    f"import sys\nfor name in {BLOCKED}: sys.modules[name] = None\n"
    "from massivetext.cli.main import main\nsys.exit(main(sys.argv[1:]))"
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "a.jsonl").write_bytes(json_lines(1, 2, 1))
    page = b"WARC/1.0\r\nWARC-Type: conversion\r\nContent-Length: 2\r\n\r\nhi\r\n\r\n"
    (tmp_path / "a.wet").write_bytes(page)
    texts = (prose(n) for n in range(20))
    (tmp_path / "v.model").write_bytes(train_vocabulary(texts, Vocabulary(size=420)))
    return tmp_path


def run(folder: Path, *words: object) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-c", PROGRAM, *map(str, words)]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def lines(done: "subprocess.CompletedProcess[str]") -> list[dict[str, object]]:
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_single_files_need_no_extra(folder: Path) -> None:
    found = lines(run(folder, "filter", "a.jsonl", "--language-model", model_path()))
    assert [line["reason"] for line in found] == [None] * 3
    (folder / "one.jsonl").write_bytes(json_lines(1))
    (told,) = lines(run(folder, "explain", "one.jsonl", "--json", "--language-model", model_path()))
    assert told["reasons"] == []
    assert len(lines(run(folder, "dedup", "a.jsonl"))) == 1
    assert [line["text"] for line in lines(run(folder, "extract", "a.wet"))] == ["hi"]
    tokens = lines(run(folder, "tokenize", "a.jsonl", "--vocabulary", "v.model"))
    assert tokens[0]["tokens"] == tokens[2]["tokens"]


@pytest.mark.parametrize(
    ("words", "extra"),
    [
        (("build", "sample.toml", "--output", "out"), "beam"),
        (("build", "sample.toml", "--output", "out", "--workers", "2"), "beam"),
        (("documents", "sample.toml", "--output", "out"), "beam"),
        (("train", "nano", "--data", "out"), "train"),
        (("generate", "out", "--prompt", "The"), "train"),
    ],
)
def test_a_missing_extra_costs_one_line(folder: Path, words: tuple[str, ...], extra: str) -> None:
    done = run(folder, *words)
    assert done.returncode == 2
    assert done.stderr.startswith(f"massivetext: {words[0]} needs ")
    assert done.stderr.endswith(f": pip install 'massivetext[{extra}]'\n")
    assert done.stderr.count("\n") == 1
    assert not (folder / "out").exists()


@pytest.mark.parametrize("command", ["build", "train", "filter", "models"])
def test_help_needs_no_extra(folder: Path, command: str) -> None:
    done = run(folder, command, "--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert f"massivetext {command}" in done.stdout
