"""Builds that are changed, moved, or lose files: what changed is done again, and no more."""

import os
import shutil
from pathlib import Path

import pytest

from tests.faults.building import digests
from tests.support.commands import (
    check_conserved,
    json_lines,
    model_path,
    one_line,
    run,
    stage,
    stems,
)

pytestmark = pytest.mark.xdist_group("runs")
STAGES = ("documents", "duplicates", "overlap", "vocabulary", "tokens", "sequences")


@pytest.fixture
def copy(done: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(done, tmp_path / "copy"))


def explained(recipe: Path, output: Path, *words: str) -> set[str]:
    """Returns the stages that would run."""
    finished = run("build", recipe, "--output", output, "--explain", *words)
    assert finished.code == 0, finished.err
    lines = dict(line.split(None, 1) for line in finished.out.decode().splitlines())
    assert tuple(lines) == STAGES
    return {name for name, reason in lines.items() if reason != "up to date"}


@pytest.mark.parametrize(
    ("change", "first"),
    [
        ("seed=1", "documents"),
        ("filters.quality.min_words=40", "documents"),
        ("filters.language.min_probability=0.5", "documents"),
        ("duplicates.max_jaccard=0.7", "duplicates"),
        ("filters.safety.host_min_pages=4", "duplicates"),
        ("overlap.max_jaccard=0.7", "overlap"),
        ("sequences.validation_fraction=0.3", "overlap"),
        ("vocabulary.size=500", "vocabulary"),
        ("mixture={c4=0.25, news=0.75}", "vocabulary"),
        ("sequences.tokens=17_000", "tokens"),
        ("sequences.length=32", "tokens"),
        ("sequences.default_max_passes=99", "tokens"),
        ("sequences.shards=3", "sequences"),
        ('sequences.layout="by-source"', "sequences"),
        ("max_bad_fraction=0.5", ""),
    ],
)
def test_a_changed_value_reruns_the_stages_that_read_it(
    recipe: Path, done: Path, change: str, first: str
) -> None:
    expected = set(STAGES[STAGES.index(first) :]) if first else set()
    assert explained(recipe, done, "--set", change) == expected


def test_a_new_overlap_set_redoes_overlap_and_later_alone(
    recipe: Path, copy: Path, tmp_path: Path
) -> None:
    held = tmp_path / "held.jsonl"
    held.write_bytes(json_lines(3, 105))
    words = ("--set", f'overlap.sets=[{{name="held", path="{held}"}}]')
    assert explained(recipe, copy, *words) == {"overlap", "vocabulary", "tokens", "sequences"}
    before = {path: path.stat().st_mtime_ns for path in (copy / "documents").iterdir()}
    assert run("build", recipe, "--output", copy, "--replace", *words).code == 0
    assert {path: path.stat().st_mtime_ns for path in (copy / "documents").iterdir()} == before
    totals = stage(copy, "overlap")["sources"]
    assert {source: sum(t["dropped"].values()) for source, t in totals.items()} == {
        "c4": 1,
        "news": 1,
    }
    check_conserved(copy)
    check_lost_matches_come_back(recipe, copy, words)


def check_lost_matches_come_back(recipe: Path, output: Path, words: tuple[str, ...]) -> None:
    """Whatever a killed run left of the stage's two halves, the same command completes it."""
    folder = output / "overlap"
    lists = {path.name: path.read_bytes() for path in folder.glob("*part-*.parquet")}
    for lost in (
        ("../overlap-matches/manifest.json", "{0}.parquet"),
        ("{1}.json", "../overlap-matches/{1}.parquet"),
        ("{2}.json", "../overlap-matches/table-items.json"),
        (
            "{2}.json",
            "../overlap-matches/manifest.json",
            "../overlap-matches/table-common_8.npy",
        ),
    ):
        for name in ("manifest.json", *lost):
            (folder / name.format(*stems(output))).unlink()
        assert run("overlap", recipe, "--output", output, *words).code == 0
        assert {path.name: path.read_bytes() for path in folder.glob("*part-*.parquet")} == lists


def test_more_shards_rewrite_the_shards_alone(recipe: Path, copy: Path) -> None:
    kept = {
        path: path.stat().st_mtime_ns for name in STAGES[:-1] for path in (copy / name).iterdir()
    }
    words = ("--set", "sequences.shards=3", "--replace")
    assert run("build", recipe, "--output", copy, *words).code == 0
    assert all(path.stat().st_mtime_ns == written for path, written in kept.items())
    names = sorted(path.name for path in (copy / "sequences").glob("*train.tfrecord*"))
    assert names == [f"massivetext-train.tfrecord-{n:05d}-of-00003" for n in range(3)]


def test_a_changed_input_redoes_all(recipe: Path, copy: Path) -> None:
    path = recipe.parent / "c4" / "2.jsonl"
    before, times = path.read_bytes(), path.stat()
    try:
        path.write_bytes(before + json_lines(90))
        assert explained(recipe, copy) == set(STAGES)
    finally:
        path.write_bytes(before)
        os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert explained(recipe, copy) == set()


def test_a_moved_output_is_up_to_date(recipe: Path, copy: Path) -> None:
    moved = copy.rename(copy.with_name("moved"))
    assert explained(recipe, moved) == set()
    assert run("build", recipe, "--output", f"{moved}/").code == 0


@pytest.mark.parametrize(
    ("lost", "reruns"),
    [
        ("sequences/massivetext-train.tfrecord-00000-of-00002", "sequences"),
        ("sequences/train-00001.json", "sequences"),
        ("sequences/metadata.json", "sequences"),
        ("sequences/manifest.json", "sequences"),
        ("tokens/{4}.tokens", "tokens"),
        ("vocabulary/vocabulary.model", "vocabulary"),
        ("duplicates/{2}.parquet", "duplicates"),
        ("documents/{1}.parquet", "documents"),
        ("documents/dropped-{3}.parquet", "documents"),
    ],
)
def test_lost_files_come_back(recipe: Path, done: Path, copy: Path, lost: str, reruns: str) -> None:
    for path in (copy / lost.format(*stems(copy)), copy / reruns / "manifest.json"):
        path.unlink(missing_ok=True)
        assert explained(recipe, copy) == {reruns}
        assert run("build", recipe, "--output", copy).code == 0
        assert explained(recipe, copy) == set()
    assert digests(copy) == digests(done)
    assert names_of(copy) == names_of(done)


def names_of(output: Path) -> set[str]:
    """Returns all files of a build but the tables that a stage of overlap leaves."""
    paths = (path for path in output.rglob("*") if path.is_file())
    return {str(path.relative_to(output)) for path in paths if "table-" not in path.name}


def test_stages_one_by_one_are_the_build(recipe: Path, done: Path, tmp_path: Path) -> None:
    for number, name in enumerate(STAGES):
        if number < 5:
            message = one_line(run(STAGES[number + 1], recipe, "--output", tmp_path))
            assert message == (
                f"massivetext: {STAGES[number + 1]}: run stage {name} first (runs: nothing there)"
            )
        assert run(name, recipe, "--output", tmp_path).code == 0
    assert digests(tmp_path) == digests(done)


def test_too_few_tokens_say_what_it_would_take(recipe: Path, copy: Path) -> None:
    words = ("--set", "sequences.tokens=900_000", "--set", "sequences.default_max_passes=2.5")
    finished = run("build", recipe, "--output", copy, "--replace", *words)
    message = one_line(finished)
    assert finished.code == 1
    for part in (
        " passes for its ",
        "max_passes is 2.5",
        "Lower sequences.tokens",
        "sequences.max_passes.SOURCE",
    ):
        assert part in message
    wanted = max(float(word) for word in message.split() if word.replace(".", "", 1).isdigit())
    more = ("--set", "sequences.tokens=900_000", "--set", f"sequences.default_max_passes={wanted}")
    assert run("build", recipe, "--output", copy, *more).code == 0


def test_nothing_left_of_a_source_says_where_to_look(recipe: Path, copy: Path) -> None:
    words = ("--set", 'filters.language.language="de"', "--replace")
    finished = run("build", recipe, "--output", copy, *words)
    message = one_line(finished)
    assert finished.code == 1
    assert "nothing is left of c4, news" in message
    report = run("report", copy)
    assert report.code == 0
    assert b"language" in report.out


def test_too_many_bad_records_stop_the_build(recipe: Path, tmp_path: Path) -> None:
    (tmp_path / "bad.jsonl").write_bytes(json_lines(1, 2, 3) + b"bad\n")
    words = ("--set", f'sources.c4.files=["{tmp_path}/bad.jsonl"]', "--set", "max_bad_fraction=0.2")
    finished = run("documents", recipe, "--output", tmp_path / "out", *words)
    assert finished.code == 1
    assert "1 of 4 records of c4 cannot be read" in one_line(finished)
    assert "errors-" in one_line(finished)
    at = len(json_lines(1, 2, 3))
    assert f"the first is bad.jsonl at {at}: invalid JSON: " in one_line(finished)
    words = (*words[:3], "max_bad_fraction=0.25")
    assert run("documents", recipe, "--output", tmp_path / "out", *words).code == 0


def test_the_minimal_recipe_builds_a_folder_of_pages(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.jsonl").write_bytes(json_lines(*range(60)))
    settings = (f"root={tmp_path}/in", f"language_model.path={model_path()}", "vocabulary.size=420")
    settings += ("sequences.shards=90",)
    words = [word for setting in settings for word in ("--set", setting)]
    finished = run("build", "minimal.toml", "--output", tmp_path / "out", *words)
    assert finished.code == 0, finished.err
    assert stage(tmp_path / "out", "documents")["sources"]["web"]["kept"] == 60
    assert "lower sequences.shards" in finished.out.decode()
    assert "no validation sequences of web" in finished.out.decode()


def test_an_input_in_a_folder_of_the_build_is_refused(recipe: Path, tmp_path: Path) -> None:
    folder = tmp_path / "out" / "documents"
    folder.mkdir(parents=True)
    (folder / "part-00000.parquet").write_bytes(b"")
    (folder / "a.jsonl").write_bytes(json_lines(1))
    words = ("--set", f'sources.c4.files=["{folder}/*.jsonl"]')
    finished = run("build", recipe, "--output", tmp_path / "out", *words)
    assert finished.code == 2
    assert "an input in the folder that the documents stage writes" in one_line(finished)
    assert sorted(p.name for p in folder.iterdir()) == ["a.jsonl", "part-00000.parquet"]


@pytest.mark.parametrize("output", ["in", "in/out"])
def test_an_output_that_a_source_would_read_is_refused(
    recipe: Path, tmp_path: Path, output: str
) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in/a.jsonl").write_bytes(json_lines(1))
    words = ("--set", f'sources.c4.files=["{tmp_path}/in/**"]')
    finished = run("build", recipe, "--output", tmp_path / output, *words)
    assert finished.code == 2
    assert "means what the documents stage writes" in one_line(finished)
    assert [path.name for path in (tmp_path / "in").iterdir()] == ["a.jsonl"]
