"""Plans: what they may ask, and what is refused before anything is built."""

from pathlib import Path

import pytest

from massivetext.errors import ConfigError
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


def test_one_recipe_is_no_experiment(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="two recipes or more"):
        read_plan(write(tmp_path, 'recipe = "sample.toml"\n[recipes.paper]\n'))
    with pytest.raises(ConfigError, match="not a plan that can be read"):
        read_plan(str(tmp_path / "missing.toml"))
