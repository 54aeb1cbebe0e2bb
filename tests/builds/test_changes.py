"""Change one thing, redo one thing: what runs again, and that the output is that of a new build."""

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from massivetext.config.recipe import Vocabulary
from massivetext.tokenizer.vocabulary import train_vocabulary
from tests.support.commands import json_lines, one_line, prose, run, stage, write_recipe

STAGES = ("documents", "duplicates", "overlap", "vocabulary", "tokens", "sequences")
# What tells of a run and not of its output: times, and the versions of the inputs.
_OF_THE_RUN = ("manifest.json", "inputs.json", "run.lock", "index.html")


@pytest.fixture(scope="module")
def recipe(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A recipe of twenty files of one source and one of another, with a vocabulary and passes."""
    folder = tmp_path_factory.mktemp("changes")
    for source, files, first in (("c4", 20, 0), ("news", 1, 500)):
        (folder / source).mkdir()
        for number in range(files):
            start = first + 10 * number
            name = f"{chr(ord('b') + number)}.jsonl"
            (folder / source / name).write_bytes(json_lines(*range(start, start + 5)))
    model = train_vocabulary((prose(n) for n in range(900, 960)), Vocabulary(420))
    (folder / "vocabulary.model").write_bytes(model)
    path = write_recipe(
        folder / "recipe.toml", {"c4": "c4/*", "news": "news/*"}, length=64, packing='"once"'
    )
    given = f'[vocabulary]\npath = "{folder}/vocabulary.model"'
    path.write_text(path.read_text().replace("[vocabulary]", given))
    return path


@pytest.fixture(scope="module")
def done(recipe: Path) -> Path:
    """A finished build."""
    output = recipe.parent / "done"
    build(recipe, output)
    return output


@pytest.fixture
def copy(done: Path) -> Iterator[Path]:
    """A copy of the finished build."""
    output = done.with_name("copy")
    shutil.copytree(done, output)
    yield output
    shutil.rmtree(output)


def build(recipe: Path, output: Path, *words: str) -> None:
    finished = run("build", recipe, "--output", output, *words)
    assert finished.code == 0, finished.err


def explained(recipe: Path, output: Path, *words: str) -> dict[str, str]:
    """Returns why each stage would run, by stage, without those that are up to date."""
    finished = run("build", recipe, "--output", output, "--explain", *words)
    assert finished.code == 0, finished.err
    lines = finished.out.decode().splitlines()
    reasons = dict(line.split(maxsplit=1) for line in lines)
    return {name: reason for name, reason in reasons.items() if reason != "up to date"}


def contents(output: Path) -> dict[str, bytes]:
    """Returns the content of every file of a build that tells of its output."""
    return {
        str(path.relative_to(output)): path.read_bytes()
        for path in sorted(output.rglob("*"))
        if path.is_file() and path.name not in _OF_THE_RUN
    }


def check_as_new(recipe: Path, output: Path, *words: str) -> None:
    """Checks that a build has every byte of one from nothing."""
    new = output.with_name("new")
    try:
        build(recipe, new, *words)
        made, expected = contents(output), contents(new)
        assert made.keys() == expected.keys()
        assert not [name for name in made if made[name] != expected[name]]
    finally:
        shutil.rmtree(new)


@pytest.mark.parametrize(
    "name",
    [
        "e-more.jsonl",
        pytest.param("a.jsonl", marks=pytest.mark.heavy),  # and one less again
        pytest.param("z.jsonl", marks=pytest.mark.heavy),
    ],
)
def test_one_more_file_costs_itself(recipe: Path, copy: Path, name: str) -> None:
    before = {path: path.stat().st_mtime_ns for path in (copy / "documents").glob("part-*")}
    more = recipe.parent / "c4" / name
    more.write_bytes(json_lines(*range(305, 310)))
    try:
        reasons = explained(recipe, copy)
        assert reasons["documents"] == "runs: 1 of 22 parts: 1 new"
        build(recipe, copy)
        assert stage(copy, "documents")["redone_parts"] == 1
        assert stage(copy, "overlap")["redone_parts"] == 1
        assert stage(copy, "tokens")["redone_parts"] == 1  # with a vocabulary that is given
        assert all(path.stat().st_mtime_ns == written for path, written in before.items())
        assert explained(recipe, copy) == {}
        check_as_new(recipe, copy)
    finally:
        more.unlink()
    if name == "a.jsonl":
        build(recipe, copy)  # and one less
        assert stage(copy, "documents")["redone_parts"] == 0
        check_as_new(recipe, copy)


def test_a_copy_in_another_file_redoes_the_part_it_is_in(recipe: Path, copy: Path) -> None:
    """The drop list of one other part changes, and `--explain` names it."""
    more = recipe.parent / "c4" / "a.jsonl"
    texts = [prose(n) for n in range(50, 55)]  # those of one file
    more.write_bytes(b"".join(json.dumps({"text": text}).encode() + b"\n" for text in texts))
    try:
        for name in ("documents", "duplicates"):
            assert run(name, recipe, "--output", copy).code == 0
        reason = explained(recipe, copy)["overlap"]
        assert reason == "runs: 2 of 22 parts: 1 new, 1 with other duplicates"
        build(recipe, copy)
        assert stage(copy, "overlap")["redone_parts"] == 2
        check_as_new(recipe, copy)
    finally:
        more.unlink()


def test_a_touched_file_costs_nothing(recipe: Path, copy: Path) -> None:
    path = recipe.parent / "c4" / "d.jsonl"
    times = path.stat()
    try:
        os.utime(path, ns=(1, 1))
        assert explained(recipe, copy) == {}
        before = contents(copy)
        build(recipe, copy)
        assert contents(copy) == before
        record = json.loads((copy / "inputs.json").read_text())
        assert ["c4", "d.jsonl", path.stat().st_size, "1"] in record["files"]
    finally:
        os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))


def test_another_content_of_the_same_size_costs_its_part(recipe: Path, copy: Path) -> None:
    path = recipe.parent / "c4" / "d.jsonl"
    before, times = path.read_bytes(), path.stat()
    try:
        path.write_bytes(before.replace(b"winter", b"summer"))
        assert len(path.read_bytes()) == len(before)
        assert explained(recipe, copy)["documents"] == "runs: 1 of 21 parts: 1 with other content"
        build(recipe, copy)
        assert stage(copy, "documents")["redone_parts"] == 1
        check_as_new(recipe, copy)
    finally:
        path.write_bytes(before)
        os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))


@pytest.mark.parametrize(
    ("change", "first", "reason"),
    [
        ("filters.quality.min_words=30", "documents", "filters.quality.min_words 50 -> 30"),
        ("duplicates.max_jaccard=0.7", "duplicates", "duplicates.max_jaccard 0.8 -> 0.7"),
        ('overlap.rule="any"', "overlap", "overlap.rule strict -> any"),
        (
            "mixture={c4=0.6, news=0.4}",
            "vocabulary",
            "mixture.c4 0.5 -> 0.6, mixture.news 0.5 -> 0.4",
        ),
        ("vocabulary.sample_bytes=6", "vocabulary", "vocabulary.sample_bytes 60000 -> 6"),
        ("sequences.length=65", "tokens", "sequences.length 64 -> 65"),
        ("sequences.shards=3", "sequences", "sequences.shards 2 -> 3"),
        ("seed=1", "documents", "seed 0 -> 1"),
    ],
)
def test_the_key_that_changed_is_named(
    recipe: Path, done: Path, change: str, first: str, reason: str
) -> None:
    reasons = explained(recipe, done, "--set", change)
    assert list(reasons) == list(STAGES[STAGES.index(first) :])
    assert reason in reasons[first]


def test_a_finished_build_is_not_replaced_unasked(recipe: Path, copy: Path) -> None:
    before = contents(copy)
    for words, named in (
        (("--set", "filters.quality.min_words=30"), "filters.quality.min_words 50 -> 30"),
        (("--set", "mixture={c4=0.6, news=0.4}"), "mixture.c4 0.5 -> 0.6, mixture.news 0.5 -> 0.4"),
        (("--set", f"root={recipe.parent}/c4", "--set", 'sources.c4.files=["b*"]'), "sources.news"),
    ):
        for command in ("build", "tokens"):
            finished = run(command, recipe, "--output", copy, *words)
            assert finished.code == 2
            if named != "sources.news":
                assert f"holds a finished build of another recipe ({named})" in one_line(finished)
    assert contents(copy) == before
    words = ("--set", "sequences.shards=3")
    assert run("build", recipe, "--output", copy, *words, "--replace").code == 0
    assert run("build", recipe, "--output", copy, *words).code == 0
    assert run("build", recipe, "--output", copy).code == 2  # back again is another recipe too


def test_what_is_no_other_recipe(recipe: Path, copy: Path) -> None:
    """Other places of the same inputs, more inputs, and values that an older version had not."""
    manifest = json.loads((copy / "manifest.json").read_text())
    manifest["recipe"]["sequences"].pop("packing")
    manifest["recipe"]["gone"] = 1
    (copy / "manifest.json").write_text(json.dumps(manifest))
    files = f'sources.c4.files=["{recipe.parent}/c4/*.jsonl"]'
    for words in ((), ("--set", "max_bad_fraction=0.5"), ("--set", files)):
        build(recipe, copy, *words)
    assert "seed" in one_line(run("build", recipe, "--output", copy, "--set", "seed=1"))


def test_a_build_that_was_not_finished_is_replaced(recipe: Path, copy: Path) -> None:
    """A run with `--replace` that stopped continues without it, and so does the old recipe."""
    words = ("--set", "sequences.shards=3")
    assert run("documents", recipe, "--output", copy, *words, "--replace").code == 0
    assert run("build", recipe, "--output", copy, *words).code == 0


def test_a_build_until_a_stage_goes_on_later(recipe: Path, tmp_path: Path) -> None:
    """The stages after the last that is named are left; the whole build runs those alone."""
    output = tmp_path / "out"
    build(recipe, output, "--until", "overlap")
    assert [name for name in STAGES if (output / name).is_dir()] == list(STAGES[:3])
    before = (output / "overlap" / "manifest.json").stat().st_mtime_ns
    build(recipe, output)
    assert (output / "overlap" / "manifest.json").stat().st_mtime_ns == before
    assert (output / "sequences" / "manifest.json").is_file()


def test_an_unknown_last_stage(recipe: Path, tmp_path: Path) -> None:
    finished = run("build", recipe, "--output", tmp_path / "out", "--until", "overlaps")
    assert finished.code == 2
    assert "argument --until: invalid choice: 'overlaps'" in finished.err
    assert not (tmp_path / "out").exists()


def test_a_single_stage_has_no_last(recipe: Path, tmp_path: Path) -> None:
    finished = run("tokens", recipe, "--output", tmp_path / "out", "--until", "overlap")
    assert one_line(finished) == "massivetext: --until is for build; tokens runs that stage alone"
