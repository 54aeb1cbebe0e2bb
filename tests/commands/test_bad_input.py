"""Every bad input through the whole build: good records around it survive, nothing is lost."""

import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from massivetext.config.recipe import load_recipe
from massivetext.limits import MAX_ERROR_CHARACTERS
from massivetext.pipelines.folder.inputs import input_files, plan
from tests.commands.bad_input_files import EVERY
from tests.support.commands import check_conserved, run, write_recipe

CASES = [(source, name) for source, files in EVERY.items() for name in files]
pytestmark = pytest.mark.xdist_group("bad input")


class Built:
    """A finished build of every bad file at once, a part for each file."""

    def __init__(self, folder: Path) -> None:
        for source, files in EVERY.items():
            (folder / source).mkdir()
            for name, bad in files.items():
                (folder / source / name).write_bytes(bad.make())
        self.recipe = write_recipe(
            folder / "recipe.toml",
            {source: f"{source}/*" for source in EVERY},
            length=16,
            tokens=8_000,
        )
        self.output = folder / "out"
        self.finished = run("build", self.recipe, "--output", self.output)

    def summaries(self) -> dict[tuple[str, str], dict[str, Any]]:
        """Returns the summary of the part of each file."""
        recipe = load_recipe(str(self.recipe))
        found: dict[tuple[str, str], dict[str, Any]] = {}
        for part in plan(recipe, input_files(recipe)):
            summary = json.loads((self.output / "documents" / f"{part.stem}.json").read_text())
            for piece in part.slices:
                found[part.source, Path(piece.name).name] = summary | {"files": len(part.slices)}
        return found


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    return Built(tmp_path_factory.mktemp("bad"))


def test_the_build_finishes_without_a_traceback(built: Built) -> None:
    assert built.finished.code == 0, built.finished.err
    assert "Traceback" not in built.finished.err
    check_conserved(built.output)


@pytest.mark.parametrize(("source", "name"), CASES)
def test_each_file_gives_its_records(built: Built, source: str, name: str) -> None:
    summary, bad = built.summaries()[source, name], EVERY[source][name]
    found = (summary["kept"], summary["errors"], summary["dropped"])
    if summary["files"] == 1:
        assert found == (bad.kept, bad.errors, bad.dropped)
        assert summary["records"] == bad.kept + bad.errors + sum(bad.dropped.values())
    else:  # files without a byte share a part with their neighbor
        assert summary["errors"] + summary["kept"] >= bad.kept + bad.errors


def test_each_error_says_where_and_what(built: Built) -> None:
    """No file lacks its errors' lines: a path below its source, a position, one short message."""
    lines = [
        json.loads(line)
        for path in (built.output / "documents").glob("errors-*.jsonl")
        for line in path.read_text().splitlines()
    ]
    assert len(lines) == sum(bad.errors for files in EVERY.values() for bad in files.values())
    for line in lines:
        assert line["path"] in {name for files in EVERY.values() for name in files}
        assert line["position"] >= 0
        assert 0 < len(line["message"]) <= MAX_ERROR_CHARACTERS
        assert "\n" not in line["message"]


def test_no_text_has_a_character_that_files_cannot_hold(built: Built) -> None:
    texts = [
        text
        for path in (built.output / "documents").glob("part-*.parquet")
        for text in pq.read_table(path, columns=["text"])["text"].to_pylist()
    ]
    assert len(texts) == sum(bad.kept for files in EVERY.values() for bad in files.values())
    assert all(text.strip() and "\0" not in text for text in texts)
    assert max(len(text.encode()) for text in texts) > 5_000_000
