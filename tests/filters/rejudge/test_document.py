"""A document judged anew, alone and in a table, by what is stored of it: as by its text."""

import random
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from massivetext.config.filter_rules import Filters, LanguageRules
from massivetext.filters.language.detect import LanguageScore, ask, judge_language
from massivetext.filters.rejudge.document import Stored, rejudge_document
from massivetext.filters.rejudge.judge import KEPT, MEASURES, NAMES, OWN, SCORES, TEXT, rejudge
from massivetext.filters.rejudge.language import language_drops
from massivetext.filters.rejudge.thresholds import LanguageMove, Thresholds, thresholds_of
from massivetext.measures import Measures
from massivetext.paper import QualityRules
from massivetext.reasons import Reason
from massivetext.shards.document_files import ASKED

# In the order in which stage 1 gives them: a reader's, the content filter's, thresholds', own.
REASONS = ("empty", "language", "rating", "word_count", "hash_ratio", "top_2_gram", "mine")
COUNTS = [Measures(*[0] * len(NAMES))._replace(words=n, word_characters=5 * n) for n in (40, 80)]
GOOD = COUNTS[1]._replace(alphabetic_words=80, stop_words=3)


@st.composite
def documents(draw: st.DrawFn) -> dict[str, Any]:
    """A row as stage 1 may leave it."""
    reasons = [r for r in REASONS if draw(st.booleans())] if draw(st.booleans()) else []
    content = {"empty", "language", "rating"} & {*reasons}
    reasons = [r for r in reasons if not content or r in content]
    can = not content or content == {"language"}
    measures = draw(st.sampled_from([*COUNTS, GOOD])) if can and draw(st.booleans()) else None
    if not reasons:
        measures = measures or GOOD
    size = draw(st.sampled_from([0, 7])) if reasons else 7
    return {"reasons": reasons, "measures": measures, "text_bytes": size} | {
        "language": None if "empty" in reasons else draw(st.sampled_from(["en", "de", ""])),
        "language_probability": draw(st.sampled_from([0.2, 0.5, 0.9])),
    }


def table_of(rows: list[dict[str, Any]]) -> pa.Table:
    measures = [row["measures"] or (None,) * len(NAMES) for row in rows]
    columns = {n: pa.array([m[p] for m in measures], pa.int64()) for p, n in enumerate(NAMES)}
    plain = ("reasons", "text_bytes", "language", "language_probability")
    types = (pa.list_(pa.string()), pa.int64(), pa.string(), pa.float64())
    for name, kind in zip(plain, types, strict=True):
        columns[name] = pa.array([row[name] for row in rows], kind)
    return pa.table(columns)


@given(st.lists(documents(), min_size=1, max_size=12), st.booleans(), st.randoms())
def test_a_table_gives_each_document_its_first_reason(
    rows: list[dict[str, Any]], own: bool, draw: random.Random
) -> None:
    least = draw.choice([0.1, 0.45, 0.65, 0.95])
    new = Filters(
        quality=QualityRules(min_words=draw.choice([30, 60, 100]), min_stop_words=None),
        language=LanguageRules(min_probability=least, unsure_probability=draw.choice([None, 0.3])),
        own=("x.py:y",) * own,
    )
    thresholds = thresholds_of("web", Filters(), new)
    table = table_of(rows)
    found = rejudge(table, thresholds)
    was = np.array(["language" in row["reasons"] for row in rows])
    language = language_drops(table, was, thresholds.language or LanguageMove(*[new.language] * 2))
    for place, row in enumerate(rows):
        at = bool(language.drops[place]), bool(language.unknown[place])
        if thresholds.language is None:
            at = bool(was[place]), False
        stored = Stored(tuple(row["reasons"]), row["measures"], row["text_bytes"] > 0, *at)
        judged = rejudge_document(stored, thresholds)
        assert judged.missing == found.missing[place]
        first = judged.reasons[0] if judged.reasons else KEPT
        assert found.new[place] == (KEPT if judged.missing == TEXT else first)


@pytest.mark.parametrize(
    ("reasons", "measures", "drops", "text", "wanted"),
    [
        ((), GOOD, False, True, ((), True, "")),
        ((), GOOD, True, True, (("language",), True, "")),
        (("language",), GOOD, False, True, ((), True, "")),
        (("language",), COUNTS[0], False, True, (("word_count", "mine too"), True, "")),
        (("language",), None, False, True, (("language",), False, MEASURES)),
        (("language", "rating"), None, False, True, (("rating",), False, "")),
        (("rating",), None, True, True, (("language", "rating"), False, "")),
        (("word_count", "mine"), GOOD, False, True, (("mine",), True, "")),
        (("word_count",), GOOD, False, False, (("word_count",), True, TEXT)),
        (("empty",), None, False, False, (("empty",), False, "")),
    ],
)
def test_all_reasons(
    reasons: tuple[str, ...], measures: Measures | None, drops: bool, text: bool, wanted: Any
) -> None:
    rules = QualityRules(min_words=60)
    thresholds = thresholds_of("web", Filters(), Filters(quality=rules))
    thresholds = thresholds._replace(measured_drops=True)
    judged = rejudge_document(Stored(reasons, measures, text, drops, unknown=False), thresholds)
    if "mine too" in wanted[0]:  # what else a short text without stop words breaks
        wanted = (("word_count", "alphabetic_words", "stop_words"), *wanted[1:])
    assert judged == wanted


def test_own_rules_and_scores_that_nobody_knows() -> None:
    stored = Stored(("language",), GOOD, has_text=True, language_drops=False, unknown=False)
    assert rejudge_document(stored, Thresholds((), own=True)).missing == OWN
    unknown = stored._replace(unknown=True)
    assert rejudge_document(unknown, Thresholds(())).missing == SCORES


languages = st.sampled_from(["en", "de", "fr"])
shares = st.one_of(st.sampled_from([0.0, 0.1, 0.3, 0.45, 0.5, 0.65, 0.9]), st.floats(0, 1))
bounds = st.tuples(shares, st.none() | shares)
TEXTS = ("the river of the house", "river house boats", "der Fluss und das Haus")


def rules_of(language: str, least: float, unsure: float | None) -> LanguageRules:
    return LanguageRules(language=language, min_probability=least, unsure_probability=unsure)


@given(
    st.lists(st.tuples(languages, shares, shares, st.sampled_from(TEXTS)), min_size=1),
    languages,
    bounds,
    bounds,
)
def test_language_as_judged_by_the_text(
    given_: list[tuple[str, float, float, str]],
    language: str,
    old_bounds: tuple[float, float | None],
    new_bounds: tuple[float, float | None],
) -> None:
    """With what the recipe stores always; without it wherever it is said to be known."""
    old, new = (rules_of(language, *found) for found in (old_bounds, new_bounds))
    scores = []
    for top, share, english, _ in given_:
        second = min(english, share, max(0.0, 1.0 - share))
        scores.append(LanguageScore(top, share, share if top == "en" else second))
    said = [text for *_, text in given_]
    pairs = list(zip(scores, said, strict=True))
    was = np.array([judge_language(score, old, text) is not None for score, text in pairs])
    wanted = [judge_language(score, new, text) is Reason.LANGUAGE for score, text in pairs]
    columns = {
        "language": pa.array([score.language for score in scores]),
        "language_probability": pa.array([score.probability for score in scores]),
    }
    asked = [ask(score, new, text) for score, text in pairs]
    stored = dict(zip(ASKED, map(pa.array, zip(*asked, strict=True)), strict=True))
    found = language_drops(pa.table(columns | stored), was, LanguageMove(old, new))
    assert found.drops.tolist() == wanted
    assert not found.unknown.any()
    found = language_drops(pa.table(columns), was, LanguageMove(old, new))
    assert [d for d, u in zip(found.drops, found.unknown, strict=True) if not u] == (
        [w for w, u in zip(wanted, found.unknown, strict=True) if not u]
    )
