"""Words, lines and paragraphs; the Unicode tables; NFC with its two guards."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from massivetext.text import _unicode_tables as tables
from massivetext.text import nfc as composition
from massivetext.text.nfc import MAX_MARKS, nfc
from massivetext.text.unicode import (
    ALPHABETIC,
    PROPERTIES,
    PUNCTUATION,
    PUNCTUATION_MARKS,
    SPACE,
    SPACES,
    SYMBOL,
    case_folds,
    is_alphabetic,
    read_ranges,
)
from massivetext.text.units import split_lines, split_paragraphs, split_words, strip_punctuation

NEW_IN_15 = "\U00011f02"  # a Kawi letter, unassigned in 14.0
UNASSIGNED = "".join(chr(p) for run in read_ranges(tables.UNASSIGNED) for p in run)
ASSIGNED = st.characters(exclude_categories=("Cs",), exclude_characters=UNASSIGNED)
same_version = pytest.mark.skipif(
    unicodedata.unidata_version != tables.VERSION, reason="the interpreter's Unicode is newer"
)


def test_white_space_is_that_of_str_split():
    assert "".join(char for char in map(chr, range(0x110000)) if char.isspace()) == SPACES
    assert len(SPACES) == 29


@same_version
def test_tables_are_the_interpreters():
    for char in map(chr, range(0x110000)):
        flags = PROPERTIES[ord(char)]
        assert (flags == ALPHABETIC) == char.isalpha()
        assert (flags == SPACE) == char.isspace()
        assert (flags == PUNCTUATION) == (unicodedata.category(char)[0] == "P")
        assert (flags == SYMBOL) == (unicodedata.category(char)[0] == "S")


@same_version
def test_case_folds_are_the_interpreters_where_they_are_one_character():
    folds = case_folds()
    for char in map(chr, range(0x110000)):
        folded = folds.get(ord(char), ord(char))
        assert len(char.casefold()) > 1 or chr(folded) == char.casefold()
        assert len(char.casefold()) == 1 or chr(folded) in (char, char.lower())
    for point, folded in folds.items():
        assert not PROPERTIES[folded] & (SPACE | PUNCTUATION)
        assert folded not in folds, chr(point)  # folding twice changes nothing more


def test_what_is_unassigned_in_14_is_no_letter_in_any_interpreter():
    assert not is_alphabetic(NEW_IN_15)
    assert not any(is_alphabetic(chr(p)) for run in read_ranges(tables.UNASSIGNED) for p in run)


@given(st.text(st.sampled_from("ab \t\n\u00a0\u3000\u200b\x1c")))
def test_words_are_what_split_finds(text):
    assert split_words(text) == text.split()


@given(st.text(st.sampled_from("ab \t\r\n\u2028\x85")))
def test_lines_and_paragraphs_hold_all_words(text):
    assert [word for line in split_lines(text) for word in line.split()] == text.split()
    paragraphs = split_paragraphs(text)
    assert [word for part in paragraphs for word in part.split()] == text.split()
    assert [line for part in paragraphs for line in split_lines(part)] == split_lines(text)


def test_only_newlines_end_lines():
    assert split_lines("a\u2028b\x0bc\x85d\re") == ["a\u2028b\x0bc\x85d\re"]
    assert split_paragraphs("a\n\u3000\t\n\n\nb\nc") == ["a", "b\nc"]
    assert split_lines("\n\n \n") == split_paragraphs("\n\n \n") == []


def test_symbols_are_not_punctuation():
    assert strip_punctuation("«$5+»") == "$5+"
    assert not set("$+<=>^`|~") & set(PUNCTUATION_MARKS)


def test_every_code_point_composes_as_in_unicodedata():
    unassigned = {point for run in read_ranges(tables.UNASSIGNED) for point in run}
    for char in map(chr, {*range(0x110000)} - unassigned - {*range(0xD800, 0xE000)}):
        assert nfc(char) == unicodedata.normalize("NFC", char)


@given(st.text(ASSIGNED))
def test_assigned_text_composes_as_in_unicodedata(text):
    assert nfc(text) == unicodedata.normalize("NFC", text)


@given(st.text(st.sampled_from("ae\u0301\u0316\u0323\u0344\u0f73\u1100\u1161\u11a8 ")))
def test_stable_words_need_no_composition(text):
    if not composition.find_unstable() & set(map(ord, text)):
        assert nfc(text) == text


def test_new_characters_stay_apart():
    assert nfc(f"e{NEW_IN_15}\u0301") == f"e{NEW_IN_15}\u0301"
    assert nfc(f"{NEW_IN_15}e\u0301") == f"{NEW_IN_15}é"


def test_long_runs_of_marks_stay_as_they_are():
    marks = "\u0301\u0316" * (MAX_MARKS // 2)
    assert nfc("e" + marks) == unicodedata.normalize("NFC", "e" + marks) != "e" + marks
    assert nfc(f"e\u0301 e{marks}\u0301") == f"é e{marks}\u0301"
    assert len(nfc("e" + "\u0301\u0f73" * 1_000_000)) == 2_000_001  # hours in unicodedata


def test_white_space_survives_composition():
    for space in SPACES:
        assert nfc(space).isspace()
    for char in map(chr, composition.decompositions()):
        assert char.isspace() or not any(map(str.isspace, nfc(char)))
