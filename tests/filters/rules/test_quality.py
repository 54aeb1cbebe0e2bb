"""Each quality rule just inside and just outside its bound, on text, and what is counted."""

from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from massivetext.filters.measure import define_measures
from massivetext.filters.rules.quality import count_ellipses, find_stop_words, judge_quality
from massivetext.measures import Measures
from massivetext.paper import QualityRules
from massivetext.reasons import Reason

RULES = QualityRules()
ZERO = Measures(*[0] * len(Measures._fields))


def document(*special: str, words: int = 100, filler: str = "house") -> str:
    """A document of `words` words that breaks no rule but by its `special` ones."""
    chosen = ["the", "and", *special]
    return " ".join(chosen + [filler] * (words - len(chosen)))


def lines(special: str, count: int, total: int = 100) -> str:
    plain = ["the house and the garden with a tree"] * (total - count)
    return "\n".join([special] * count + plain)


CASES = [
    (Reason.WORD_COUNT, document(words=50), document(words=49)),
    (Reason.WORD_COUNT, document(words=100_000), document(words=100_001)),
    (Reason.MEAN_WORD_LENGTH, document(filler="abc"), document("ab", filler="abc")),
    (
        Reason.MEAN_WORD_LENGTH,
        document(*["b" * 11] * 14, filler="a" * 10),
        document(*["b" * 11] * 15, filler="a" * 10),
    ),
    (Reason.HASH_RATIO, document(*["#"] * 10), document(*["#"] * 11)),
    (Reason.HASH_RATIO, document("#" * 5, words=50), document("#" * 6, words=50)),
    (Reason.ELLIPSIS_RATIO, document(*["so…"] * 10), document(*["so…"] * 11)),
    (Reason.ELLIPSIS_RATIO, document(*["so..."] * 10), document(*["so..."] * 11)),
    (
        Reason.BULLET_LINES,
        lines("  • the one and its houses", 90),
        lines("  • the one and its houses", 91),
    ),
    (
        Reason.BULLET_LINES,
        lines("- the one and its houses", 90),
        lines("- the one and its houses", 91),
    ),
    (Reason.ELLIPSIS_LINES, lines("one and the other...  ", 30), lines("one and the other...", 31)),
    (Reason.ELLIPSIS_LINES, lines("one and the other…", 30), lines("one and the other…\t", 31)),
    (Reason.ALPHABETIC_WORDS, document(*["12345"] * 20), document(*["12345"] * 21)),
    (Reason.STOP_WORDS, document(), document().replace("and", "der")),
    (Reason.STOP_WORDS, document().replace("and", "“WITH,”"), document().replace("and", "the")),
]


@cache
def judge(text: str) -> tuple[Reason, ...]:
    return judge_quality(define_measures(text), RULES)


@pytest.mark.parametrize(("reason", "inside", "outside"), CASES)
def test_rule_at_its_bound(reason, inside, outside):
    assert judge(inside) == ()
    assert reason in judge(outside)


def test_outside_breaks_only_its_own_rule():
    assert [judge(text) for _, _, text in CASES] == [(reason,) for reason, _, _ in CASES]


def test_empty_document_fails_without_dividing():
    for text in ("", " \n\t\n "):
        assert judge_quality(define_measures(text), RULES) == (
            Reason.WORD_COUNT,
            Reason.STOP_WORDS,
        )


def test_all_reasons_in_the_papers_order():
    text = "- 1 # ... ######\n- 2 # ..."
    assert judge_quality(define_measures(text), RULES) == (
        Reason.WORD_COUNT,
        Reason.MEAN_WORD_LENGTH,
        Reason.HASH_RATIO,
        Reason.ELLIPSIS_RATIO,
        Reason.BULLET_LINES,
        Reason.ELLIPSIS_LINES,
        Reason.ALPHABETIC_WORDS,
        Reason.STOP_WORDS,
    )


def test_none_turns_a_rule_off():
    rules = QualityRules(*[None] * len(QualityRules.__dataclass_fields__))
    assert judge_quality(ZERO, rules) == ()


def test_counts_of_one_document():
    text = "  • The “cat”… isn't #1!\n\n- wait......\n 中文 42\n"
    assert define_measures(text) == ZERO._replace(
        characters=len(text),
        words=9,
        word_characters=len("•The“cat”…isn't#1!-wait......中文42"),
        hash_symbols=1,
        ellipses=3,
        lines=3,
        line_characters=len("• The “cat”… isn't #1!- wait......中文 42"),
        bullet_lines=2,
        ellipsis_lines=1,
        alphabetic_words=5,
        stop_words=1,
        stop_word_occurrences=1,
        paragraphs=2,
        paragraph_characters=len("• The “cat”… isn't #1!- wait......\n 中文 42"),
    )


def test_stop_words_are_distinct_and_occurrences_are_not():
    measures = define_measures("THE the (of) 'of' to, then bee")
    assert (measures.stop_words, measures.stop_word_occurrences) == (3, 5)


def test_no_other_character_has_a_stop_words_letters_as_lower_case():
    letters = set("thebetoofandthathavewith")
    odd = [c for c in map(chr, range(128, 0x110000)) if set(c.lower()) <= letters]
    assert odd == []
    assert find_stop_words(["wİth", "ﬁof", "of"]) == ["of"]


@given(st.text("..… a"))
def test_ellipses_never_overlap(text):
    runs = "".join("." if char == "." else " " for char in text).split()
    assert count_ellipses(text) == text.count("…") + sum(len(run) // 3 for run in runs)
