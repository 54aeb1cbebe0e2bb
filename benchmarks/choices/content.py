"""Other readings of the content filter, and of which sources pass the rules."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.choices.texts import Row, Text, find_reasons, read_rows, show_flips
from massivetext.filters.language.detect import LanguageModel, LanguageScore, measure_language
from massivetext.filters.safety.explicit import judge_url
from massivetext.paper import LANGUAGE_SOURCES, SOURCES
from massivetext.reasons import Reason

Score = LanguageScore
ENGLISH = 0.65


class Scored(NamedTuple):
    """A document that reached the language filter: scores of our sample and of the whole text."""

    source: str
    sample: Score
    whole: Score


def read_scores(build: Path, model: LanguageModel) -> Iterator[Scored]:
    """Yields the documents of all sources that readers gave, with their languages."""
    for row in read_rows(build, ["source", "text", "words", "reasons"]):
        if row["words"] is not None or _reached_language(row):
            sample = measure_language(model, row["text"])
            yield Scored(row["source"], sample, measure_whole(model, row["text"]))


def _reached_language(row: dict[str, Any]) -> bool:
    reasons = set(row["reasons"])
    return bool(row["text"].strip()) and bool(
        reasons & {Reason.LANGUAGE, Reason.RATING, Reason.DOMAIN, Reason.URL}
    )


def measure_whole(model: LanguageModel, text: str) -> Score:
    """Returns the language of a text from all of it, as most others score it."""
    return model.score(" ".join(text.split()))


def is_english(score: Score, least: float = ENGLISH) -> bool:
    """Returns whether English is at least so probable."""
    return score.english >= least


_LANGUAGE: tuple[tuple[str, Callable[[Scored], bool]], ...] = (
    ("at least 0.5 (CCNet, Dolma)", lambda s: is_english(s.sample, 0.5)),
    ("at least 0.8", lambda s: is_english(s.sample, 0.8)),
    ("English before all others", lambda s: s.sample.language == "en"),
    ("0.65 of the whole text (RefinedWeb, FineWeb)", lambda s: is_english(s.whole)),
)


def compare_language(scored: list[Scored]) -> Iterator[Row]:
    """Yields the flips of the language filter alone, and of code if it passed it."""
    filtered = [s for s in scored if s.source in LANGUAGE_SOURCES]
    for name, judge in _LANGUAGE:
        pairs = [(s.source, is_english(s.sample), judge(s)) for s in filtered]
        web = [pair for source, *pair in pairs if source == "web"]
        every = [pair for _, *pair in pairs]
        yield Row("language", name, [show_flips(map(_pair, web)), show_flips(map(_pair, every))])
    code = [(True, is_english(s.sample)) for s in scored if s.source == "github"]
    yield Row("language of code", "English too, 0.65", ["", f"{show_flips(code)} of {len(code):,}"])


def _pair(verdicts: list[bool]) -> tuple[bool, bool]:
    ours, other = verdicts
    return ours, other


def compare_sources(texts: list[Text]) -> Iterator[Row]:
    """Yields, for each source without web rules, how many documents these would drop."""
    for source in SOURCES[1:]:
        drops = [bool(find_reasons(text.measures)) for text in texts if text.source == source]
        yield Row("web rules", f"also for {source}", [f"−{sum(drops):,} of {len(drops):,}"])


def compare_safety(build: Path, listed: list[str]) -> Iterator[Row]:
    """Yields the flips of the safety filter's options, and of a word list on the body."""
    rows = [row for row in read_rows(build, ["source", "url", "text", "words", "reasons"])
            if row["source"] == "web"]  # fmt: skip
    domain = sum(row.get("reasons", [])[:1] == [Reason.DOMAIN] for row in rows)
    yield Row("explicit pages", "without lists of domains", [f"−0 +{domain}"])
    kept = [row for row in rows if row["kept"]]
    urls = [(True, judge_url(row["url"]) is None) for row in kept]
    yield Row("explicit pages", "words of the URL too (RefinedWeb)", [show_flips(urls)])
    if listed:
        bad = [(True, not has_listed(row["text"], listed)) for row in kept]
        yield Row("explicit pages", "no listed word in the body (C4)", [show_flips(bad)])


def has_listed(text: str, listed: list[str]) -> bool:
    """Returns whether a text has a listed word, as C4 looks for it.

    >>> has_listed("A Sex-Ed class", ["sex"]), has_listed("Essex", ["sex"])
    (True, False)
    """
    words = "|".join(map(re.escape, listed))
    return re.search(rf"(?:\W|^)(?:{words})(?:\W|$)", text.lower()) is not None
