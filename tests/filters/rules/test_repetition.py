"""Each repetition rule just inside and just outside its bound, in both readings."""

from string import ascii_lowercase

import pytest
from hypothesis import given
from hypothesis import strategies as st

from massivetext.filters.measure import define_measures
from massivetext.filters.rules.repetition import (
    count_duplicate_n_gram_characters,
    count_repeated_n_gram_characters,
    count_top_n_gram_characters,
    judge_repetition,
)
from massivetext.measures import Measures
from massivetext.paper import RepetitionRules
from massivetext.reasons import Reason

RULES = RepetitionRules()
ZERO = Measures(*[0] * len(Measures._fields))
TOP = {2: 20, 3: 18, 4: 16}
DUPLICATE = {5: 15, 6: 14, 7: 13, 8: 12, 9: 11, 10: 10}


def units(copies: int, separator: str) -> str:
    """A hundred units, `copies` of them later copies of a short one."""
    unique = [f"unit number {i} is unlike all others" for i in range(99 - copies)]
    return separator.join([*unique, *["x"] * (copies + 1)])


def unit_characters(filler: int, separator: str) -> str:
    return separator.join(["a" * filler, "b" * 20, "b" * 20])


def gram(n: int, characters: int) -> str:
    """An n-gram of different words with so many characters."""
    words = list(ascii_lowercase[:n])
    words[0] *= characters - n + 1
    return " ".join(words)


def twice(n: int, characters: int, filler: int) -> str:
    """An n-gram twice, and `filler` other characters between."""
    return f"{gram(n, characters)} {'z' * filler} {gram(n, characters)}"


CASES = [
    (Reason.DUPLICATE_LINES, units(30, "\n"), units(31, "\n")),
    (Reason.DUPLICATE_PARAGRAPHS, units(30, "\n\n"), units(31, "\n \n")),
    (Reason.DUPLICATE_LINE_CHARACTERS, unit_characters(60, "\n"), unit_characters(59, " \n ")),
    (
        Reason.DUPLICATE_PARAGRAPH_CHARACTERS,
        unit_characters(60, "\n\n"),
        unit_characters(59, "\n\n\n"),
    ),
    *[
        (Reason(f"top_{n}_gram"), twice(n, most // 2, 100 - most), twice(n, most // 2, 99 - most))
        for n, most in TOP.items()
    ],
    *[
        (
            Reason(f"duplicate_{n}_grams"),
            twice(n, most, 100 - 2 * most),
            twice(n, most, 99 - 2 * most),
        )
        for n, most in DUPLICATE.items()
    ],
]


@pytest.mark.parametrize(("reason", "inside", "outside"), CASES)
def test_rule_at_its_bound(reason, inside, outside):
    assert reason not in judge_repetition(define_measures(inside), RULES)
    assert reason in judge_repetition(define_measures(outside), RULES)


# Reason, the bound in per cent, what is divided, and by what; "copies" stands for the reading.
FRACTIONS = [
    (Reason.DUPLICATE_LINES, 30, "copies_lines", "lines"),
    (Reason.DUPLICATE_PARAGRAPHS, 30, "copies_paragraphs", "paragraphs"),
    (Reason.DUPLICATE_LINE_CHARACTERS, 20, "copies_line_characters", "line_characters"),
    (
        Reason.DUPLICATE_PARAGRAPH_CHARACTERS,
        20,
        "copies_paragraph_characters",
        "paragraph_characters",
    ),
    *[
        (Reason(f"top_{n}_gram"), most, f"top_{n}_gram_characters", "word_characters")
        for n, most in TOP.items()
    ],
    *[
        (Reason(f"duplicate_{n}_grams"), most, f"copies_{n}_gram_characters", "word_characters")
        for n, most in DUPLICATE.items()
    ],
]


@pytest.mark.parametrize(("reading", "copies"), [("later", "duplicate"), ("all", "repeated")])
@pytest.mark.parametrize(("reason", "most", "part", "whole"), FRACTIONS)
def test_rule_divides_its_integers(reason, most, part, whole, reading, copies):
    part = part.replace("copies", copies)
    at_bound = ZERO._replace(**{part: most, whole: 100})
    assert judge_repetition(at_bound, RULES, reading) == ()
    above = ZERO._replace(**{part: most + 1, whole: 100})
    assert judge_repetition(above, RULES, reading) == (reason,)


def test_readings_differ_on_ten_lines_with_one_pair():
    measures = define_measures("\n".join([*"abcdefghi", "a"]))
    assert (measures.duplicate_lines, measures.repeated_lines) == (1, 2)
    text = "\n".join([*"abcdefgh", "a", "b"])
    assert Reason.DUPLICATE_LINES not in judge_repetition(define_measures(text), RULES, "later")
    assert Reason.DUPLICATE_LINES in judge_repetition(define_measures(text), RULES, "all")


def test_empty_document_breaks_no_repetition_rule():
    assert judge_repetition(define_measures(""), RULES) == ()


def test_all_reasons_in_the_order_of_the_table():
    reasons = judge_repetition(define_measures("a b c d e\n\n" * 20), RULES)
    assert reasons == tuple(reason for reason, _, _ in CASES)


def test_lines_are_compared_stripped_and_paragraphs_inside_as_they_are():
    measures = define_measures("  a\nb \n\n a \n b\n")
    assert (measures.lines, measures.duplicate_lines) == (4, 2)
    assert (measures.paragraphs, measures.duplicate_paragraphs) == (2, 0)


def test_top_n_gram():
    assert count_top_n_gram_characters(list("aaaa"), 2) == 6  # copies may overlap
    assert count_top_n_gram_characters(list("abcd"), 2) == 0  # once is not repetition
    assert count_top_n_gram_characters([*"abab", *["cc", "dd"] * 2], 2) == 8  # the longest of ties


def covered(words: list[str], n: int, first: bool) -> int:
    """The slow way: compares all pairs of n-grams and marks words."""
    marked = set()
    for i in range(len(words) - n + 1):
        others = range(len(words) - n + 1) if first else range(i)
        if any(j != i and words[j : j + n] == words[i : i + n] for j in others):
            marked.update(range(i, i + n))
    return sum(len(words[i]) for i in marked)


@given(st.lists(st.sampled_from(["a", "bb", "ccc"]), max_size=24), st.integers(2, 6))
def test_covered_words_are_counted_once(words, n):
    assert count_duplicate_n_gram_characters(words, n) == covered(words, n, first=False)
    assert count_repeated_n_gram_characters(words, n) == covered(words, n, first=True)


@given(st.lists(st.sampled_from(["a", "bb", "ccc", "\n", "\n\n"]), max_size=40))
def test_all_copies_are_at_least_the_later_ones(pieces):
    measures = define_measures(" ".join(pieces))._asdict()
    for name, later in measures.items():
        if name.startswith("duplicate_"):
            every = measures[name.replace("duplicate_", "repeated_")]
            assert later <= every
            assert (later > 0) == (every > 0)
