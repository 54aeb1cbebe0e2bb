from hypothesis import given
from hypothesis import strategies as st

from massivetext.readers.books import marks as module
from massivetext.readers.books.marks import find_marks

PIECES = [
    "*** START OF THE PROJECT GUTENBERG EBOOK A ***", "*** start of this project gutenberg e-text",
    " *** END OF PROJECT GUTENBERG'S EBOOK A", "End of the Project Gutenberg’s A", "gutenberg",
    "*** START: FULL LICENSE ***", "***START**THE SMALL PRINT!**", "*END*THE SMALL PRINT! FOR",
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


def test_a_work_ends_before_the_final_line_that_says_so():
    text = "one\nEnd of Project Gutenberg's A\ntwo\nEnd of Project Gutenberg's B\nthree\n"
    found = find_marks(text)
    first, second = found.last
    assert found.before_last_line(0, len(text)) == second
    assert found.before_last_line(0, second) == first
    assert found.before_last_line(first + 1, second) == second
    assert found.before_last_line(second + 1, len(text)) == len(text)
