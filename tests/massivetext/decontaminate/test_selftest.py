"""The labelled benchmark: its bounds, and that it can fail."""

import json

import pytest

from massivetext.decontaminate.selftest.cli import form_of, read_set, run_selftest
from massivetext.decontaminate.selftest.items import make_decoys, make_items
from massivetext.decontaminate.selftest.measure import clean_pages, measure, measure_own
from massivetext.decontaminate.tasks import TASKS
from massivetext.errors import ConfigError
from tests.support.commands import one_line, run


@pytest.fixture(scope="module")
def own():
    return measure_own()


def shares(outcome, rule):
    return {r.form: r.found[rule] / r.pages for r in outcome.recalls if r.pages}


def test_strict_finds_items_as_they_occur(own):
    found = shares(own, "strict")
    for form in ("verbatim", "embedded", "upper case", "re-wrapped", "lettered"):
        assert found[form] >= 0.98, form
    assert found["other punctuation"] >= 0.98
    assert found["question and answer"] >= 0.98  # short ones too
    assert found["question alone"] >= 0.9
    assert found["one word in 20 replaced"] >= 0.8


def test_the_papers_rule_finds_only_pages_that_are_items(own):
    found = shares(own, "paper")
    assert found.pop("verbatim") == 1
    assert set(found.values()) == {0}


def test_clean_pages_famous_texts_and_templates_are_not_flagged(own):
    assert own.clean == 500
    assert own.false_flags["strict"] == own.false_flags["paper"] == 0


def test_without_the_guard_they_would_be():
    clean = ["nothing of it"] * 10 + list(clean_pages())[:10]  # too few quote it to be famous
    outcome = measure("own", make_items()[:3], make_decoys()[:2], clean)
    assert outcome.false_flags["strict"] == 10


def test_items_are_300_and_the_same_on_every_run():
    items = make_items()
    assert len(items) == len({item.id for item in items}) == 300
    assert len({item.text for item in items}) == 300
    assert make_items() == items
    assert list(clean_pages()) == list(clean_pages())


def test_own_sets_by_file_name(tmp_path):
    path = tmp_path / "own.jsonl"
    lines = [{"question": item.asked.question, "answer": "x"} for item in make_items()[20:60]]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    assert len(read_set(str(path))) == 40
    assert f"{path}: 40 items" in run_selftest([str(path)])
    assert {form_of(f"x/{task.name}.jsonl") for task in TASKS} == {
        f"suite:{task.format}" for task in TASKS
    }
    assert {form_of(f"x/{task.name}.jsonl.zst") for task in TASKS} == {
        f"suite:{task.format}" for task in TASKS
    }
    known = {"wiki.test.raw", "wiki.valid.tokens", "wiki.test.raw.gz"}
    assert {form_of(name) for name in known} == {"wikitext"}
    assert {form_of(name) for name in ("data.tar", "data.tar.gz", "data.tgz")} == {"mmlu"}


@pytest.mark.parametrize(
    "words",
    [("sample.toml",), ("--output", "x"), ("--until", "overlap"), ("--explain",), ("--replace",)],
)
def test_it_takes_nothing_of_a_build(words):
    assert "takes nothing but --set" in one_line(run("overlap", "--selftest", *words))


@pytest.mark.parametrize(("name", "content"), [("none.jsonl", None), ("piqa.jsonl", b"{}")])
def test_a_set_that_cannot_be_read_is_one_line(tmp_path, name, content):
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ConfigError, match=f"--set: {path}"):
        read_set(str(path))
