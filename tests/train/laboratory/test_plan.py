"""Plans: what they may ask, and what is refused before anything is built."""

from pathlib import Path

import pytest

from massivetext.errors import ConfigError
from massivetext.train.laboratory.ablate import ablate
from massivetext.train.laboratory.models import SCORES, read_scores
from massivetext.train.laboratory.plan import questions_of, read_plan

PLAN = """
recipe = "sample.toml"
set = ["vocabulary.size=400"]
[recipes.paper]
[recipes.carry]
set = ['sequences.packing="carry"']
"""


def write(folder: Path, text: str) -> str:
    path = folder / "plan.toml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_a_plan_is_read_and_asks_each_recipe_against_the_first(tmp_path: Path) -> None:
    plan = read_plan(write(tmp_path, PLAN))
    assert list(plan.recipes) == ["paper", "carry"]
    assert plan.recipes["carry"].set == ('sequences.packing="carry"',)
    assert plan.seeds == (0, 1, 2)
    assert [q.of for q in questions_of(plan)] == [("paper", "carry")]
    asked = PLAN + '[[questions]]\nask = "which?"\nof = ["carry", "paper"]\n'
    assert [q.ask for q in questions_of(read_plan(write(tmp_path, asked)))] == ["which?"]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ("[recipes.small]\nset = ['vocabulary.size=300']", "recipes.small sets .*one vocabulary"),
        ("[recipes.small]\nset = [' vocabulary.path=\"x\"']", "recipes.small sets"),
        ('[recipes."../x"]', "a name is letters"),
        ('[[questions]]\nask = ""\nof = ["paper", "other"]', "question 1: of must name two"),
        ('[[questions]]\nask = ""\nof = ["paper"]', "question 1: of must name two"),
        ("[recipes.a]\nsets = []", "unknown key"),
    ],
)
def test_plans_that_compare_nothing_are_refused(tmp_path: Path, change: str, why: str) -> None:
    with pytest.raises(ConfigError, match=rf"plan\.toml: .*{why}"):
        read_plan(write(tmp_path, PLAN + change))


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("seeds = [0]", "seeds must be two or more"),
        ("seeds = [1, 1]", "each once"),
        ("seeds = [-1, 1]", "not be negative"),
        ("steps = 0", "steps must be at least 1"),
        ("windows = 0", "windows must be at least 1"),
        ("max_overlap = 1.5", "max_overlap must be between 0 and 1"),
    ],
)
def test_numbers_out_of_range_are_refused(tmp_path: Path, line: str, why: str) -> None:
    with pytest.raises(ConfigError, match=why):
        read_plan(write(tmp_path, line + "\n" + PLAN))


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (
            "[recipes.odd]\nset = ['sequences.paking=\"carry\"']",
            "recipe odd: .*paking: unknown key",
        ),
        ('[recipes.odd]\nset = ["sequences.length=0"]', "recipe odd: .*sequences.length"),
    ],
)
def test_a_wrong_recipe_is_told_before_the_first_is_built(
    tmp_path: Path, change: str, why: str
) -> None:
    plan = read_plan(write(tmp_path, PLAN + change))
    with pytest.raises(ConfigError, match=why):
        ablate(plan, tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ('recipe = "none.toml"', "recipe paper: no recipe 'none.toml'"),
        ('held_out = ["none.txt"]', "held_out: none.txt is no file"),
        ("seeds = [0, 2147483648]", "run.seed must be between"),
        ('train_set = ["model.width=15"]', "model.width must be even"),
    ],
)
def test_a_wrong_setting_is_told_before_the_first_build(
    tmp_path: Path, line: str, why: str
) -> None:
    kept = [old for old in PLAN.splitlines() if old.partition("=")[0] != line.partition("=")[0]]
    plan = read_plan(write(tmp_path, "\n".join([line, *kept])))
    with pytest.raises(ConfigError, match=why):
        ablate(plan, tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("content", [b"", b'{"all": 1', b"[1]", b'{"all": "x"}', b'{"all": null}'])
def test_scores_that_are_not_whole_are_taken_again(tmp_path: Path, content: bytes) -> None:
    assert read_scores(tmp_path) is None
    (tmp_path / SCORES).write_bytes(content)
    assert read_scores(tmp_path) is None
    (tmp_path / SCORES).write_text('{"all": 1, "web": 2.5}')
    assert read_scores(tmp_path) == {"all": 1.0, "web": 2.5}


def test_one_recipe_is_no_experiment(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="two recipes or more"):
        read_plan(write(tmp_path, 'recipe = "sample.toml"\n[recipes.paper]\n'))
    with pytest.raises(ConfigError, match="not a plan that can be read"):
        read_plan(str(tmp_path / "missing.toml"))
