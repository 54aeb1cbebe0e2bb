"""A build of two sources with copies, and a copy of it for each test."""

import shutil
from pathlib import Path

import pytest

from tests.builds.take_out.taking import LENGTH, url, write_rows
from tests.support.commands import prose, run, write_recipe


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A build of 120 documents of two sources, with exact and near copies, and its inputs."""
    folder = tmp_path_factory.mktemp("whole")
    for source, first in (("c4", 0), ("news", 1_000)):
        (folder / source).mkdir()
        for part in range(3):
            numbers = range(first + 20 * part, first + 20 * part + 20)
            rows = [{"text": prose(n, 14), "url": url(n)} for n in numbers]
            write_rows(folder / source / f"{part}.jsonl", rows)
    copies = [prose(n, 14) for n in (3, 4, 1_003)]
    words = prose(5, 14).split(" ")
    near = [" ".join([*words[: len(words) * n // 100], "otherwise"]) for n in (66, 72)]
    rows = [{"text": t, "url": url(500 + n)} for n, t in enumerate([*copies, *near])]
    write_rows(folder / "c4" / "more.jsonl", rows)
    options = {"length": LENGTH, "shards": 6, "crops_per_group": 4, "default_max_passes": 3}
    recipe = write_recipe(folder / "r.toml", {"c4": "c4/*", "news": "news/*"}, **options)
    finished = run("build", recipe, "--output", folder / "out")
    assert finished.code == 0, finished.err
    return folder / "out"


@pytest.fixture
def output(built: Path, tmp_path: Path) -> Path:
    shutil.copytree(built, tmp_path / "out")
    return tmp_path / "out"
