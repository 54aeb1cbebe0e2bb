"""A build made from a finished one by other thresholds: as if it had been built from the inputs."""

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from massivetext.storage.json_files import require_json, write_summed_json
from tests.support.commands import one_line, prose, run, stage, write_recipe
from tests.support.rebuilt import check_same, files

GERMAN = "Das Haus und der Garten sind sehr schön, und die Kinder spielen dort gern. "
# English and German by turns: the model is unsure, or thinks of English second.
MIXED = "The house of the river was quiet that morning, and the children have slept. "
RULES = """
def few_letters(document, measures):
    return "many_letters" if "letter" in document.text and measures.words % 3 == 0 else None
"""
heavy = pytest.mark.heavy
CHANGES = [
    (
        "filters.quality.min_words=30",
        "filters.quality.max_hash_ratio=0.05",
        "sources.forum.rules.quality.min_words=70",
    ),
    ("filters.language.min_probability=0.2", "filters.quality.min_words=40"),
    pytest.param(
        ("filters.quality.min_words=90", "filters.repetition.max_top_2_gram_fraction=0.12"),
        marks=heavy,
    ),
    pytest.param(("filters.quality.max_hash_ratio=off", "filters.duplicates=all"), marks=heavy),
    pytest.param(
        ("filters.quality_sources=['forum']", "sources.web.rules.repetition=off"), marks=heavy
    ),
    pytest.param(
        ("filters.language.min_probability=0.985", "filters.language.unsure_probability=0.3"),
        marks=heavy,
    ),
    pytest.param(
        ("filters.language.unsure_probability=off", "filters.quality.min_words=20"), marks=heavy
    ),
    pytest.param(("sources.forum.rules.language={min_probability=0.1}",), marks=heavy),
]


def texts(first: int) -> Iterator[str]:
    """Yields pages of all lengths, with hashes, in two languages and between them."""
    yield from (prose(n, sentences=1 + n % 9) for n in range(first, first + 30))
    yield from (prose(n) + "#tag " * (n % 40) for n in range(first, first + 15))
    for count in range(1, 8):
        yield (GERMAN * (8 - count) + MIXED * count) * 2 + f" {first + count}"
        yield GERMAN * count + f" {first + count}"
    yield " "


def write_inputs(folder: Path) -> None:
    for number, name in enumerate(("b", "a", "forum")):
        lines = [
            json.dumps({"text": text, "url": f"https://{name}.example/{n}"})
            for n, text in enumerate(texts(100 * number))
        ]
        lines.insert(7, "{not json")
        (folder / f"{name}.jsonl").write_text("\n".join(lines) + "\n")
    (folder / "own.py").write_text(RULES)


def corpus(folder: Path, *filters: str) -> Path:
    """Writes inputs and a recipe of a source of two parts and one of its own kind."""
    folder.mkdir(exist_ok=True)
    write_inputs(folder)
    path = write_recipe(folder / "recipe.toml", {"web": "[ab].jsonl", "forum": "forum.jsonl"})
    text = path.read_text().replace("[sources.forum]", '[sources.forum]\nlike = "web"')
    text = text.replace("[vocabulary]", "\n".join(["[filters]", *filters, "", "[vocabulary]"]))
    path.write_text(text)
    return path


def build(recipe: Path, output: Path, *words: str) -> None:
    finished = run("build", recipe, "--output", output, *words)
    assert finished.code == 0, finished.err


def sets(changes: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(word for change in changes for word in ("--set", change))


def rejudge(done: Path, output: Path, changes: tuple[str, ...], *words: str) -> Any:
    more = ("--output", output, "--workers", 1, *words)
    return run("rejudge", done, *sets(changes), *more)


def explained(recipe: Path, output: Path, *words: str) -> list[str]:
    """Returns why each stage of a build would run."""
    told = run("build", recipe, "--output", output, *words, "--explain").out.decode()
    return [line.split(maxsplit=1)[1] for line in told.splitlines()]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A recipe that measures what the language drops, and its build."""
    recipe = corpus(tmp_path_factory.mktemp("whole"), "measure_language_drops = true")
    build(recipe, recipe.parent / "done")
    return recipe, recipe.parent / "done"


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A recipe with a rule of its own, that keeps the text of some dropped documents."""
    filters = ("keep_dropped_text = 0.5", 'own = ["own.py:few_letters"]')
    recipe = corpus(tmp_path_factory.mktemp("plain"), *filters)
    build(recipe, recipe.parent / "done")
    return recipe, recipe.parent / "done"


@pytest.mark.parametrize("changes", CHANGES)
def test_as_if_built_from_the_inputs(
    whole: tuple[Path, Path], tmp_path: Path, changes: tuple[str, ...]
) -> None:
    """Every byte; the inputs are away meanwhile, and what was built before stays as it was."""
    recipe, done = whole
    before = {path: path.read_bytes() for path in done.rglob("*") if path.is_file()}
    away = recipe.parent / "away"
    away.mkdir()
    for name in ("a", "b", "forum"):
        (recipe.parent / f"{name}.jsonl").rename(away / f"{name}.jsonl")
    try:
        finished = rejudge(done, tmp_path / "new", changes)
    finally:
        for path in away.iterdir():
            path.rename(recipe.parent / path.name)
        away.rmdir()
    assert finished.code == 0, finished.err
    assert {path: path.read_bytes() for path in done.rglob("*") if path.is_file()} == before
    build(recipe, tmp_path / "full", *sets(changes))
    check_same(tmp_path / "new", tmp_path / "full")
    assert explained(recipe, tmp_path / "new", *sets(changes)) == ["up to date"] * 6
    assert run("verify", tmp_path / "new").code == 0


def test_a_text_that_was_not_kept_is_counted_and_refused(
    plain: tuple[Path, Path], tmp_path: Path
) -> None:
    _, done = plain
    change = ("filters.quality.min_words=30",)
    told = run("rejudge", done, *sets(change))
    assert told.code == 0
    finished = rejudge(done, tmp_path / "new", change)
    assert finished.code == 2
    line = one_line(finished)
    lost = [row for row in dropped(done) if not row["text"] and comes_back(row, 30)]
    assert 0 < len(lost) < len([row for row in dropped(done) if comes_back(row, 30)])
    assert f"{len(lost):,} documents cannot be judged from what is stored: text not kept" in line
    assert line.partition("; ")[0].removeprefix("massivetext: ") in told.out.decode()
    assert "--only-tighter" in line
    assert not (tmp_path / "new").exists()


def dropped(output: Path) -> list[dict[str, Any]]:
    found = (output / "documents").glob("dropped-*.parquet")
    return [row for path in found for row in pq.read_table(path).to_pylist()]


def comes_back(row: dict[str, Any], least: int) -> bool:
    """Returns whether a document was dropped for its few words alone, and has enough now."""
    alone = row["reasons"] == ["word_count"]
    return alone and row["words"] >= least


@heavy
def test_only_tighter_takes_none_back(plain: tuple[Path, Path], tmp_path: Path) -> None:
    """Of each part that keeps less than the recipe, a later build makes what the recipe says."""
    recipe, done = plain
    changes = ("filters.quality.min_words=30", "filters.quality.max_hash_ratio=0.05")
    new, words = tmp_path / "new", sets(changes)
    finished = rejudge(done, new, changes, "--only-tighter")
    assert finished.code == 0, finished.err
    assert told_and_kept(done, tmp_path / "again", changes)
    ids = [kept_ids(output) for output in (done, new)]
    assert ids[1] < ids[0]
    sources = stage(new, "documents")["sources"]
    back = [row for row in dropped(done) if comes_back(row, 30)]
    assert sum(total["not_taken"] for total in sources.values()) == len(back)
    assert "rejudge --only-tighter" in finished.out.decode()
    assert rejudge(done, new, changes, "--only-tighter").code == 0
    assert stage(new, "documents")["redone_parts"] == 3  # it was up to date
    cause = "documents that `rejudge --only-tighter` left out"
    assert explained(recipe, new, *words)[0] == f"runs: 3 of 3 parts: 3 {cause}"
    build(recipe, new, *words)
    build(recipe, tmp_path / "full", *words)
    assert kept_ids(new) == kept_ids(tmp_path / "full") > ids[1]
    assert shards(new) == shards(tmp_path / "full")
    assert "not_taken" not in stage(new, "documents")["sources"]["web"]


def told_and_kept(done: Path, new: Path, changes: tuple[str, ...]) -> bool:
    """Builds, tighter alone; returns whether as many are kept as it told."""
    finished = rejudge(done, new, changes, "--only-tighter", "--json")
    assert finished.code == 0, finished.err
    told = json.loads(finished.out)["sources"]
    return sum(source["kept_then"] for source in told) == len(kept_ids(new))


def kept_ids(output: Path) -> set[str]:
    found = (output / "documents").glob("part-*.parquet")
    return {name for path in found for name in pq.read_table(path)["id"].to_pylist()}


def shards(output: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (output / "sequences").glob("*tfrecord*")}


def test_only_tighter_is_a_build_where_nothing_comes_back(
    plain: tuple[Path, Path], tmp_path: Path
) -> None:
    """Own rules gave their reasons, which stay; of dropped texts as many are kept as before."""
    recipe, done = plain
    changes = ("filters.quality.min_words=60", "filters.quality.max_hash_ratio=0.01")
    assert told_and_kept(done, tmp_path / "new", changes)
    assert explained(recipe, tmp_path / "new", *sets(changes)) == ["up to date"] * 6
    build(recipe, tmp_path / "full", *sets(changes))
    assert shards(tmp_path / "new") == shards(tmp_path / "full") != shards(done)
    wanted = sorted(map(str, dropped(tmp_path / "full")))
    assert sorted(map(str, dropped(tmp_path / "new"))) == wanted
    assert any("many_letters" in row["reasons"] for row in dropped(done))


@heavy
def test_language_drops_without_measures_are_not_decided(
    plain: tuple[Path, Path], tmp_path: Path
) -> None:
    """What a lower probability may bring back was not measured; of some not even that is known."""
    recipe, done = plain
    for least, cause in ((0.1, "language scores not stored"), (0.0, "not measured")):
        change = (f"filters.language.min_probability={least}",)
        told = json.loads(run("rejudge", done, *sets(change), "--json").out)
        assert {cause for source in told["sources"] for cause in source["missing"]} == {cause}
        assert cause in one_line(rejudge(done, tmp_path / "new", change))
    tighter = ("filters.language.min_probability=0.985", "filters.language.unsure_probability=off")
    finished = rejudge(done, tmp_path / "new", tighter)
    assert finished.code == 0, finished.err
    build(recipe, tmp_path / "full", *sets(tighter))
    assert shards(tmp_path / "new") == shards(tmp_path / "full") != shards(done)


@heavy
def test_own_rules_are_not_asked_of_language_drops(tmp_path: Path) -> None:
    recipe = corpus(tmp_path, "measure_language_drops = true", 'own = ["own.py:few_letters"]')
    done = tmp_path / "done"
    build(recipe, done)
    change = ("filters.language.min_probability=0.1",)
    assert "own rules not asked" in one_line(rejudge(done, tmp_path / "new", change))
    assert rejudge(done, tmp_path / "new", change, "--only-tighter").code == 0
    (tmp_path / "own.py").write_text(RULES.replace("% 3", "% 2"))
    line = one_line(rejudge(done, tmp_path / "other", ("filters.quality.min_words=60",)))
    assert "own rules of" in line
    assert "not those that it was built with" in line


@heavy
def test_a_stopped_run_goes_on(whole: tuple[Path, Path], tmp_path: Path) -> None:
    _, done = whole
    changes, new = ("filters.quality.min_words=30",), tmp_path / "new"
    assert rejudge(done, new, changes).code == 0
    written = files(new)
    part = sorted((new / "documents").glob("part-*.json"))[0]
    for path in (part, new / "documents" / "manifest.json", new / "manifest.json"):
        path.unlink()
    shutil.rmtree(new / "sequences")
    finished = rejudge(done, new, changes)
    assert finished.code == 0, finished.err
    assert files(new) == written
    assert stage(new, "documents")["redone_parts"] == 1
    inode = (new / "documents" / "files.parquet").stat().st_ino
    assert rejudge(done, new, changes).code == 0
    assert (new / "documents" / "files.parquet").stat().st_ino == inode


def test_nothing_is_overwritten(whole: tuple[Path, Path], tmp_path: Path) -> None:
    """Neither the build that is judged, nor another recipe's, nor a file."""
    _, done = whole
    changes = ("filters.quality.min_words=30",)
    before = {path: path.read_bytes() for path in done.rglob("*") if path.is_file()}
    (tmp_path / "link").symlink_to(done)
    for output in (done, f"{done}/", tmp_path / "link"):
        line = one_line(rejudge(done, output, changes, "--replace"))
        assert "is the build that is rejudged" in line
    assert {path: path.read_bytes() for path in done.rglob("*") if path.is_file()} == before
    (tmp_path / "file").write_text("mine")
    assert "is a file" in one_line(rejudge(done, tmp_path / "file", changes))


@heavy
def test_another_finished_build_stays(whole: tuple[Path, Path], tmp_path: Path) -> None:
    _, done = whole
    assert rejudge(done, tmp_path / "new", ("filters.quality.min_words=30",)).code == 0
    other = ("filters.quality.min_words=40",)
    assert "holds a finished build of another recipe" in one_line(
        rejudge(done, tmp_path / "new", other)
    )
    assert rejudge(done, tmp_path / "new", other, "--replace").code == 0


def test_other_inputs_of_the_command_are_one_line(whole: tuple[Path, Path], tmp_path: Path) -> None:
    _, done = whole
    for words in (("--only-tighter",), ("--replace",), ("--runner=x",), ("--workers", "0")):
        finished = run("rejudge", done, "--set", "filters.quality.min_words=30", *words)
        assert finished.code == 2, words
    for change in (
        "filters.quality_sources=['blog']",
        "sources.forum.rules.language={language='de'}",
        "sources.forum.rules.language=off",
        "filters.language.stop_words=['of', 'and']",
        "filters.measure_language_drops=false",
        "filters.keep_dropped_text=none",
    ):
        finished = rejudge(done, tmp_path / "new", (change,))
        assert finished.code == 2, change
        one_line(finished)
        assert not (tmp_path / "new").exists()


@heavy
def test_a_build_of_before_or_with_documents_taken_out(
    whole: tuple[Path, Path], tmp_path: Path
) -> None:
    done = tmp_path / "done"
    shutil.copytree(whole[1], done)
    changes = ("filters.quality.min_words=30",)
    hosts = tmp_path / "hosts.txt"
    hosts.write_text("a.example\n")
    assert run("take-out", done, "--hosts", hosts).code == 0
    line = one_line(rejudge(done, tmp_path / "new", changes))
    assert "documents were taken out" in line
    shutil.rmtree(done)
    shutil.copytree(whole[1], done)
    for path in (done / "documents" / "manifest.json", done / "manifest.json"):
        manifest = require_json(str(path))
        found = manifest["stages"]["documents"] if path.parent == done else manifest
        found["key"] = "0" * 64
        write_summed_json(str(path), manifest)
    line = one_line(rejudge(done, tmp_path / "new", changes))
    assert "made by another version" in line


def test_a_damaged_file_is_told(whole: tuple[Path, Path], tmp_path: Path) -> None:
    done = tmp_path / "done"
    shutil.copytree(whole[1], done)
    path = max((done / "documents").glob("part-*.parquet"), key=lambda p: p.stat().st_size)
    data = bytearray(path.read_bytes())
    data[len(data) // 3] ^= 0xFF
    path.write_bytes(data)
    finished = rejudge(done, tmp_path / "new", ("filters.quality.min_words=30",))
    assert finished.code != 0
    assert path.name in one_line(finished)
    assert not (tmp_path / "new" / "manifest.json").exists()


@heavy
def test_every_command_of_the_pages_runs(
    whole: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "out").mkdir()
    for name in ("mine", "sample"):
        (tmp_path / "out" / name).symlink_to(whole[1])
    root = Path(__file__).parents[2]
    text = "".join((root / page).read_text() for page in ("README.md", "docs/recipe.md"))
    found = re.findall(r"^    massivetext (rejudge .+?)(?:  +#.*)?$", text, re.MULTILINE)
    assert len(found) == 3
    for line in found:
        finished = run(*line.split(), *(("--workers", 1) if "--output" in line else ()))
        assert finished.code == 0, finished.err
        assert b"Documents kept by stage 1" in finished.out
