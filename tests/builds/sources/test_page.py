"""The page on recipes: its rule, its transform and its source run as they are printed."""

import json
import re
from pathlib import Path

import pytest

from massivetext.config.recipe import filters_of, load_recipe
from tests.support.commands import model_path, prose, run

pytestmark = pytest.mark.xdist_group("own sources")
PAGE = (Path(__file__).parents[3] / "docs" / "recipe.md").read_text(encoding="utf-8")


def block(language: str) -> str:
    found = re.findall(rf"```{language}\n(.*?)```", PAGE, re.S)
    assert len(found) == 1
    return str(found[0])


def test_the_rule_and_the_transform_of_the_page(tmp_path: Path) -> None:
    (tmp_path / "my_rules.py").write_text(block("python"))
    text = f"""
{block("toml")}
[sources.web]
files = ["*"]
[language_model]
path = "{model_path()}"
[mixture]
web = 1.0
"""
    (tmp_path / "my.toml").write_text(text)
    signed = prose(2) + "\n-- \n" + "{" * 100
    rows = [{"text": prose(1)}, {"text": signed}, {"text": prose(3) + "{" * 100}]
    path = tmp_path / "pages.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)))
    words = ("--recipe", tmp_path / "my.toml", "--language-model", model_path())
    finished = run("filter", path, *words)
    assert finished.code == 0, finished.err
    assert [line["reason"] for line in finished.lines()] == [None, None, "too_many_braces"]
    assert finished.lines()[1]["measures"]["characters"] == len(prose(2))
    assert "my_rules.py:few_braces: 3 documents, " in finished.err


def test_the_source_of_the_page(tmp_path: Path) -> None:
    begin = PAGE.index("    [sources.forum]")
    end = PAGE.index("A name is a letter", begin)
    text = re.sub(r"^ {4}", "", PAGE[begin:end], flags=re.M)
    text += '[sources.web]\nfiles = ["web/*"]\n[language_model]\npath = "m"\n'
    (tmp_path / "my.toml").write_text(text)
    made = load_recipe(str(tmp_path / "my.toml"))
    rules = filters_of(made, "forum")
    assert (rules.quality.min_words, rules.quality.max_hash_ratio) == (20, None)
    assert rules.own == (str(tmp_path / "forum.py:judge"),)
    assert filters_of(made, "web").quality == filters_of(made, "web").quality.__class__()
    assert made.filters.quality_sources == ("web", "forum")
    assert made.filters.repetition_sources == ("web",)
    assert made.duplicates.sources == ("web", "books", "c4", "news", "forum")
    assert made.overlap.sources[-1] == "forum"


def test_the_language_of_the_page(tmp_path: Path) -> None:
    begin = PAGE.index("    [filters.language]")
    text = re.sub(r"^ {4}", "", PAGE[begin : PAGE.index("or, for one source", begin)], flags=re.M)
    text += '[sources.web]\nfiles = ["*"]\n[language_model]\npath = "m"\n[mixture]\nweb = 1.0\n'
    (tmp_path / "my.toml").write_text(text)
    made = load_recipe(str(tmp_path / "my.toml"))
    assert made.filters.language.stop_words == ("der", "die", "und")
    german = (
        "Der Fluss fließt seit alter Zeit durch das Tal, und die Leute nennen ihn den stillen"
        " Nachbarn. Am Morgen gehen die Kinder mit ihren Booten ans Ufer, am Abend kommen die"
        " Fischer und erzählen von der See. Wer hier geboren ist, der geht nicht gern fort; wer"
        " fremd ist, bleibt oft länger, als er wollte."
    )
    path = tmp_path / "seiten.jsonl"
    path.write_text(json.dumps({"text": german}) + "\n" + json.dumps({"text": prose(1)}))
    words = (
        "filter",
        path,
        "--set",
        "filters.language.language=de",
        "--language-model",
        model_path(),
    )
    finished = run(*words)
    assert finished.code == 0, finished.err
    assert [line["reason"] for line in finished.lines()] == [None, "language"]
    assert finished.lines()[0]["measures"]["stop_words"] == 8
