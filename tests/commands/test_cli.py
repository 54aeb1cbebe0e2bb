"""The command line as its users meet it: help and mistakes."""

import subprocess
import sys
from pathlib import Path

import pytest

from massivetext.cli.main import commands
from tests.support.commands import json_lines, one_line, run, write_recipe

pytestmark = pytest.mark.xdist_group("cli")


@pytest.mark.parametrize("name", commands())
def test_every_command_helps_with_an_example(name: str) -> None:
    finished = run(name, "--help")
    assert finished.code == 0
    text = " ".join(finished.out.decode().split())
    assert text.startswith(f"usage: massivetext {name}")
    assert f"example: massivetext {name} " in text


def test_the_command_alone_shows_what_there_is() -> None:
    finished = run()
    assert (finished.code, finished.out) == (2, b"")
    assert all(name in finished.err for name in commands())
    shown = run("--help")
    assert shown.code == 0
    assert all(name in shown.out.decode() for name in commands())
    assert run("--version").out.strip()


def test_an_unknown_command_names_the_nearest() -> None:
    finished = run("biuld")
    assert finished.code == 2
    assert one_line(finished) == "massivetext: no command biuld; did you mean build?"


@pytest.fixture
def recipe(tmp_path: Path) -> Path:
    (tmp_path / "a.jsonl").write_bytes(json_lines(1, 2, 3))
    return write_recipe(tmp_path / "recipe.toml", {"c4": "a.jsonl"})


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("seed", "--set seed: expected KEY=VALUE"),
        ("sead=1", "sead: unknown key; did you mean 'seed'?"),
        ("seed=x", "seed: expected int, got 'x'"),
        ("sequences.lenght=8", "sequences.lenght: unknown key; did you mean 'length'?"),
        ("sequences.length=0", "sequences.length: 0 is not between 1 and"),
        ("sequences.tokens=31", "sequences.tokens: 31 is less than one sequence of 32"),
        ("sequences.shards=0", "sequences.shards: 0 is not between"),
        (
            "filters.quality.min_words=-5",
            "filters.quality.min_words: -5 is not between 0 and 100000",
        ),
        (
            "filters.repetition.max_top_2_gram_fraction=1.5",
            "filters.repetition.max_top_2_gram_fraction: 1.5 is not between 0 and 1",
        ),
        ("sequences.default_max_passes=-1", "sequences.default_max_passes: -1.0 is not between"),
        ("sequences.default_max_passes=inf", "sequences.default_max_passes: inf is no finite"),
        ("sequences.max_passes.weeb=2", "sequences.max_passes: 'weeb' is not one of web, books"),
        ("mixture={c4=0.9}", "mixture: weights sum to 0.9, not to 1"),
        ("mixture={c4=nan}", "mixture.c4: nan is no finite number"),
        ("mixture={c4=0.5, web=0.5}", "mixture.web: there are no files of it; add sources.web"),
        ("vocabulary.sample_bytes=0", "vocabulary.sample_bytes: 0 is not between 1 and"),
        ("duplicates.max_jaccard=1.1", "duplicates.max_jaccard: 1.1 is not between 0 and 1"),
        ("filters.language.min_probability=7", "filters.language.min_probability: 7.0 is not"),
        ("filters.quality_sources=['wb']", "filters.quality_sources: 'wb' is not one of"),
        ("sources.c4.files=['nope-*']", "sources.c4.files: no file matches '"),
        ("sources.c4.files=['nope.jsonl']", "sources.c4.files: no file matches '"),
        ("sources.c4.files=[]", "sources.c4.files: names no file"),
        ("sources.c4.files=['recipe.toml']", "the name tells no format"),
        ("root=${NO_SUCH_VARIABLE}", "the environment variable NO_SUCH_VARIABLE is not set"),
        ("language_model.path=nope", "language_model.path: no file nope"),
        ("language_model.sha256=00", "language_model.sha256: "),
        ("filters.safety.domain_lists=['nope']", "filters.safety.domain_lists: no file matches"),
        ("overlap.titles=['nope']", "overlap.titles"),
    ],
)
def test_a_wrong_recipe_costs_one_line_before_anything_runs(
    recipe: Path, change: str, message: str
) -> None:
    output = recipe.parent / "out"
    finished = run("build", recipe, "--output", output, "--set", change)
    assert finished.code == 2
    assert message in one_line(finished)
    assert not output.exists()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"seed = [", "not TOML"),
        (b"\xff\xfe", "not TOML: no UTF-8 text"),
        (b"seed = 1", "sources: missing"),
        (None, "no recipe"),
    ],
)
def test_a_file_that_is_no_recipe(tmp_path: Path, content: bytes | None, message: str) -> None:
    path = tmp_path / "recipe.toml"
    if content is not None:
        path.write_bytes(content)
    finished = run("build", path, "--output", tmp_path / "out")
    assert finished.code == 2
    assert message in one_line(finished)


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (("--output", ""), 2, "--output: '' names no folder"),
        (("--output", "gs://"), 2, "--output: 'gs://' names no folder"),
        (("--output", "nope://a/b"), 2, "--output: no file system for nope://"),
        (("--output", "{here}/a.jsonl"), 2, "a.jsonl is a file, not a folder"),
        (("--output", "{here}/a.jsonl/x"), 1, "a.jsonl/x/manifest.json: Not a directory"),
        (("--output", "{here}/o", "--exlain"), 2, "--exlain: neither our flag nor Beam's; did"),
        (("--output", "{here}/o", "--runner=No"), 2, "--runner=No: Beam has no such runner here"),
    ],
)
def test_wrong_flags_cost_one_line(
    recipe: Path, words: tuple[str, ...], code: int, message: str
) -> None:
    finished = run("build", recipe, *(word.format(here=recipe.parent) for word in words))
    assert finished.code == code
    assert message in one_line(finished)


@pytest.mark.parametrize("workers", ["0", "-1", "x"])
def test_a_wrong_number_of_workers(recipe: Path, workers: str) -> None:
    finished = run("build", recipe, "--output", "o", "--workers", workers)
    assert finished.code == 2
    assert "not a number of processes" in finished.err or "expected one argument" in finished.err


def test_a_wrong_language_model_is_said_in_one_line(recipe: Path) -> None:
    words = ("--output", recipe.parent / "out", "--set", f'language_model.path="{recipe}"')
    finished = run("build", recipe, *words)
    assert finished.code == 2
    assert "is not a fastText model" in one_line(finished)


def test_a_vocabulary_that_the_sample_cannot_fill(recipe: Path) -> None:
    words = ("--output", recipe.parent / "out", "--set", "vocabulary.size=60_000")
    finished = run("build", recipe, *words)
    assert finished.code == 2
    assert "vocabulary.size: 60,000 ids; the sample supports at most" in one_line(finished)


# ------------------------------------------------------------------------- single-file commands


def test_a_command_on_files_starts_without_what_it_does_not_need(tmp_path: Path) -> None:
    rows = tmp_path / "rows.jsonl"
    rows.write_text('{"id": "a", "text": "the same"}\n{"id": "b", "text": "the same"}\n')
    script = (
        "import sys; from massivetext.cli.main import main; main(sys.argv[1:]);"
        " print(*(name for name in sys.modules), file=sys.stderr)"
    )
    command = [sys.executable, "-c", script, "dedup", str(rows)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    imported = set(done.stderr.splitlines()[-1].split())
    assert {"numpy", "massivetext.dedup.in_memory"} <= imported
    assert not imported & {"multiprocessing", "tempfile", "pyarrow", "apache_beam"}
    assert not any(name.startswith("massivetext.pipelines") for name in imported)
