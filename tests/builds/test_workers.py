"""How many processes build: all cores unless told, which is said in one line; the bytes are one."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.commands import json_lines, write_recipe

CORES = len(os.sched_getaffinity(0))
pytestmark = pytest.mark.xdist_group("cli")


def build(recipe: Path, output: Path, *more: str) -> list[str]:
    words = [sys.executable, "-m", "massivetext", "build", recipe, "--output", output, *more]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    return [line for line in done.stderr.splitlines() if line.startswith("workers: ")]


def shards(output: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in output.glob("sequences/*.tfrecord*")}


@pytest.mark.skipif(CORES == 1, reason="one core: one worker, and nothing to say")
def test_all_cores_work_unless_told(tmp_path: Path) -> None:
    for name in "ab":
        (tmp_path / f"{name}.jsonl").write_bytes(json_lines(*range(20), ord(name)))
    recipe = write_recipe(tmp_path / "recipe.toml", {"c4": "*.jsonl"})
    said = [f"workers: {CORES}, all cores; --workers N takes N"]
    assert build(recipe, tmp_path / "all") == said
    assert build(recipe, tmp_path / "one", "--workers", "1") == []
    assert build(recipe, tmp_path / "one", "--explain") == []
    assert shards(tmp_path / "all") == shards(tmp_path / "one")
    assert shards(tmp_path / "all")
