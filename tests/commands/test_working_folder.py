"""A user's own modules in the working folder: no command imports them, whatever they are called."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.commands import json_lines, write_recipe

pytestmark = pytest.mark.xdist_group("cli")

OURS = ("train", "filters", "pipelines", "tokenizer")
PYTHONS = ("struct", "random", "json", "csv", "queue", "pickle", "signal", "socket", "tempfile")
LATE = ("threading", "logging", "selectors")  # imported by the helpers of several processes
OTHERS = ("numpy", "apache_beam", "pyarrow", "xxhash", "sentencepiece")
CONSOLE = [str(Path(sys.executable).with_name("massivetext"))]
MODULE = [sys.executable, "-m", "massivetext"]
TRAINER = [sys.executable, "-m", "massivetext.train"]
PROGRAMS = {"console": CONSOLE, "module": MODULE, "trainer": TRAINER}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Returns a working folder whose modules leave a mark when they are imported, and fail."""
    folder = tmp_path / "work"
    folder.mkdir()
    mark = f"open({str(tmp_path / 'marks')!r}, 'a').write(__name__ + ' ')\nraise SystemExit(9)\n"
    for name in (*OURS, *PYTHONS, *LATE, *OTHERS):
        (folder / f"{name}.py").write_text(mark)
    for number in range(4):
        (folder / f"{number}.jsonl").write_bytes(json_lines(*range(40 * number, 40 * number + 40)))
    write_recipe(folder / "recipe.toml", {"c4": "*.jsonl"})
    return folder


def run_in(folder: Path, words: list[str]) -> None:
    plain = {name: value for name, value in os.environ.items() if name != "PYTHONSAFEPATH"}
    done = subprocess.run(words, cwd=folder, env=plain, capture_output=True, text=True, check=False)
    marks = folder.parent / "marks"
    assert not marks.exists(), marks.read_text()
    assert done.returncode == 0, done.stderr[-2000:]


@pytest.mark.parametrize(
    ("program", "workers"),
    [
        ("console", "2"),
        ("module", "1"),
        pytest.param("console", "1", marks=pytest.mark.heavy),
        pytest.param("module", "2", marks=pytest.mark.heavy),
    ],
)
def test_a_build_imports_nothing_of_the_working_folder(
    folder: Path, program: str, workers: str
) -> None:
    words = ["build", "recipe.toml", "--output", "out", "--workers", workers]
    run_in(folder, [*PROGRAMS[program], *words])
    assert (folder / "out" / "manifest.json").exists()
    parts = list((folder / "out" / "documents").glob("part-*.parquet"))
    assert len(parts) > 1, "one part needs one process only"


@pytest.mark.parametrize("program", PROGRAMS)
@pytest.mark.parametrize("command", ["filter", "train"])
def test_other_commands_import_nothing_of_it(folder: Path, program: str, command: str) -> None:
    run_in(folder, [*PROGRAMS[program], command, "--help"])


def test_their_names_are_still_the_users(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text("def mine(): return 'mine'\n")
    (tmp_path / "filters").mkdir()
    (tmp_path / "filters" / "__init__.py").write_text("HERE = 'mine'\n")
    (tmp_path / "run.py").write_text(
        "import massivetext.errors, train, filters\nprint(train.mine(), filters.HERE)\n"
    )
    done = subprocess.run([sys.executable, "run.py"], cwd=tmp_path, capture_output=True, text=True)
    assert done.stdout == "mine mine\n", done.stderr
