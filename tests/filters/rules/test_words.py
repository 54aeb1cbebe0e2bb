"""Stop words and letters of other languages: kernel and definitions agree, tables hold."""

import gzip
import itertools
import json
import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from massivetext.config.languages import ALPHABETS, LANGUAGES
from massivetext.config.recipe import Filters, LanguageRules
from massivetext.document import Document
from massivetext.filters.judge import Models, judge
from massivetext.filters.language.detect import LanguageModel
from massivetext.filters.measure import define_measures, measure, measure_and_sign
from massivetext.filters.rules.words import (
    LanguageWords,
    count_alphabet,
    forms_of,
    language_words,
)
from massivetext.filters.safety.explicit import DomainList
from massivetext.reasons import Reason
from massivetext.text.kernels import find_kernels
from massivetext.text.unicode import is_alphabetic
from tests.support.commands import model_path

RULES = {code: LanguageRules(language=code) for code in LANGUAGES}
FLORES = {
    "cs": "ces_Latn", "de": "deu_Latn", "es": "spa_Latn", "fr": "fra_Latn", "it": "ita_Latn",
    "nl": "nld_Latn", "pl": "pol_Latn", "pt": "por_Latn", "ru": "rus_Cyrl", "sv": "swe_Latn",
}  # fmt: skip


def table(code: str) -> LanguageWords:
    found = language_words(RULES[code])
    assert found is not None
    return found


def test_the_tables() -> None:
    assert len(LANGUAGES) == 10
    for code, language in LANGUAGES.items():
        words = language.stop_words
        assert len(set(words)) == 8, code
        assert all(word == word.lower() and word.isalpha() for word in words)
        assert (table(code).native is None) == (find_kernels() is None), code
    assert language_words(LanguageRules()) is None


PIECES = st.one_of(
    st.sampled_from([w for words in LANGUAGES.values() for w in words.stop_words]).flatmap(
        lambda w: st.sampled_from([w, w.capitalize(), w.upper(), w.swapcase(), f"„{w}“,", w + "x"])
    ),
    st.sampled_from([" ", "\n", "...", "‘", "ſ", "\u0307", "İ", "и̂", "K", "a", "é", "Ж", "1"]),
    st.text(max_size=3),
)


@given(st.sampled_from(sorted(LANGUAGES)), st.lists(PIECES, max_size=30))
def test_the_kernel_counts_as_the_definitions(code: str, pieces: list[str]) -> None:
    for text in ("".join(pieces), " ".join(pieces)):
        if any(0xD800 <= ord(c) < 0xE000 for c in text):
            continue
        words = table(code)
        expected = words.recount(text, define_measures(text))
        assert measure(text, words) == expected
        assert measure_and_sign(text, words)[0] == expected
        assert measure(text, words._replace(native=None)) == expected


def test_case_and_punctuation() -> None:
    german = "„Der Hund“ und DIE Katze: (nicht) Nicht dER!"
    found = measure(german, table("de"))
    assert (found.stop_words, found.stop_word_occurrences) == (4, 6)
    russian = "Что это? ЭТО не он; чтО-то"
    found = measure(russian, table("ru"))
    assert (found.stop_words, found.stop_word_occurrences) == (3, 4)
    assert forms_of(("è", "la")) == {"è": "è", "È": "è", "la": "la"}


@pytest.mark.parametrize(
    "words", [("l'eau", "und"), ("straßenbahn", "und"), tuple(map("w{}".format, range(60)))]
)
def test_tables_that_the_kernel_cannot_hold(words: tuple[str, ...]) -> None:
    found = language_words(LanguageRules(language="de", stop_words=words))
    assert found is not None
    assert found.native is None
    text = f"{words[0].title()} {words[0]}, {words[1]}"
    assert measure(text, found).stop_words == 2


@pytest.mark.parametrize(
    ("forms", "numbers"),
    [([b"toolongword"], [0]), ([b""], [0]), ([b"a"], [64]), ([b"a"], [-1]), ([b"a"], []),
     ([b"a", b"a"], [0, 1])],
)  # fmt: skip
def test_the_kernel_refuses_other_tables(forms: list[bytes], numbers: list[int]) -> None:
    kernels = find_kernels()
    if kernels is None:
        pytest.skip("no native kernels here")
    with pytest.raises(ValueError, match=r"stop word|a form"):
        kernels.LanguageWords(forms, numbers)


def test_alphabets_hold_letters_of_their_own() -> None:
    for one, two in itertools.combinations(ALPHABETS.values(), 2):
        assert all(a[1] < b[0] or b[1] < a[0] for a in one for b in two)
    for ranges in ALPHABETS.values():
        letters = sum(is_alphabetic(chr(c)) for a, b in ranges for c in range(a, b + 1))
        assert letters >= sum(b - a + 1 for a, b in ranges) / 3
    text = "слово word слово2 2 w-слово"
    counted = {
        name: count_alphabet(text, measure(text), LanguageRules(alphabet=name)).alphabetic_words  # type: ignore[arg-type]
        for name in ("any", "latin", "cyrillic", "greek")
    }
    assert counted == {"any": 4, "latin": 2, "cyrillic": 3, "greek": 0}


@pytest.fixture(scope="module")
def sentences(real_data: Path) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    with gzip.open(real_data / "langid" / "flores200-dev-204langs.jsonl.gz") as file:
        for row in map(json.loads, file):
            found.setdefault(row["lang"], []).append(row["text"])
    return found


@pytest.fixture(scope="module")
def models() -> Models:
    return Models(LanguageModel(str(model_path())), DomainList())


def dropped(texts: list[str], code: str, models: Models) -> list[str]:
    filters = Filters(language=RULES[code])
    found = (judge(Document(str(n), "web", text), filters, models) for n, text in enumerate(texts))
    return [verdict.reasons[0] for verdict in found if verdict.reasons]


@pytest.mark.parametrize("code", FLORES)
def test_prose_stays_and_salad_and_lists_go(
    sentences: dict[str, list[str]], models: Models, code: str
) -> None:
    own = sentences[FLORES[code]]
    prose = [
        "\n".join(own[(first + n) % 100] for n in range(size))
        for size in (9, 11)
        for first in range(100)
    ]
    assert all(len(text.split()) >= 100 for text in prose)
    assert len(dropped(prose, code, models)) <= 0.05 * len(prose)
    words = sorted({w.strip('.,;:!?"()«»„“').lower() for text in own for w in text.split()})
    content = [word for word in words if len(word) >= 5]
    draw = random.Random(code)
    salad = [" ".join(draw.choices(content, k=150)) for _ in range(200)]
    lists = [
        "\n".join(" ".join(draw.choices(content, k=2)).title() for _ in range(60))
        for _ in range(200)
    ]
    for texts in (salad, lists):
        assert len(dropped(texts, code, models)) >= 0.98 * len(texts)


PAGES = {"cs": 3, "de": 28, "es": 5, "fr": 7, "it": 1, "pt": 3, "ru": 3}
REPEATS_ITSELF = {"ru": ["duplicate_paragraphs"]}  # a gallery that says the same under each picture


@pytest.mark.parametrize("code", PAGES)
def test_real_pages_of_a_hundred_words_stay(real_data: Path, models: Models, code: str) -> None:
    found = []
    for name in ("aeb", "fundus-news", "readability", "wcxb"):
        with gzip.open(real_data / "extraction" / f"{name}-dev.gold.jsonl.gz") as file:
            texts = [json.loads(line)["text"] for line in file]
        found += [text for text in texts if len(text.split()) >= 100 and is_in(text, code, models)]
    assert len(found) == PAGES[code]
    assert dropped(found, code, models) == REPEATS_ITSELF.get(code, [])


def is_in(text: str, code: str, models: Models) -> bool:
    assert models.language is not None
    score = models.language.score(" ".join(text.split())[:1_000])
    return score.language == code and score.probability >= 0.65


def test_english_words_do_not_judge_german(sentences: dict[str, list[str]], models: Models) -> None:
    german = "\n".join(sentences["deu_Latn"][:10])
    assert dropped([german], "de", models) == []
    english = LanguageRules(language="de", stop_words=("the", "of", "and"))
    verdict = judge(Document("", "web", german), Filters(language=english), models)
    assert verdict.reasons == (Reason.STOP_WORDS,)
