import pytest
from hypothesis import given
from hypothesis import strategies as st

from massivetext.readers.markup.raised import lowered, raised

RAISED = [
    ("2", "80", "^80"),
    ("10", "−3", "^-3"),
    ("10", "n+1", "^{n+1}"),
    ("m", "2", "^2"),
    ("km", "2", "^2"),
    ("km²)", "2", "^2"),
    ("s", "-1", "^-1"),
    ("x", "n", "^n"),
    ("e", "-x", "^{-x}"),
    ("feet", "3", "^3"),
    ("Ca", "2+", "^2+"),
    ("Na", "+", "^+"),
    ("2.5", "1/3", "^1/3"),
    ("quay", "3", ""),
    ("tide.", "12", ""),
    ("word", "a,b", ""),
    ("word", "*", ""),
    ("word", "††", ""),
    ("word", "[citation needed]", ""),
    ("1", "st", "st"),
    ("19", "th", "th"),
    ("M", "me", "me"),
    ("n", "o", "o"),
    ("Acme", "TM", "TM"),
    ("Acme", "®", "®"),
    ("", "14", "14"),
    ("see ", "1", "1"),
    ("word", "with more", "with more"),
    ("mile", "2", "^2"),
    ("miles", "4", ""),
]


@pytest.mark.parametrize(("before", "content", "expected"), RAISED)
def test_what_stands_before_decides(before: str, content: str, expected: str) -> None:
    assert raised(content, before, linked=False) == expected


FRACTIONS = [
    ("5", "1", "/_2 feet", " 1"),
    ("3", "3", "\u2044_4", " 3"),
    ("3", "3", " / _4", " 3"),
    ("2", "1", "/2 in", " 1"),
    ("2", "1", "\u20442", " 1"),
    ("(", "1", "/_2", "1"),
    ("12-", "3", "/_8", "3"),
    ("", "15", "/_16", "15"),
    ("10", "3", "/2", "^3"),  # it may divide
    ("2", "1", "/2.5", "^1"),
    ("2", "1", "/12/2020", "^1"),
    ("2", "1", "/_0", "^1"),
    ("2", "1234", "/_2", "^1234"),
    ("2", "1", "/_12345", "^1"),
    ("x", "2", "/_3", "^2"),
    (")", "2", "/_3", "^2"),
    ("5", "-1", "/_2", "^-1"),
]


APART = [
    ("10 ", "6", "", "^6"),
    ("x 10 ", "6", " m", "^6"),
    ("110 ", "6", "", "6"),
    ("0.10 ", "6", "", "6"),
    ("10 ", "14", "C", "14"),
    ("7 ", "-2", "", "^-2"),
    ("5 km ", "2", ".", "^2"),
    ("5 m ", "3", "", "^3"),
    ("5 m ", "4", "", "4"),
    ("am ", "2", "", "2"),
    ("1999 ", "1", "", "1"),
    ("10 ", "th", "", "th"),
]


@pytest.mark.parametrize(("before", "content", "behind", "expected"), [*FRACTIONS, *APART])
def test_what_stands_around_makes_a_fraction_or_a_power(
    before: str, content: str, behind: str, expected: str
) -> None:
    assert raised(content, before, False, behind) == expected


@pytest.mark.parametrize("content", ["1", "12", "[3]", "a", "*", "1, 2"])
def test_links_are_marks_of_notes_even_behind_digits(content: str) -> None:
    assert raised(content, "in 1999", linked=True) == ""
    assert raised("th", "19", linked=True) == "th"


@pytest.mark.parametrize(
    ("before", "content", "after", "expected"),
    [
        ("H", "2", "O", "2"),
        ("log", "10", "2", "_10 "),
        ("1010", "2", " ", "_2"),
        ("x", "i", "1", "i"),
        ("x", "1", "", "1"),
        ("CO", "2", ".", "2"),
    ],
)
def test_lowered_numbers_stay_apart_from_digits(
    before: str, content: str, after: str, expected: str
) -> None:
    assert lowered(content, before, after) == expected


@given(
    st.text(max_size=40), st.text(max_size=24), st.booleans(), st.text("/_\u2044 12a", max_size=9)
)
def test_no_text_raises_and_digits_never_join_digits(
    content: str, before: str, linked: bool, behind: str
) -> None:
    out = raised(content, before, linked, behind)
    joined = before[-1:].isdigit() and out[:1].isdigit()
    assert not joined or not content.strip().isdecimal()
