"""`explain` says what `judge` does, on every document: verdicts, values, bounds, evidence."""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import pytest

from massivetext import paper
from massivetext.cli.files import read_inputs
from massivetext.config.recipe import Filters, load_recipe
from massivetext.config.recipe import check as check_recipe
from massivetext.document import Document, Signals
from massivetext.errors import ConfigError
from massivetext.filters.chosen import with_rules
from massivetext.filters.explain.evidence import MAX_CHARACTERS
from massivetext.filters.explain.explain import explain
from massivetext.filters.explain.explanation import Check, Explanation
from massivetext.filters.explain.terminal import WIDTH
from massivetext.filters.judge import Models, judge
from massivetext.filters.language.detect import LanguageModel
from massivetext.filters.safety.explicit import DomainList
from massivetext.paper import QualityRules
from massivetext.reasons import Reason
from massivetext.rules import AT, Reading, at_most
from tests.support.commands import model_path, prose, run

COUNTED = with_rules(Filters(), "quality,repetition")  # needs no language model
NO_MODEL = Models(None, DomainList())


@pytest.fixture(scope="module")
def models() -> Models:
    return Models(LanguageModel(str(model_path())), DomainList())


@cache
def documents(*paths: Path) -> tuple[Document, ...]:
    found = (record for path in paths for record in read_inputs([str(path)], "web"))
    return tuple(record for record in found if isinstance(record, Document))


def page(text: str, source: str = "web") -> Document:
    return Document("a", source, text)


def dropping(explained: Explanation) -> tuple[Reason, ...]:
    found = (check.reason for check in explained.checks if check.state == "DROP")
    return tuple(dict.fromkeys(found))


def check_of(explained: Explanation, key: str) -> Check:
    (found,) = (check for check in explained.checks if check.key.endswith(key))
    return found


def columns(line: str) -> int:
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in line)


def check_printed(explained: Explanation) -> str:
    printed = str(explained)
    assert all(line.isprintable() for line in printed.split("\n"))
    assert max(map(columns, printed.split("\n"))) <= WIDTH
    return printed


def test_verdicts_are_those_of_the_filter_command_on_all_of_c4(
    real_data: Path, models: Models
) -> None:
    path = real_data / "c4" / "c4-train.sample-dev.json.gz"
    lines = run("filter", path, "--language-model", model_path()).lines()
    assert len(lines) == len(documents(path)) > 500
    for line, document in zip(lines, documents(path), strict=True):
        explained = explain(document, Filters(), models)
        assert list(explained.reasons) == line["reasons"]
        assert list(dropping(explained)) == line["reasons"]
        assert explained.as_json()["reason"] == line["reason"]
        assert explained.measures is not None
        assert line["measures"] in (None, explained.measures._asdict())
        check_printed(explained)


@pytest.mark.parametrize("reading", ["later", "all"])
def test_every_rule_that_a_document_breaks_is_told(real_data: Path, reading: Reading) -> None:
    """Without the content filter, so that no rule goes unasked; in both readings."""
    filters = replace(COUNTED, duplicates=reading)
    for document in documents(real_data / "c4" / "c4-train.sample-dev.json.gz"):
        explained = explain(document, filters, NO_MODEL)
        assert (
            dropping(explained) == explained.reasons == judge(document, filters, NO_MODEL).reasons
        )


def first_of_each_reason(real_data: Path, models: Models) -> Iterator[Explanation]:
    paths = ("c4/c4-train.sample-dev.json.gz", "safety/safety-text-dev.jsonl.gz")
    seen: set[Reason] = set()
    for document in documents(*(real_data / path for path in paths)):
        reasons = judge(document, Filters(), models).reasons
        if reasons and reasons[0] not in seen:
            seen.add(reasons[0])
            yield explain(document, Filters(), models)


def test_real_documents_of_ten_reasons_show_value_bound_and_evidence(
    real_data: Path, models: Models
) -> None:
    explained = list(first_of_each_reason(real_data, models))
    assert len(explained) >= 10
    for found in explained:
        check = next(check for check in found.checks if check.state == "DROP")
        assert check.reason == found.reasons[0]
        assert check.value is not None
        assert check.bound is not None
        under = check.value < check.bound
        assert check.value != check.bound
        assert under == (check.side == "at least")
        printed = check_printed(found)
        assert f"\nDROP  {check.reason} " in printed
        assert f"{check.side} {check.bound:,}" in printed
        assert check.key in printed
        assert f"verdict   DROP: {check.reason}" in printed
        words = found.document.text.split()
        for passage in check.evidence:
            assert set(passage.text.split()) <= set(words) | {word.lower() for word in words} | {
                word for word in paper.STOP_WORDS if word in found.document.text.lower()
            }
        assert check.evidence or check.reason == Reason.STOP_WORDS


def test_the_numbers_of_one_document() -> None:
    text = f"{prose(1)}# # #\n- one...\n- one...\n"
    explained = explain(page(text), COUNTED, NO_MODEL)
    words = len(text.split())
    check = check_of(explained, "max_hash_ratio")
    assert check[:6] == (
        Reason.HASH_RATIO, "ok", 3 / words, "at most", 0.1, "filters.quality.max_hash_ratio",
    )  # fmt: skip
    assert check.counts == (("hash_symbols", 3), ("words", words))
    strict = replace(COUNTED, quality=replace(COUNTED.quality, max_hash_ratio=0.001))
    check = check_of(explain(page(text), strict, NO_MODEL), "max_hash_ratio")
    assert (check.state, check.evidence) == ("DROP", (("#", 3),))


def test_a_rule_that_is_off_or_of_other_sources_is_not_asked() -> None:
    off = replace(COUNTED, quality=replace(COUNTED.quality, min_words=None))
    check = check_of(explain(page("a b"), off, NO_MODEL), "min_words")
    assert (check.state, check.value, check.bound) == ("–", 2, None)
    books = explain(page("a b", "books"), replace(Filters(), language=COUNTED.language), NO_MODEL)
    assert (books.reasons, dropping(books)) == ((), ())
    assert {check.state for check in books.checks} == {"–"}
    assert "do not hold for the source books" in str(books)


def test_what_the_content_filter_drops_is_measured_too(models: Models) -> None:
    adult = page("Too short.")._replace(signals=Signals(rating="adult\x1b[31m, mature"))
    explained = explain(adult, Filters(), models)
    assert explained.reasons == judge(adult, Filters(), models).reasons
    assert Reason.RATING in explained.reasons
    assert check_of(explained, "min_words")[1:3] == ("–", 2)
    printed = check_printed(explained)
    assert "rating: adult\\x1b[31m, mature" in printed
    assert "the content filter drops the document" in printed


def test_words_of_a_url_are_named(models: Models) -> None:
    filters = replace(Filters(), safety=replace(Filters().safety, url_words=True))
    explained = explain(page(prose(1))._replace(url="http://a.b/sex/nude"), filters, models)
    assert explained.reasons == (Reason.URL,)
    assert "nude, sex" in str(explained)


def test_an_empty_document() -> None:
    explained = explain(page(" \n"), Filters(), NO_MODEL)
    assert explained.reasons == dropping(explained) == (Reason.EMPTY,)
    assert "verdict   DROP: empty" in check_printed(explained)


def test_a_language_filter_without_a_model_is_an_error() -> None:
    for ask in (judge, explain):
        with pytest.raises(ConfigError, match=r"filters.language holds for web but no model was"):
            ask(page(prose(1)), Filters(), NO_MODEL)
    assert judge(page("a = 1", "github"), Filters(), NO_MODEL).reasons == ()


@dataclass(frozen=True)
class ToyRules(QualityRules):
    """The paper's rules and one more row."""

    max_paragraph_ratio: float | None = at_most(
        0.25, Reason.DUPLICATE_PARAGRAPHS, "a test", AT.paragraphs, AT.lines, largest=0.5
    )


def test_a_rule_more_is_judged_explained_and_checked_from_its_row() -> None:
    filters = replace(COUNTED, quality=ToyRules())
    inside, outside = page(prose(1)), page(prose(1).replace("\n", "\n\n"))
    assert judge(inside, filters, NO_MODEL).reasons == ()
    assert judge(outside, filters, NO_MODEL).reasons == (Reason.DUPLICATE_PARAGRAPHS,)
    assert check_of(explain(inside, filters, NO_MODEL), "max_paragraph_ratio").state == "ok"
    check = check_of(explain(outside, filters, NO_MODEL), "max_paragraph_ratio")
    assert (check.state, check.value, check.bound) == ("DROP", 1.0, 0.25)
    assert check.key == "filters.quality.max_paragraph_ratio"
    assert check.counts == (("paragraphs", 12), ("lines", 12))
    recipe = load_recipe("minimal.toml")
    check_recipe(replace(recipe, filters=filters))
    wrong = replace(filters, quality=ToyRules(max_paragraph_ratio=0.6))
    with pytest.raises(ConfigError, match=r"max_paragraph_ratio: 0.6 is not between 0 and 0.5"):
        check_recipe(replace(recipe, filters=wrong))


HOSTILE = {
    "one line of a megabyte": "word " * 200_000,
    "one word of a megabyte": "w" * 1_000_000,
    "no words": "\u2028 \n" * 10_000,
    "control characters": "\x1b[2J\x07\x00\u202e\x9b " * 5_000,
    "a line again and again": "Subscribe to us… #\n" * 100_000,
    "a paragraph again and again": "- 1 ...\n\n" * 50_000,
    "wide characters": "中文字符\n" * 20_000,
    "many different lines": "".join(f"- {n} ...\n" for n in range(100_000)),
    "longer than the evidence": "ab cd ef gh ij\n" * 80_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_documents_are_explained_in_bounded_output(name: str) -> None:
    document = page(HOSTILE[name])._replace(id="\x1b]0;x\x07", url="http://\u202e/" + "x" * 9_999)
    explained = explain(document, COUNTED, NO_MODEL)
    assert dropping(explained) == explained.reasons != ()
    printed = check_printed(explained)
    assert len(printed) < 20_000
    assert len(repr(explained.as_json())) < 2_000_000
    assert ("evidence is sought in the first" in printed) == (len(document.text) > MAX_CHARACTERS)
