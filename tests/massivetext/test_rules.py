"""The rules' rows are what the documentation lists, and what the recipe checks."""

import ast
import math
from pathlib import Path

import pytest

from massivetext.config.recipe import load_recipe
from massivetext.errors import ConfigError
from massivetext.measures import Measures
from massivetext.paper import QualityRules, RepetitionRules
from massivetext.rules import ONE, Rule, rows

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs" / "recipe.md"
TABLES = {"filters.quality": QualityRules(), "filters.repetition": RepetitionRules()}
RULES = [(table, rule) for table, kind in TABLES.items() for rule, _ in rows(kind)]


def documented(table: str, rule: Rule) -> str:
    """The line of the documentation for a rule; where copies count, those that come later."""
    names = [Measures._fields[rule.part.later]]
    if rule.whole != ONE:
        names.append(Measures._fields[rule.whole])
    counted = " / ".join(f"`{name}`" for name in names)
    bound = f"{rule.side} {rule.default:,}"
    return f"| `{table}.{rule.key}` | `{rule.reason}` | {counted} | {bound} | {rule.place} |"


def test_the_documentation_lists_every_rule_in_order() -> None:
    lines = DOCS.read_text(encoding="utf-8").splitlines()
    listed = [
        line
        for line in lines
        if line.startswith(("| `filters.quality.m", "| `filters.repetition.m"))
    ]
    assert listed == [documented(table, rule) for table, rule in RULES]


@pytest.mark.parametrize(("table", "rule"), RULES, ids=[rule.key for _, rule in RULES])
def test_the_recipe_takes_a_bound_up_to_the_largest_and_no_further(table: str, rule: Rule) -> None:
    whole = isinstance(rule.default, int)
    largest = rule.largest if math.isfinite(rule.largest) else 10**9
    others = [r.key for t, r in RULES if (t, r.part, r.whole) == (table, rule.part, rule.whole)]
    off = tuple(f'{table}.{key}="off"' for key in others)  # a pair bounds each other
    for good in (0, largest):
        load_recipe("minimal.toml", (*off, f"{table}.{rule.key}={good}"))
    bad = [-1 if whole else -0.001]
    if math.isfinite(rule.largest):
        bad.append(rule.largest + 1 if whole else rule.largest + 0.001)
    for value in bad:
        with pytest.raises(ConfigError, match=rf"{table}\.{rule.key}: .* is not between 0 and"):
            load_recipe("minimal.toml", (*off, f"{table}.{rule.key}={value}"))


@pytest.mark.parametrize("path", sorted((ROOT / "filters").rglob("*.py")), ids=lambda p: p.name)
def test_no_name_is_put_together_from_strings(path: Path) -> None:
    """Reasons, counts and recipe keys are spelled where they are used, so a search finds them."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            made = node.func.id in ("getattr", "Reason")
            assert not (made and any(isinstance(a, ast.JoinedStr) for a in node.args)), node.lineno
        if isinstance(node, ast.Dict):
            assert not any(isinstance(key, ast.JoinedStr) for key in node.keys), node.lineno
