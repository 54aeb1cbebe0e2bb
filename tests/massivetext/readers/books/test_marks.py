import pytest
from hypothesis import given
from hypothesis import strategies as st

from massivetext.readers.books import marks as module
from massivetext.readers.books.marks import find_marks

PIECES = [
    "*** START OF THE PROJECT GUTENBERG EBOOK A ***", "*** start of this project gutenberg e-text",
    " *** END OF PROJECT GUTENBERG'S EBOOK A", "End of the Project Gutenberg’s A", "gutenberg",
    "*** START: FULL LICENSE ***", "***START**THE SMALL PRINT!**", "*END*THE SMALL PRINT! FOR",
    "START: FULL LICENSE", "THE FULL PROJECT GUTENBERG-tm LICENSE", "Fin de Project Gutenberg's A",
    "\n", "\n\n", "\r", "\u2028", "é", "\ud800", " ", "***", "a line",
]  # fmt: skip
KINDS = {
    "start": module._START, "end": module._END, "licence": module._LICENCE,
    "print": module._SMALL_PRINT, "last": module.LAST_LINE, "opening": module._PRINT_START,
}  # fmt: skip


@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
def test_the_scan_for_words_finds_what_the_patterns_find(text):
    every = {kind: list(pattern.finditer(text)) for kind, pattern in KINDS.items()}
    found = find_marks(text)
    assert found.last == [match.start() for match in every.pop("last")]
    assert found.openings == [match.start() for match in every.pop("opening")]
    expected = [(*match.span(), kind) for kind, matches in every.items() for match in matches]
    assert found.marks == sorted(expected)


LAST = [
    "End of Project Gutenberg's A", "The End of the Project Gutenberg EBook of A",
    "Fin de Project Gutenberg's Candide", "Fin del Project Gutenberg EBook de A",
    "Fin de l'eBook Project Gutenberg", "Fin du Projet Gutenberg",
    "Ende dieses Project Gutenberg Etextes",
    "Ende dieses Projekt Gutenberg Etextes A", "Ende des Project Gutenberg EBook von A",
    "Fine del Progetto Gutenberg", "Fim do Project Gutenberg EBook",
    "Einde van het Project Gutenberg EBook",
    "Slut på Project Gutenberg", "Loppu e-text Project Gutenberg",
]  # fmt: skip


@pytest.mark.parametrize("line", LAST)
def test_last_lines_in_the_language_of_the_book(line):
    assert find_marks(f"words\n  {line}\n").last == [6]
    assert find_marks(f"words of {line}\n").last == []


@pytest.mark.parametrize(
    "line",
    [
        "Fin de la guerre", "Ende des Buches von Gutenberg", "Fin de Gutenberg",
        "Project Gutenberg", "The end of the Gutenberg press", "Endless Project Gutenberg",
        "Fin de Project Gutenbergian",
    ],
)  # fmt: skip
def test_lines_that_are_no_last_ones(line):
    assert find_marks(f"{line}\n").last == []


LICENCES = {
    "START: FULL LICENSE": True, "*** START: FULL LICENSE ***": True,
    "***START: FULL LICENSE***": True, "START: FULL LICENCE": True, "Start: Full License": True,
    "START OF THE FULL LICENSE": True, "THE FULL PROJECT GUTENBERG LICENSE": True,
    "THE FULL PROJECT GUTENBERG-tm LICENSE": True, "THE FULL PROJECT GUTENBERG™ LICENSE": True,
    "the full Project Gutenberg License": False, "START: FULL LICENSE PLATES": False,
    "We start: full license": False,
    "THE FULL PROJECT GUTENBERG LICENSE IN EBOOKS": False,
}  # fmt: skip


@pytest.mark.parametrize("line", LICENCES)
def test_lines_that_begin_a_licence(line):
    assert bool(find_marks(f"{line}\n").marks) == LICENCES[line]


def test_a_work_ends_before_the_final_line_that_says_so():
    text = "one\nEnd of Project Gutenberg's A\ntwo\nEnd of Project Gutenberg's B\nthree\n"
    found = find_marks(text)
    first, second = found.last
    assert found.before_last_line(0, len(text)) == second
    assert found.before_last_line(0, second) == first
    assert found.before_last_line(first + 1, second) == second
    assert found.before_last_line(second + 1, len(text)) == len(text)
