"""A small recipe, and a finished build of it: once a file of tests."""

from pathlib import Path

import pytest

from tests.support.commands import check_conserved, json_lines, run, write_recipe


@pytest.fixture(scope="module")
def recipe(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A recipe of two sources of three files each."""
    folder = tmp_path_factory.mktemp("runs")
    for source, first in (("c4", 0), ("news", 100)):
        (folder / source).mkdir()
        for part in range(3):
            lines = json_lines(*range(first + 10 * part, first + 10 * part + 10))
            (folder / source / f"{part}.jsonl").write_bytes(lines)
    return write_recipe(
        folder / "recipe.toml", {"c4": "c4/*", "news": "news/*"}, tokens=16_000, length=64
    )


@pytest.fixture(scope="module")
def done(recipe: Path) -> Path:
    """A finished build."""
    output = recipe.parent / "done"
    finished = run("build", recipe, "--output", output)
    assert finished.code == 0, finished.err
    check_conserved(output)
    return output
