"""How much English is kept and how much of other languages passes, on real documents."""

import gzip
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.english import cut_book
from massivetext.config.recipe import LanguageRules
from massivetext.filters.language.detect import (
    LanguageModel,
    LanguageScore,
    judge_language,
    measure_language,
)

RULES = LanguageRules()
NEAR_ENGLISH = ("pcm", "sco", "jam")  # Nigerian Pidgin, Scots, Jamaican Creole: listed apart
DUTCH = "24675-8.txt"
LEAST_WORDS = 50  # of an extracted text: the paper's least


def rows(path: Path) -> Iterator[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def english_documents(data: Path) -> Iterator[tuple[str, str]]:
    """Yields (set, text) of documents that may be English; others are told by `is_english`."""
    for row in rows(data / "c4" / "c4-train.sample-dev.json.gz"):
        yield "c4", row["text"]
    for row in rows(data / "neardup" / "gutenberg-editions-dev.jsonl.gz"):
        yield "editions", row["text"]
    for path in sorted((data / "books").glob("*.txt")):
        pieces = cut_book(path.read_text("utf-8", "replace")) if path.name != DUTCH else ()
        yield from (("books", text) for text in pieces if len(text) >= 1_000)
    for name in ("aeb", "fundus-news", "newspaper", "readability", "wcxb"):
        for row in rows(data / "extraction" / f"{name}-dev.gold.jsonl.gz"):
            if len(row["text"].split()) >= LEAST_WORDS:
                yield name, row["text"]


def is_english(score: LanguageScore) -> bool:
    """Returns whether a document counts as English: those that do not were read, and are not."""
    return score.english >= 0.3 or (score.language == "en" and score.english > 0.15)


@pytest.fixture(scope="module")
def judged(language_model: LanguageModel, real_data: Path) -> list[tuple[str, LanguageScore, bool]]:
    found = []
    for name, text in english_documents(real_data):
        score = measure_language(language_model, text)
        found.append((name, score, judge_language(score, RULES, text) is None))
    return found


def test_english_documents_are_kept(judged: list[tuple[str, LanguageScore, bool]]) -> None:
    english = [(name, kept) for name, score, kept in judged if is_english(score)]
    lost = Counter(name for name, kept in english if not kept)
    assert len(english) > 3_000
    assert sum(lost.values()) <= 0.005 * len(english)
    assert lost["c4"] <= 3


def test_few_documents_of_other_languages_pass(
    language_model: LanguageModel, real_data: Path
) -> None:
    passed: Counter[str] = Counter()
    count = 0
    for name in ("flores200-dev-204langs", "udhr2-dev"):
        for row in rows(real_data / "langid" / f"{name}.jsonl.gz"):
            if row["lang"] in ("eng_Latn", *NEAR_ENGLISH):
                continue
            score = measure_language(language_model, row["text"])
            count += 1
            passed[row["lang"]] += judge_language(score, RULES, row["text"]) is None
    assert count > 20_000
    assert passed.total() <= 0.001 * count
    assert not any(name.endswith(("_Tfng", "_Olck")) for name in +passed)
