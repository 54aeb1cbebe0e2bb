"""Language of documents: the sample, the bound, and how often the model is right."""

import gzip
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from filters.language import (
    SAMPLE_CHARACTERS,
    LanguageModel,
    LanguageScore,
    judge_language,
    measure_language,
    sample_line,
)
from massivetext.errors import ConfigError
from massivetext.models import NAME
from massivetext.reasons import Reason
from massivetext.recipe import LanguageRules

MODEL = LanguageModel(str(Path(__file__).parents[2] / "models" / NAME))
ENGLISH = "Bread is made of flour, water, salt and yeast, and it needs time more than work. "
GERMAN = "Brot wird aus Mehl, Wasser, Salz und Hefe gemacht, und es braucht mehr Zeit als Arbeit. "
RULES = LanguageRules()


@pytest.mark.parametrize(("english", "kept"), [(0.65, True), (0.649999, False), (0.0, False)])
def test_a_document_exactly_at_the_bound_is_kept(english: float, kept: bool) -> None:
    for score in (LanguageScore("en", english, english), LanguageScore("de", 0.3, english)):
        assert judge_language(score, RULES) is (None if kept else Reason.LANGUAGE)


def test_another_language_can_be_asked_for() -> None:
    german = LanguageRules(language="de", min_probability=0.5)
    assert judge_language(measure_language(MODEL, GERMAN), german) is None
    assert judge_language(measure_language(MODEL, ENGLISH), german) is Reason.LANGUAGE
    assert judge_language(measure_language(MODEL, GERMAN), RULES) is Reason.LANGUAGE


def test_scores() -> None:
    score = measure_language(MODEL, ENGLISH)
    assert score.language == "en"
    assert 0.65 < score.english == score.probability <= 1
    score = measure_language(MODEL, GERMAN)
    assert score.language == "de"
    assert score.english < 0.1 < 0.65 < score.probability
    assert measure_language(MODEL, " \n ") == LanguageScore("", 0.0, 0.0)


def test_the_whole_document_is_sampled() -> None:
    german, english = GERMAN * 40, ENGLISH * 40
    assert measure_language(MODEL, english + german * 5).english < 0.65
    assert sample_line(english + german + english).count("Brot") in range(1, 6)


@given(st.text(max_size=4 * SAMPLE_CHARACTERS))
def test_a_sample_is_one_bounded_line(text: str) -> None:
    line = sample_line(text)
    assert len(line) <= SAMPLE_CHARACTERS + 2
    assert "\n" not in line
    assert (line == "") == (text.split() == []) or len(text) > SAMPLE_CHARACTERS
    if len(text) <= SAMPLE_CHARACTERS:
        assert line == " ".join(text.split())


@given(st.text(max_size=200))
def test_any_text_has_a_score(text: str) -> None:
    score = measure_language(MODEL, text)
    assert 0 <= score.english <= score.probability <= 1


def test_samples_hold_whole_words() -> None:
    words = {f"word{number}" for number in range(1000)}
    assert set(sample_line(" ".join(sorted(words))).split()) <= words


def test_missing_and_foreign_files_are_errors(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no language model"):
        LanguageModel(str(tmp_path / "none.ftz"))
    (tmp_path / "text.ftz").write_text("no model")
    with pytest.raises(ConfigError, match="no fastText model"):
        LanguageModel(str(tmp_path / "text.ftz"))


def rows(path: Path) -> Iterator[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def kept(text: str) -> bool:
    return judge_language(measure_language(MODEL, text), RULES) is None


def test_sentences_of_204_languages(real_data: Path) -> None:
    found = [(row["lang"] == "eng_Latn", kept(row["text"]))
             for row in rows(real_data / "langid" / "flores200-dev-204langs.jsonl.gz")]  # fmt: skip
    assert found.count((True, True)) == 100
    assert found.count((True, False)) == 0
    assert found.count((False, True)) <= 24  # of 20,300
    assert len(found) == 20_400


def test_declarations_in_many_languages(real_data: Path) -> None:
    found = [row["lang"] for row in rows(real_data / "langid" / "udhr2-dev.jsonl.gz")
             if kept(row["text"])]  # fmt: skip
    assert found == ["pcm"]  # Nigerian Pidgin; English itself is not among them


def test_documents_of_c4_are_english(real_data: Path) -> None:
    path = real_data / "c4" / "c4-train.sample-dev.json.gz"
    found = [kept(row["text"]) for row in rows(path)]
    assert sum(found) >= 0.97 * len(found)
