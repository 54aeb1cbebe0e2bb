"""Scripts that the language model was not trained on: their text passes as no language."""

import unicodedata

import pytest

from massivetext.config.recipe import LanguageRules
from massivetext.filters.language.detect import (
    LanguageModel,
    LanguageScore,
    judge_language,
    measure_language,
)
from massivetext.filters.language.scripts import read_share
from massivetext.reasons import Reason

RULES = LanguageRules()
ENGLISH = "Bread is made of flour, water, salt and yeast, and it needs time more than work. "
# First and last letters of runs of scripts, all of Unicode 14 but for the last line.
UNREAD = [
    (0x2D30, 0x2D67), (0x1C5A, 0x1C77), (0x13A0, 0x13F5), (0x1401, 0x166C), (0x7CA, 0x7EA),
    (0xABC0, 0xABE2), (0x1820, 0x1878), (0xA000, 0xA48C), (0x12000, 0x12399), (0x10330, 0x10340),
    (0x1E900, 0x1E943), (0x16A0, 0x16EA), (0x710, 0x72F), (0x1700, 0x1711), (0x2C80, 0x2CE4),
    (0x2800, 0x28FF), (0x1D800, 0x1D9FF), (0x13000, 0x1342E), (0xA500, 0xA60B), (0xA4D0, 0xA4F7),
    (0xE000, 0xF8FF), (0xF0000, 0xF0100), (0x11F04, 0x11F10), (0x11F12, 0x11F33),
]  # fmt: skip
READ = [
    (0x41, 0x5A), (0xC0, 0xD6), (0x250, 0x2AF), (0x1E00, 0x1EFF), (0x391, 0x3A1), (0x410, 0x44F),
    (0x531, 0x556), (0x5D0, 0x5EA), (0x620, 0x64A), (0x905, 0x939), (0x985, 0x98C), (0xA05, 0xA0A),
    (0xA85, 0xA8D), (0xB05, 0xB0C), (0xB85, 0xB8A), (0xC05, 0xC0C), (0xC85, 0xC8C), (0xD05, 0xD0C),
    (0xD85, 0xD96), (0xE01, 0xE30), (0xE81, 0xE82), (0xF40, 0xF47), (0x1000, 0x102A),
    (0x10D0, 0x10FA), (0x1200, 0x1248), (0x1780, 0x17B3), (0x3041, 0x3096), (0x30A1, 0x30FA),
    (0x3105, 0x312F), (0x4E00, 0x9FFF), (0xAC00, 0xD7A3), (0x780, 0x7A5), (0xFF21, 0xFF3A),
    (0x20000, 0x20100),
]  # fmt: skip


def words(first: int, last: int) -> str:
    letters = [chr(point) for point in range(first, last + 1)]
    return " ".join("".join(letters[n : n + 5]) for n in range(0, len(letters), 5))


@pytest.mark.parametrize(("first", "last"), UNREAD)
def test_text_in_an_unknown_script_is_not_english(
    language_model: LanguageModel, first: int, last: int
) -> None:
    text = words(first, last) + ", 25. "
    assert read_share(text) == 0
    assert measure_language(language_model, text).english == 0
    assert judge_language(measure_language(language_model, text), RULES) is Reason.LANGUAGE
    mixed = measure_language(language_model, text * 20 + ENGLISH)
    assert judge_language(mixed, RULES, text * 20 + ENGLISH) is Reason.LANGUAGE


@pytest.mark.parametrize(("first", "last"), READ)
def test_scripts_that_the_model_knows_are_read(first: int, last: int) -> None:
    assert read_share(words(first, last)) == 1


def test_what_is_of_no_script_does_not_count() -> None:
    text = "1,5 € ½ ² – “x” 𝑥 𝐀 ℝ Ⓐ 😀 🫠 \U0001fae8 ☎ ♫ → ∑ e\u0301 \u200d \ufeff \x85"
    assert read_share(text) == 1
    assert read_share("") == read_share("1 2 3 – ☎") == 1


@pytest.mark.parametrize(
    ("text", "share"), [("abⵣ", 2 / 3), ("aⵣⵣ", 1 / 3), ("ⵣ", 0), ("aⵣ 12 – 😀", 0.5)]
)
def test_the_share_is_of_letters(text: str, share: float) -> None:
    assert read_share(text) == share


def test_an_english_page_on_a_script_stays(language_model: LanguageModel) -> None:
    text = ENGLISH * 5 + "Tifinagh: ⵜⵉⴼⵉⵏⴰⵖ, Cherokee: ᏣᎳᎩ ᎦᏬᏂᎯᏍᏗ."
    assert judge_language(measure_language(language_model, text), RULES) is None


def test_scores_of_scripts_that_are_read_are_the_models_own(language_model: LanguageModel) -> None:
    for text in (ENGLISH, "Привет, мир", "日本語の文章です。", "“Été” – ½ 😀"):
        assert measure_language(language_model, text) == language_model.score(text.strip())


def test_every_letter_is_read_or_unread_once() -> None:
    letters = [c for c in map(chr, range(0x110000)) if unicodedata.category(c)[0] == "L"]
    shares = {read_share(letter) for letter in letters}
    assert shares == {0.0, 1.0}
    assert sum(read_share(letter) == 0 for letter in letters) > 15_000


@pytest.mark.parametrize(
    ("english", "language", "text", "kept"),
    [
        (0.45, "en", "Boats of wood, 12 ft", True),
        (0.449, "en", "Boats of wood, 12 ft", False),
        (0.649, "en", "Boats wood, 12 ft", False),
        (0.65, "en", "Boats wood, 12 ft", True),
        (0.48, "de", "Boats of wood, 12 ft", False),  # not the most probable
        (0.5, "en", "THE END", True),
        (0.5, "en", "theory, often, behave", False),
    ],
)
def test_a_stop_word_decides_where_the_model_is_unsure(
    english: float, language: str, text: str, kept: bool
) -> None:
    score = LanguageScore(language, 0.5 if language != "en" else english, english)
    assert (judge_language(score, RULES, text) is None) == kept


def test_other_languages_are_decided_by_their_own_stop_words() -> None:
    score = LanguageScore("de", 0.5, 0.0)
    german = LanguageRules(language="de")
    assert judge_language(score, german, "Boote und Holz") is None
    assert judge_language(score, german, "boats of the world") is Reason.LANGUAGE
    off = LanguageRules(language="de", unsure_probability=None)
    assert judge_language(score, off, "Boote und Holz") is Reason.LANGUAGE
    danish = LanguageRules(language="da")  # there are no stop words of it
    assert judge_language(LanguageScore("da", 0.5, 0), danish, "of the") is Reason.LANGUAGE
    named = LanguageRules(language="da", stop_words=("og", "at"))
    assert judge_language(LanguageScore("da", 0.5, 0), named, "både og hus") is None
