"""Thirty random recipes of thresholds on real pages: rejudged as built from the inputs."""

import gzip
import json
import random
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from massivetext.paper import QualityRules, RepetitionRules
from massivetext.rules import rows
from tests.support.commands import run, write_recipe
from tests.support.rebuilt import check_same

pytestmark = [pytest.mark.heavy, pytest.mark.timeout(1800)]
EVERY = 60  # of the sentences in 204 languages


@pytest.fixture(scope="module")
def built(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A recipe of pages, archives and texts of all languages, and its build."""
    folder = tmp_path_factory.mktemp("real")
    with gzip.open(real_data / "langid" / "flores200-dev-204langs.jsonl.gz", "rt") as file:
        (folder / "flores.jsonl").write_text("".join(list(file)[::EVERY]))
    with gzip.open(real_data / "c4" / "c4-train.sample-dev.json.gz", "rt") as file:
        pages = list(file)
    (folder / "c4.jsonl").write_text("".join(pages[:350]))
    (folder / "forum.jsonl").write_text("".join(pages[350:]))
    for name in (
        "langid/udhr2-dev.jsonl.gz",
        "web/commoncrawl-2016-50-excerpt.warc.wet.gz",
        "news/wikinews-gum-dev.jsonl",
    ):
        shutil.copy(real_data / name, folder)
    names = {"web": "c*", "forum": "[fu]*", "news": "w*"}
    recipe = write_recipe(folder / "recipe.toml", names, length=64)
    text = recipe.read_text().replace("[sources.forum]", '[sources.forum]\nlike = "web"')
    text = text.replace("size = 420", "size = 1200")  # the languages have many letters
    recipe.write_text(f"{text}\n[filters]\nmeasure_language_drops = true\n")
    build(recipe, folder / "done")
    return recipe, folder / "done"


def build(recipe: Path, output: Path, *words: str) -> None:
    finished = run("build", recipe, "--output", output, *words)
    assert finished.code == 0, finished.err


def thresholds(seed: int) -> Iterator[str]:
    """Yields the values of a random recipe: some bounds looser, some tighter, some off."""
    draw = random.Random(seed)
    tables = {"filters.quality": QualityRules(), "filters.repetition": RepetitionRules()}
    for table, rules in tables.items():
        for rule, bound in rows(rules):
            if draw.random() < 0.3 and bound is not None:
                moved = min(bound * draw.choice([0.5, 0.8, 0.95, 1.05, 1.3, 2.0]), rule.largest)
                whole = isinstance(bound, int)
                value = draw.choice([round(moved) if whole else moved] * 3 + ["off"])
                yield f"{table}.{rule.key}={value}"
    least, unsure = draw.choice([0.05, 0.2, 0.5, 0.8, 0.95]), draw.choice([0.1, 0.3, 0.6, "off"])
    others = {
        "filters.language.min_probability": least,
        "filters.language.unsure_probability": unsure,
        "filters.quality_sources": draw.choice(["[]", ["web"], ["forum"]]),
        "sources.forum.rules.repetition": draw.choice(["on", "off"]),
        "sources.web.rules.quality": f"{{min_words = {draw.randrange(20, 200)}}}",
        "filters.duplicates": draw.choice(["later", "all"]),
    }
    yield from (f"{key}={value}" for key, value in others.items() if draw.random() < 0.35)


@pytest.mark.parametrize("seed", range(30))
def test_equal_to_a_full_build(built: tuple[Path, Path], tmp_path: Path, seed: int) -> None:
    """Document for document, shard for shard: bytes; and the report counts what then happens."""
    recipe, done = built
    words = [word for value in thresholds(seed) for word in ("--set", value)]
    new, full = tmp_path / "new", tmp_path / "full"
    finished = run("rejudge", done, *words, "--json", "--output", new, "--workers", 1)
    assert finished.code == 0, finished.err
    build(recipe, full, *words)
    check_same(new, full)
    told = {source["source"]: source for source in json.loads(finished.out)["sources"]}
    found = json.loads((full / "documents" / "manifest.json").read_text())["sources"]
    assert {name: source["kept_then"] for name, source in told.items()} == (
        {name: source["kept"] for name, source in found.items()}
    )
    assert any(source["changes"] for source in told.values())
    shutil.rmtree(new)
    shutil.rmtree(full)
