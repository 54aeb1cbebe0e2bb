"""What is shown is what was counted: evidence adds up to the count, and is cut with a number."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from massivetext.document import Document
from massivetext.filters.explain.evidence import Passage, find_evidence
from massivetext.filters.explain.explanation import Check, Explanation
from massivetext.filters.explain.terminal import clip
from massivetext.filters.measure import define_measures
from massivetext.filters.rules.quality import count_ellipses
from massivetext.measures import Measures
from massivetext.paper import QualityRules, RepetitionRules
from massivetext.reasons import Reason
from massivetext.rules import AT, rows
from massivetext.text.units import split_words

UNITS = st.sampled_from(["a", "bb", "the", "c#", "d…", "e...", "1", "-", "\n", "\n\n", "\n- "])
TEXTS = st.lists(UNITS, max_size=60).map(" ".join)
PLACES = sorted(
    {
        place
        for kind in (QualityRules(), RepetitionRules())
        for rule, _ in rows(kind)
        for place in rule.part
    }
)
NAMES = [Measures._fields[place] for place in PLACES]


def weigh(name: str, passages: tuple[Passage, ...]) -> int:
    """What the passages add up to, in the unit of a count."""
    if name in ("hash_symbols", "ellipses"):
        count = {"hash_symbols": lambda text: text.count("#"), "ellipses": count_ellipses}[name]
        return sum(count(passage.text) * passage.copies for passage in passages)
    if name.endswith(("line_characters", "paragraph_characters")):
        return sum(len(passage.text) * passage.copies for passage in passages)
    if name.endswith("characters"):
        return sum(len("".join(split_words(p.text))) * p.copies for p in passages)
    return sum(passage.copies for passage in passages)


@pytest.mark.parametrize(("place", "name"), list(zip(PLACES, NAMES, strict=True)), ids=NAMES)
@given(text=TEXTS)
def test_evidence_adds_up_to_the_count(place: int, name: str, text: str) -> None:
    measures = define_measures(text)
    passages = find_evidence(place, text)
    if place == AT.alphabetic_words:
        assert weigh(name, passages) == measures.words - measures.alphabetic_words
    elif place == AT.stop_words:
        assert len(passages) == measures.stop_words
        assert weigh(name, passages) == measures.stop_word_occurrences
    else:
        assert weigh(name, passages) == measures[place]
    weights = [passage.copies * len(passage.text) for passage in passages]
    assert weights == sorted(weights, reverse=True)


def test_a_count_that_no_rule_of_the_paper_divides_has_no_passages() -> None:
    assert find_evidence(AT.characters, "a b") == ()


def test_long_evidence_is_cut_and_the_rest_counted() -> None:
    passages = tuple(Passage(f"{n} " + "x" * 3_000, 2) for n in range(70))
    check = Check(Reason.DUPLICATE_LINES, "DROP", 0.5, "at most", 0.3, evidence=passages)
    explained = Explanation(Document("a", "web", ""), (check.reason,), checks=(check,))
    printed = str(explained)
    assert printed.count("…  (3,002 characters)") == 5
    assert "… and 65 more (130 copies)" in printed
    shown = explained.as_json()["checks"][0]
    assert (len(shown["evidence"]), shown["evidence_left_out"]) == (50, 20)
    assert shown["evidence"][0] == {
        "text": passages[0].text[:1_000],
        "characters": 3_002,
        "copies": 2,
    }


def test_a_value_just_beyond_its_bound_does_not_print_as_the_bound() -> None:
    check = Check(Reason.HASH_RATIO, "DROP", 100_001 / 1_000_000, "at most", 0.1)
    explained = Explanation(Document("a", "web", ""), (check.reason,), checks=(check,))
    assert " 0.100001  at most 0.1" in str(explained)
    kept = check._replace(state="ok", value=0.1)
    assert " 0.100  at most 0.1" in str(explained._replace(checks=(kept,)))


@given(st.text(), st.integers(2, 30))
def test_a_clipped_text_is_safe_and_fits(text: str, width: int) -> None:
    shown = clip(text, width)
    assert shown.isprintable()
    assert len(shown) <= width
    if text.isascii() and text.isprintable():
        assert shown == (text if len(text) <= width else text[: width - 1] + "…")
