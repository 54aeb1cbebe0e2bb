import pytest
from hypothesis import given
from hypothesis import strategies as st

from massivetext.readers.books import gutenberg
from massivetext.readers.books.gutenberg import strip_gutenberg

BODY = "CHAPTER I\n\n  It was a dark night.\n\nTHE END"

# What stands before and behind a book, by the years in which Gutenberg wrote it so.
EBOOK = "PROJECT GUTENBERG EBOOK"
SMALL_PRINT = "THE SMALL PRINT! FOR PUBLIC DOMAIN"
FORMS = {
    "2021": (f"*** START OF THE {EBOOK} A TALE ***", f"*** END OF THE {EBOOK} A TALE ***"),
    "2006": (
        f"*** START OF THIS {EBOOK} A TALE ***",
        "End of Project Gutenberg's A Tale, by\nNobody\n\n"
        f"*** END OF THIS {EBOOK} A TALE ***\n\n***** This file should be named 1.txt *****",
    ),
    "2005, two lines": (
        f"***START OF THE {EBOOK} A TALE OF\nTWO LINES***",
        f"***END OF THE {EBOOK} A TALE OF\nTWO LINES***",
    ),
    "2003": (
        f"*** START OF THE {EBOOK}, A TALE ***",
        f"*** END OF THE {EBOOK}, A TALE ***\n\n*END {SMALL_PRINT} EBOOKS*Ver.02/11/02*END*",
    ),
    "copyrighted": (
        f"*** START OF THE COPYRIGHTED {EBOOK} A TALE ***",
        f"*** END OF THE COPYRIGHTED {EBOOK} A TALE ***",
    ),
    "1993": (
        "***START**THE SMALL PRINT!**FOR PUBLIC DOMAIN ETEXTS**START***\nno warranty\n"
        f"*END*{SMALL_PRINT} ETEXTS*Ver.04.29.93*END*",
        "End of The Project Gutenberg Etext of A Tale, by Nobody",
    ),
    "2002": (
        f"*END {SMALL_PRINT} E-TEXTS*Ver.02/11/02*END*",
        "End of Project Gutenberg Etext of A Tale",
    ),
    "no end": (
        f"*** START OF THE {EBOOK} A TALE ***",
        "*** START: FULL LICENSE ***\n\nTHE FULL PROJECT GUTENBERG LICENSE",
    ),
}
HEADER = (
    "The Project Gutenberg EBook of A Tale, by Nobody\n\n"
    "Title: A Tale\n       of Nights\n\nAuthor: Nobody\n\n"
)


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_header_and_licence_goes(form):
    start, end = FORMS[form]
    credit = "Produced by A and the\nB Team"
    text = f"{HEADER}{start}\n\n\n{credit}\n\n\n{BODY}\n\n\n{end}\n\nmore\n"
    assert strip_gutenberg(text) == (BODY, "A Tale of Nights")


PRINT_START = "***START**THE SMALL PRINT!**FOR PUBLIC DOMAIN ETEXTS**START***\nno warranty\n"
PRINT_END = "*END*THE SMALL PRINT! FOR PUBLIC DOMAIN ETEXTS*Ver.04.29.93*END*\n"
START, END = (f"*** {side} OF THE {EBOOK} A TALE ***" for side in ("START", "END"))
LICENCE = "*** START: FULL LICENSE ***\n\nTHE FULL PROJECT GUTENBERG LICENSE\n"
LAST = "End of the Project Gutenberg Etext of A Tale\n"
VERSION = "<<THIS ELECTRONIC VERSION IS\nPROVIDED BY PROJECT GUTENBERG ETEXT.>>"
SECOND = "CHAPTER II\n\nIt dawned."
PLACES = {
    "small print behind the last line": (
        f"{BODY}\n\n{LAST}\nThe Small Print\n{PRINT_START}{PRINT_END}",
        [BODY],
    ),
    "small print behind the book": (f"{BODY}\n\n{PRINT_START}{PRINT_END}", [BODY]),
    "small print between works": (
        f"{HEADER}{START}\n{BODY}\n\n{PRINT_START}{PRINT_END}\n{SECOND}\n\n{END}\nx",
        [BODY, SECOND],
    ),
    "a header that no mark ends": (f"{HEADER}{BODY}\n\n{LAST}", [BODY]),
    "a licence between works": (
        f"{START}\n{BODY}\n\n{END}\n\n{LICENCE}\n{HEADER}{START}\n\n{SECOND}\n\n{END}\nx",
        [BODY, SECOND],
    ),
    "a licence before the book": (f"{LICENCE}\n{HEADER}{START}\n\n{BODY}\n\n{END}\n", [BODY]),
    "the end of another book before it": (f"{END}\n\n{HEADER}{START}\n\n{BODY}\n", [BODY]),
    "a start that nothing follows": (f"{BODY}\n\n{START}\n", [BODY]),
    "versions between works": (
        f"{START}\n{BODY}\n\n\n{VERSION}\n\n\n{SECOND}\n\n{VERSION}\n{END}",
        [BODY, SECOND],
    ),
    "a version alone": (f"{BODY}\n\n{VERSION}\n\n{SECOND}", [BODY, SECOND]),
    "a start in each of three forms": (
        f"{HEADER}{START}\n\n{START.lower()}\n{START}\n\n{BODY}\n\n{END}\n",
        [BODY],
    ),
    "a second start without an end": (f"{START}\n{BODY}\n\n{START}\n\n{SECOND}\n", [BODY, SECOND]),
    "marks with other blanks": (
        f"{HEADER}{START.replace('OF', ' OF')}\n{BODY}\n\n"
        f"{END.replace(' GUTENBERG', chr(0xA0) + 'GUTENBERG')}\nx",
        [BODY],
    ),
    "start and small print in one header": (
        f"{HEADER}{PRINT_START}{PRINT_END}\n{START}\n\n{BODY}\n\n{END}\n",
        [BODY],
    ),
}


@pytest.mark.parametrize("place", PLACES)
def test_what_surrounds_a_book_goes_wherever_it_stands_and_the_book_never(place):
    text, works = PLACES[place]
    assert strip_gutenberg(text).text == "\n\n".join(works)


def test_a_book_cut_short_keeps_what_it_has():
    text = f"{HEADER}{FORMS['2021'][0]}\n\n{BODY}\n"
    assert strip_gutenberg(text) == (BODY, "A Tale of Nights")


@pytest.mark.parametrize(
    ("line", "title"),
    [
        ("The Project Gutenberg Etext of Moby Dick, by Herman Melville", "Moby Dick"),
        ("**The Project Gutenberg Etext of The Time Machine by H. G. Wells**", "The Time Machine"),
        ("Project Gutenberg's Alice, by Lewis Carroll", "Alice"),
        ("The Project Gutenberg eBook, Dracula, by Bram Stoker", "Dracula"),
        ("Something else", ""),
    ],
)
def test_the_title_of_old_headers_is_in_the_first_line(line, title):
    book = strip_gutenberg(f"{line}\n\n*** START OF THE PROJECT GUTENBERG EBOOK X ***\n{BODY}")
    assert book == (BODY, title)


@pytest.mark.parametrize(
    "text",
    [
        BODY,
        "Once I read about Project Gutenberg.\nIt was the end of Project Gutenberg.",
        "Title: A Tale\n\n*** A scene ends ***\n",
        "",
    ],
)
def test_other_text_comes_back_as_it_is(text):
    assert strip_gutenberg(text) == (text, "")


@pytest.mark.parametrize("lines", [gutenberg.HEADER_LINES - 1, gutenberg.HEADER_LINES])
def test_a_marker_is_a_header_within_the_bound_only(lines):
    text = "a\n" * lines + "*** START OF THE PROJECT GUTENBERG EBOOK X ***\n" + BODY
    assert strip_gutenberg(text).text == (BODY if lines < gutenberg.HEADER_LINES else text)


def test_a_book_of_two_volumes_ends_with_the_second():
    first = "*** START OF THE PROJECT GUTENBERG EBOOK X ***\none\n\nEnd of Project Gutenberg's X, I"
    assert strip_gutenberg(f"{first}\n\ntwo\n\nEnd of Project Gutenberg's X, II\n").text == (
        "one\n\nEnd of Project Gutenberg's X, I\n\ntwo"
    )


@given(st.text(st.sampled_from("* \n\tab"), max_size=300))
def test_hostile_headers_do_no_harm(text):
    assert strip_gutenberg(text) == (text, "")


def test_long_lines_take_linear_time():
    for part in ("*", " ", "* ", "a by ", "Project Gutenberg ", "\n\n", "Title: \n  a\n"):
        strip_gutenberg(part * 200_000 + "\n*** START OF THE PROJECT GUTENBERG EBOOK\n")
