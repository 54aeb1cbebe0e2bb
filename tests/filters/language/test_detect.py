"""Language of documents: the sample, the bound, and how often the model is right."""

import gzip
import json
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from massivetext.config.languages import LANGUAGES
from massivetext.config.recipe import LanguageRules
from massivetext.errors import ConfigError
from massivetext.filters.language.detect import (
    SAMPLE_CHARACTERS,
    LanguageModel,
    LanguageScore,
    check_languages,
    judge_language,
    measure_language,
    sample_line,
)
from massivetext.reasons import Reason
from massivetext.text.kernels import find_kernels
from tests.support.commands import model_path

ENGLISH = "Bread is made of flour, water, salt and yeast, and it needs time more than work. "
GERMAN = "Brot wird aus Mehl, Wasser, Salz und Hefe gemacht, und es braucht mehr Zeit als Arbeit. "
RULES = LanguageRules()


@pytest.mark.parametrize(("english", "kept"), [(0.65, True), (0.649999, False), (0.0, False)])
def test_a_document_exactly_at_the_bound_is_kept(english: float, kept: bool) -> None:
    for score in (LanguageScore("en", english, english), LanguageScore("de", 0.3, english)):
        assert judge_language(score, RULES) is (None if kept else Reason.LANGUAGE)


def test_another_language_can_be_asked_for(language_model: LanguageModel) -> None:
    german = LanguageRules(language="de", min_probability=0.5)
    assert judge_language(measure_language(language_model, GERMAN), german) is None
    assert judge_language(measure_language(language_model, ENGLISH), german) is Reason.LANGUAGE
    assert judge_language(measure_language(language_model, GERMAN), RULES) is Reason.LANGUAGE


def test_scores(language_model: LanguageModel) -> None:
    score = measure_language(language_model, ENGLISH)
    assert score.language == "en"
    assert 0.65 < score.english == score.probability <= 1
    score = measure_language(language_model, GERMAN)
    assert score.language == "de"
    assert score.english < 0.1 < 0.65 < score.probability
    assert measure_language(language_model, " \n ") == LanguageScore("", 0.0, 0.0)


def test_the_whole_document_is_sampled(language_model: LanguageModel) -> None:
    german, english = GERMAN * 40, ENGLISH * 40
    assert measure_language(language_model, english + german * 5).english < 0.65
    assert sample_line(english + german + english).count("Brot") in range(1, 6)


@given(st.text(max_size=4 * SAMPLE_CHARACTERS))
def test_a_sample_is_one_bounded_line(text: str) -> None:
    line = sample_line(text)
    assert len(line) <= SAMPLE_CHARACTERS + 2
    assert "\n" not in line
    assert (line == "") == (text.split() == []) or len(text) > SAMPLE_CHARACTERS
    if len(text) <= SAMPLE_CHARACTERS:
        assert line == " ".join(text.split())


def split_sample(text: str) -> str:
    """Returns `sample_line` as it is defined: the words of three slices."""
    if len(text) <= SAMPLE_CHARACTERS:
        return " ".join(text.split())
    size = SAMPLE_CHARACTERS // 3
    starts = (0, (len(text) - size) // 2, len(text) - size)
    slices = [text[start : start + size].split() for start in starts]
    ends = (slice(None, -1), slice(1, -1), slice(1, None))
    cut = [words[end] if len(words) > 3 else words for words, end in zip(slices, ends, strict=True)]
    return " ".join(chain.from_iterable(cut))


SPACES = "\t\n\v\f\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2003\u2028\u2029\u202f\u205f\u3000"


@given(
    st.lists(st.sampled_from([*SPACES, "  ", "a", "boat", "é", "\0", "\u200b", "😀", "x" * 400])),
    st.integers(1, 400),
)
def test_a_sample_is_the_words_of_three_slices(parts: list[str], times: int) -> None:
    text = "".join(parts * times)[: 5 * SAMPLE_CHARACTERS]
    assert sample_line(text) == split_sample(text)


@given(st.text(max_size=200))
def test_any_text_has_a_score(language_model: LanguageModel, text: str) -> None:
    score = measure_language(language_model, text)
    assert 0 <= score.english <= score.probability <= 1


@pytest.fixture(scope="module")
def plain() -> LanguageModel:
    """Returns the language model as fastText itself runs it."""
    return LanguageModel(str(model_path()), native=False)


@pytest.mark.skipif(find_kernels() is None, reason="no native kernels")
def test_the_kernel_runs(language_model: LanguageModel) -> None:
    assert language_model._native is not None


@given(st.text(max_size=400))
@example("</s> the end")
@example("before </s> after")
@example("__label__en __label__ text")
@example("\0a\0 b\tc\vd\fe\rf < > <> _")
@example("\ud800 lone, é e\u0301 \U0010ffff 日本語")
def test_scores_are_those_of_fasttext(
    language_model: LanguageModel, plain: LanguageModel, text: str
) -> None:
    line = text.replace("\n", " ")
    assert language_model.score(line) == plain.score(line)


def test_scores_of_many_languages_are_those_of_fasttext(
    language_model: LanguageModel, plain: LanguageModel, real_data: Path
) -> None:
    lines = [sample_line(row["text"]) for name in ("flores200-dev-204langs", "udhr2-dev")
             for row in rows(real_data / "langid" / f"{name}.jsonl.gz")]  # fmt: skip
    lines += [sample_line(row["text"])
              for row in rows(real_data / "c4" / "c4-train.sample-dev.json.gz")]  # fmt: skip
    chosen = [line for number, line in enumerate(lines) if number % 7 == 0]
    assert [language_model.score(line) for line in chosen] == [plain.score(line) for line in chosen]


@pytest.mark.skipif(find_kernels() is None, reason="no native kernels")
@pytest.mark.parametrize("size", [100, 5_000, 200_000, 937_000])
def test_a_cut_model_is_an_error(tmp_path: Path, size: int) -> None:
    (tmp_path / "cut.ftz").write_bytes(model_path().read_bytes()[:size])
    with pytest.raises(ConfigError, match="is damaged: it is cut off"):
        LanguageModel(str(tmp_path / "cut.ftz"))


@pytest.mark.skipif(find_kernels() is None, reason="no native kernels")
@given(st.integers(0, 937_000), st.binary(min_size=1, max_size=8))
def test_a_changed_model_is_read_or_refused(place: int, change: bytes) -> None:
    data = bytearray(model_path().read_bytes())
    data[place : place + len(change)] = change
    try:
        model = find_kernels().LanguageModel(bytes(data))
    except (IndexError, ValueError):
        return
    assert len(model.score("any line of text", model.find("en"), 0.001)) == 3


def test_samples_hold_whole_words() -> None:
    words = {f"word{number}" for number in range(1000)}
    assert set(sample_line(" ".join(sorted(words))).split()) <= words


def test_missing_and_foreign_files_are_errors(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no language model"):
        LanguageModel(str(tmp_path / "none.ftz"))
    (tmp_path / "text.ftz").write_text("no model")
    with pytest.raises(ConfigError, match="not a fastText model"):
        LanguageModel(str(tmp_path / "text.ftz"))


def rows(path: Path) -> Iterator[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def kept(language_model: LanguageModel, text: str) -> bool:
    return judge_language(measure_language(language_model, text), RULES) is None


def test_sentences_of_204_languages(language_model: LanguageModel, real_data: Path) -> None:
    found = [(row["lang"] == "eng_Latn", kept(language_model, row["text"]))
             for row in rows(real_data / "langid" / "flores200-dev-204langs.jsonl.gz")]  # fmt: skip
    assert found.count((True, True)) == 100
    assert found.count((True, False)) == 0
    assert found.count((False, True)) <= 9  # of 20,300; test_recall.py has the rule by stop words
    assert len(found) == 20_400


def test_declarations_in_many_languages(language_model: LanguageModel, real_data: Path) -> None:
    found = [row["lang"] for row in rows(real_data / "langid" / "udhr2-dev.jsonl.gz")
             if kept(language_model, row["text"])]  # fmt: skip
    assert found == ["pcm"]  # Nigerian Pidgin; English itself is not among them


def test_documents_of_c4_are_english(language_model: LanguageModel, real_data: Path) -> None:
    path = real_data / "c4" / "c4-train.sample-dev.json.gz"
    found = [kept(language_model, row["text"]) for row in rows(path)]
    assert sum(found) >= 0.97 * len(found)


@pytest.mark.parametrize(
    ("language", "hint"),
    [
        ("german", "did you mean 'de'?"), ("German", "did you mean 'de'?"),
        ("de-DE", "did you mean 'de'?"), ("ger", "did you mean 'de'"), ("fra", "did you mean 'fr'"),
        ("deu", "did you mean 'de'?"), ("Japanese", "did you mean 'ja'?"), ("gr", "mean 'el'?"),
        ("Greek", "did you mean 'el'?"), ("jp", "did you mean 'ja'?"), ("zho", "mean 'zh'?"),
        ("xq", "languages by their codes"), ("Klingon", "languages by their codes"),
        ("english", "did you mean 'en'?"), ("spanisch", "did you mean 'es'?"), ("", "names 176"),
        ("xx", "names 176"),
    ],
)  # fmt: skip
def test_a_language_that_the_model_does_not_know(language: str, hint: str) -> None:
    with pytest.raises(ConfigError) as caught:
        check_languages(str(model_path()), ["en", "de", language])
    assert f"the model knows no {language!r}" in str(caught.value)
    assert hint in str(caught.value)


def test_the_languages_with_stop_words_are_the_models(plain: LanguageModel) -> None:
    check_languages(str(model_path()), ["en", *LANGUAGES])
    assert plain.knows("de")
    assert not plain.knows("german")
    assert not plain.knows("")
