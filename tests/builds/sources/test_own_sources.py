"""Sources of any name, with a rule and a transform of their own: from files to shards and back."""

import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from massivetext.train.data.dataset import open_dataset
from tests.support.commands import check_conserved, model_path, one_line, run, stage
from tests.support.outputs import documents
from tests.support.own_sources import RECIPE, RULES, build_own, forum_rows, write_inputs

pytestmark = pytest.mark.xdist_group("own sources")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A folder of inputs and a recipe, and the build of it on two workers."""
    folder = tmp_path_factory.mktemp("own")
    write_inputs(folder)
    output, finished = folder / "out", build_own(folder, RECIPE, RULES)
    assert finished.code == 0, finished.err
    skipped = "sources.forum: skipped deep/notes.md, since the name tells no format"
    assert finished.err.count(skipped) == 1
    check_conserved(output)
    return folder, output


def input_row(folder: Path, row: dict[str, Any]) -> dict[str, Any]:
    """The row of the input that a document's place names."""
    path = folder / row["source"] / row["file"]
    if path.suffix == ".parquet":
        found: dict[str, Any] = pq.read_table(path).slice(row["position"], 1).to_pylist()[0]
        return found
    with path.open("rb") as file:
        file.seek(row["position"])
        line: dict[str, Any] = json.loads(file.readline())
        return line


def test_every_row_joins_back_to_its_input(made: tuple[Path, Path]) -> None:
    folder, output = made
    joined: dict[str, set[str]] = {"web": set(), "forum": set(), "papers": set()}
    for row in documents(output, "*part-*.parquet"):
        found = input_row(folder, row)
        joined[row["source"]].add(f"{row['file']} {row['position']}")
        if row["source"] == "papers":
            assert (row["source_id"], row["text"]) == (found["doi"], found["content"]["body"])
            assert row["extra"] is None
        elif row["source"] == "forum":
            assert row["source_id"] == found["id"]
            assert row["text"] == found["text"].replace("SIGNATURE", "")
            assert row["url"] == found["metadata"]["url"]
            kept = {key: found[key] for key in ("metadata", "license") if key in found}
            assert json.loads(row["extra"]) == kept
        else:
            assert (row["source_id"], row["text"]) == (None, found["text"])
    assert {source: len(places) for source, places in joined.items()} == {
        "web": 40, "forum": 96, "papers": 60,
    }  # fmt: skip


def test_the_rules_of_ones_own_are_counted(made: tuple[Path, Path]) -> None:
    _, output = made
    forum = stage(output, "documents")["sources"]["forum"]
    assert (forum["records"], forum["kept"], forum["errors"]) == (100, 86, 4)
    assert forum["dropped"] == {"too_many_braces": 10}
    assert forum["own_calls"] == {"my_rules.py:clean": 100, "my_rules.py:judge": 100}
    assert {row["reasons"][0] for row in documents(output, "dropped-*.parquet")} == {
        "too_many_braces"
    }
    shown = run("report", output).out.decode()
    assert "too_many_braces" in shown
    assert "my_rules.py:judge" in shown


def test_a_document_that_makes_a_rule_raise_is_named(made: tuple[Path, Path]) -> None:
    folder, output = made
    errors = [
        json.loads(line)
        for file in sorted((output / "documents").glob("errors-*.jsonl"))
        for line in file.read_text().splitlines()
    ]
    assert len(errors) == 4
    for error in errors:
        found = input_row(folder, {"source": "forum", "file": error["path"]} | error)
        assert "raise" in found["text"]
        line = 1 + RULES.splitlines().index('        raise ValueError("no such thing")')
        said = f"my_rules.py:judge, line {line}: ValueError: no such thing (document "
        assert error["message"].startswith(said)


def test_shards_and_trainer_take_the_corpus_list(made: tuple[Path, Path]) -> None:
    _, output = made
    metadata = json.loads((output / "sequences" / "metadata.json").read_text())
    six = ["web", "books", "c4", "news", "github", "wikipedia"]
    assert metadata["sources"] == [*six, "forum", "papers"]
    written = stage(output, "sequences")["sequences"]["train"]
    total = sum(written.values())
    assert set(written) == {"web", "forum", "papers"}
    assert [round(written[s] / total, 1) for s in ("web", "forum", "papers")] == [0.4, 0.4, 0.2]
    data = open_dataset(str(output))
    assert set(data.train) == {"mixed"}
    assert set(data.validation) == {"web", "forum", "papers"}


def test_a_changed_rule_and_nothing_else_runs_stage_1_again(made: tuple[Path, Path]) -> None:
    folder, output = made
    words = ("build", folder / "recipe.toml", "--output", output, "--explain")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("HOME", str(folder))
        assert run(*words).out.decode().count("up to date") == 6
        path = folder / "my_rules.py"
        path.write_text(RULES.replace("100 *", "50 *"))
        assert run(*words).out.decode().startswith("documents   runs")
        path.write_text(RULES)
        assert run(*words).out.decode().count("up to date") == 6


MISTAKES = {
    "like": ('like = "web"', 'like = "wbe"', "sources.forum.like: 'wbe' is not one of web,"),
    "no like": ('like = "web"', "", "sources.forum.like: missing"),
    "name": ("sources.forum", "sources.Forum", "sources: 'Forum' is no name for a source"),
    "rule's key": ("min_words", "min_word", "sources.forum.rules.quality.min_word: unknown key"),
    "range": ("min_words = 20", "max_hash_ratio = -1", "quality.max_hash_ratio: -1"),
    "no file": ("my_rules.py:judge", "rules.py:judge", "a rule's file lies beside the recipe"),
    "no function": ("py:judge", "py:juge", "has no function 'juge'; it has judge, clean"),
    "no entry": ("my_rules.py:judge", "my_rules", "names no function; write FILE.py:FUNCTION"),
    "keep": ('"license"', '"licence"', "no row of forum has the key 'licence'"),
    "text key": ("content.body", "content.bod", "no column content.bod; the file has"),
    "keys of no rows": ('files = ["forum"]', 'files = ["forum"]\nformat = "warc"', "has no keys"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_mistakes_cost_one_line(made: tuple[Path, Path], tmp_path: Path, name: str) -> None:
    folder, _ = made
    old, new, message = MISTAKES[name]
    text = RECIPE.format(root=folder, model=model_path())
    assert old in text
    text = text.replace("~/papers", str(folder / "papers"))
    (tmp_path / "my_rules.py").write_text(RULES)
    (tmp_path / "recipe.toml").write_text(text.replace(old, new))
    finished = run("documents", tmp_path / "recipe.toml", "--output", tmp_path / "out")
    assert finished.code == (1 if name in ("keep", "text key") else 2)
    assert message in one_line(finished)


RETURNS = {
    "7": "my_rules.py:judge returned 7, which is no reason",
    '"stop_words"': "returned 'stop_words', which has a meaning already",
    '"Too many"': "returned 'Too many', which is no reason",
}


@pytest.mark.parametrize("value", RETURNS)
@pytest.mark.parametrize("workers", [1, 2])
def test_what_is_no_reason_costs_one_line(
    made: tuple[Path, Path], tmp_path: Path, value: str, workers: int
) -> None:
    folder, _ = made
    text = RECIPE.format(root=folder, model=model_path())
    (tmp_path / "recipe.toml").write_text(text.replace("~/papers", str(folder / "papers")))
    (tmp_path / "my_rules.py").write_text(RULES.replace('"too_many_braces"', value))
    words = ("documents", tmp_path / "recipe.toml", "--output", tmp_path / "out")
    finished = run(*words, "--workers", workers)
    assert finished.code == 2
    assert RETURNS[value] in one_line(finished)


def test_filter_and_explain_take_the_recipes_own_rules(
    made: tuple[Path, Path], tmp_path: Path
) -> None:
    folder, _ = made
    words = (
        "--recipe",
        folder / "recipe.toml",
        "--source",
        "forum",
        "--language-model",
        model_path(),
    )
    finished = run("filter", folder / "forum" / "a.jsonl", *words)
    assert finished.code == 0, finished.err
    reasons = [line["reason"] for line in finished.lines()]
    assert reasons.count("too_many_braces") == 5
    assert reasons.count("broken") == 2
    assert "my_rules.py:judge: 50 documents, " in finished.err
    (tmp_path / "one.jsonl").write_text(json.dumps(forum_rows(3, 1)[0]))
    shown = run("explain", tmp_path / "one.jsonl", *words)
    assert "verdict   DROP: too_many_braces" in shown.out.decode()
    assert "my_rules.py:judge" in shown.out.decode()
    strange = run("filter", folder / "forum" / "a.jsonl", "--source", "forun")
    assert "--source: 'forun' is not one of web, books" in one_line(strange)


def test_sequences_of_own_sources_are_derived_anew(made: tuple[Path, Path]) -> None:
    folder, output = made
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("HOME", str(folder))
        finished = run("verify", output, "--rederive", "40")
    assert finished.code == 0, finished.err
    assert "sequences derived anew are equal" in finished.out.decode() + finished.err


def test_rejudging_into_the_inputs_is_refused(made: tuple[Path, Path]) -> None:
    folder, output = made
    words = ("--set", "filters.quality.min_words=30", "--output", folder / "forum/new")
    finished = run("rejudge", output, *words)
    assert finished.code == 2
    assert "sources.forum.files: 'forum' means what the documents stage" in one_line(finished)
    assert not (folder / "forum/new").exists()
