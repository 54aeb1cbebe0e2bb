"""What lies in the output already: files of nobody's build are never touched."""

from pathlib import Path

import pytest

from tests.support.commands import json_lines, one_line, run, write_recipe


@pytest.fixture
def recipe(tmp_path: Path) -> Path:
    (tmp_path / "in").mkdir()
    (tmp_path / "in/a.jsonl").write_bytes(json_lines(*range(40)))
    return write_recipe(tmp_path / "recipe.toml", {"c4": "in/*"}, length=64, tokens='"max"')


FOREIGN = [
    "documents/part-00001.parquet",
    "documents/part-0123456789abcdef.json",
    "tokens/part-00000.tokens",
    "overlap-matches/manifest.json",
    "sequences/features.json",
    "sequences/massivetext-train.tfrecord-00000-of-00001",
    "manifest.json",
    "inputs.json",
    "report/index.html",
]


@pytest.mark.parametrize("name", FOREIGN)
@pytest.mark.parametrize("more", [(), ("--replace",)])
def test_files_that_no_build_wrote_are_not_written_over(
    recipe: Path, tmp_path: Path, name: str, more: tuple[str, ...]
) -> None:
    path = tmp_path / "out" / name
    path.parent.mkdir(parents=True)
    path.write_text('{"name": "app"}')
    finished = run("build", recipe, "--output", tmp_path / "out", *more)
    assert finished.code == 2
    assert one_line(finished) == (
        f"massivetext: {path}: a file that no build wrote, and this one would delete or write"
        " over; name another --output"
    )
    assert path.read_text() == '{"name": "app"}'
    assert [p for p in (tmp_path / "out").rglob("*") if p.is_file()] == [path]


def test_files_of_other_names_are_no_matter(recipe: Path, tmp_path: Path) -> None:
    for name in ("README.md", "documents/notes.txt", "mine/part-00001.parquet", "tokens/a.json"):
        path = tmp_path / "out" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("mine")
    assert run("documents", recipe, "--output", tmp_path / "out").code == 0
    assert (tmp_path / "out/tokens/a.json").read_text() == "mine"


@pytest.mark.parametrize("lost", [("run.lock",), ("run.lock", "manifest.json", "inputs.json")])
def test_a_build_is_known_by_any_of_its_records(
    recipe: Path, tmp_path: Path, lost: tuple[str, ...]
) -> None:
    assert run("documents", recipe, "--output", tmp_path / "out").code == 0
    for name in lost:
        (tmp_path / "out" / name).unlink()
    assert run("documents", recipe, "--output", tmp_path / "out").code == 0


@pytest.mark.parametrize("files", ["*", "*.json*", "**", "./"])
def test_a_build_into_its_inputs_would_read_itself(
    recipe: Path, tmp_path: Path, files: str
) -> None:
    write_recipe(recipe, {"c4": f"in/{files}"}, length=64)
    finished = run("build", recipe, "--output", tmp_path / "in")
    assert finished.code == 2
    assert "choose another --output, or narrow it" in one_line(finished)
    assert [p.name for p in (tmp_path / "in").iterdir()] == ["a.jsonl"]


def test_explain_tells_of_a_refusal(recipe: Path, tmp_path: Path) -> None:
    assert run("build", recipe, "--output", tmp_path / "out").code == 0
    words = ("build", recipe, "--output", tmp_path / "out", "--set", "seed=7")
    assert run(*words).code == 2
    last = run(*words, "--explain").err.splitlines()[-1]
    assert last == "refused: a finished build of another recipe is there (seed 0 -> 7)"
    assert "refused" not in run(*words, "--explain", "--replace").err


def test_a_source_without_weight_is_told(recipe: Path, tmp_path: Path) -> None:
    write_recipe(recipe, {"c4": "in/*", "news": "in/*"}, length=64, tokens='"max"')
    words = ("--set", "mixture={c4=1.0}", "--output", tmp_path / "out")
    told = run("build", recipe, *words).out.decode()
    assert "news: no shard holds its" in told
    assert "the mixture gives it no weight" in told
    assert "c4: no shard" not in told


@pytest.mark.parametrize(("epochs", "code"), [("1", 0), ('"off"', 0), ("2", 0), ("0.99", 2)])
def test_once_is_one_epoch(recipe: Path, tmp_path: Path, epochs: str, code: int) -> None:
    words = ("--set", 'sequences.packing="once"', "--set", f"sequences.max_epochs={epochs}")
    finished = run("build", recipe, *words, "--output", tmp_path / "out")
    assert finished.code == code
    assert code == 0 or '"once" reads every token once' in one_line(finished)
