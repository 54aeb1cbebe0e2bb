"""Every bad input through the whole build: good records around it survive, nothing is lost."""

import json
import os
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from massivetext.config.recipe import load_recipe
from massivetext.limits import MAX_ERROR_CHARACTERS
from massivetext.pipelines.folder.inputs import input_files, plan
from tests.commands.bad_input_files import EVERY
from tests.support.commands import check_conserved, json_lines, one_line, run, write_recipe

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


BAD_NAME = os.fsdecode(b"bad\xff.jsonl")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Returns a folder with a file whose name is no UTF-8."""
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / BAD_NAME).write_bytes(json_lines(1))
    return tmp_path / "in"


@pytest.mark.parametrize("files", ["*.jsonl", "**/*", "bad*", "./"])
def test_a_name_that_is_not_utf_8_is_one_line(tmp_path: Path, folder: Path, files: str) -> None:
    recipe = write_recipe(folder / "recipe.toml", {"web": files})
    for words in (("build", recipe, "--output", tmp_path / "out"), ("plan", recipe)):
        finished = run(*words)
        assert finished.code == 2
        assert "bad\\udcff.jsonl' is not UTF-8: rename it" in one_line(finished)
    assert not (tmp_path / "out").exists()


def test_a_name_that_is_not_utf_8_costs_nothing_where_no_glob_means_it(
    tmp_path: Path, folder: Path
) -> None:
    recipe = write_recipe(folder / "recipe.toml", {"web": "good*.jsonl"})
    (recipe.parent / "good.jsonl").write_bytes(json_lines(1))
    assert run("documents", recipe, "--output", tmp_path / "out").code == 0


@pytest.mark.parametrize("command", ["extract", "filter", "dedup", "explain", "show", "card"])
def test_a_word_that_is_not_utf_8_is_one_line(tmp_path: Path, command: str) -> None:
    path = tmp_path / BAD_NAME
    path.write_bytes(json_lines(1))
    finished = run(command, path)
    assert finished.code == 2
    assert "is not UTF-8, which names must be: rename it" in one_line(finished)


def test_filter_fails_where_it_can_read_nothing(tmp_path: Path) -> None:
    path, out = tmp_path / "a.jsonl", tmp_path / "out.jsonl"
    path.write_bytes(b'{"body": "x"}\n' * 3)
    finished = run("filter", path, "-o", out)
    assert finished.code == 2
    assert finished.err.splitlines()[-1].startswith(
        "massivetext: none of 3 records can be read; the first: a.jsonl at 0: no key 'text'"
    )
    assert len(out.read_bytes().splitlines()) == 3


@pytest.mark.parametrize("command", ["extract", "filter", "dedup"])
def test_no_command_writes_json_lines_under_another_formats_name(
    tmp_path: Path, command: str
) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(json_lines(1))
    finished = run(command, path, "-o", tmp_path / "out.parquet")
    assert finished.code == 2
    assert "name it .jsonl, .jsonl.gz or .jsonl.zst" in one_line(finished)
    assert not (tmp_path / "out.parquet").exists()


def test_a_recipe_may_begin_with_a_byte_order_mark(tmp_path: Path) -> None:
    recipe = write_recipe(tmp_path / "recipe.toml", {"web": "*.jsonl"})
    recipe.write_bytes(b"\xef\xbb\xbf" + recipe.read_bytes())
    assert load_recipe(str(recipe)).sources["web"].files == ("*.jsonl",)
