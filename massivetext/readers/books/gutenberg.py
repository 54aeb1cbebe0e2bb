"""What Project Gutenberg puts around a book: header, credits and licence, in all historic forms."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from massivetext.readers.books.marks import LAST_LINE, Mark, Marks, find_marks

HEADER_LINES = 1_000  # a header ends within them; later a marker is part of the book
CREDIT_PARAGRAPHS = 4

_CREDIT = re.compile(
    r"\s*(?:Produced by|E-?text (?:prepared|produced|scanned)|Transcribed (?:from|by)|Scanned by|"
    r"Prepared by|This (?:e-?text|eBook|file) was (?:produced|prepared|created|first posted)|"
    r"Note: Project Gutenberg also has|Updated editions will)",
    re.I,
)
_NEWLINES = re.compile(r"\n*+")
_TITLE = re.compile(r"^Title:[ \t]*(.+(?:\n[ \t]{2,}\S.*){0,3})", re.M)
_FIRST_LINE = re.compile(
    r"^[ \t*]*(?:The |This is the )?Project Gutenberg(?:'s|’s)? (?:E-?(?:text|book)(?: of|,) ?)?"
    r"(.{1,300}?)(?:,? by\b.*)?[ \t*]*$",
    re.M | re.I,
)
_VERSION = re.compile(r"<<\s{0,9}THIS ELECTRONIC VERSION[^<>]{0,3000}>>", re.I)
# The paragraphs of a header that no mark ends.
_HEADER = re.compile(
    r"\W*(?:(?:The |This is the )?Project Gutenberg|Copyright laws are changing|Title:|Author:|"
    r"(?:Original )?(?:Release|Posting|Publication) Date|Edition:|Language:|Character set|"
    r"This (?:e-?text|e-?book) is for the use|Please (?:take a look|do not remove)|"
    r"\[?(?:Date last|Most recently|Last) updated|\[?E-?(?:text|book) ?(?:#|No)|"
    r"We need your donations|Welcome to (?:the|To) World|\*+ ?Welcome To|These E-?texts)",
    re.I,
)
HEADER_PARAGRAPHS = 40
_HEADER_CHARACTERS = 200


class Book(NamedTuple):
    """A book without what surrounds it."""

    text: str
    title: str


def strip_gutenberg(text: str) -> Book:
    r"""Returns the book inside a Gutenberg file and its title; other text comes back as it is.

    Header, licence and small print go wherever they stand, also between the works of one file;
    where a mark would leave nothing of the book, it is not taken as one.

    >>> strip_gutenberg("Title: A\n*** START OF THE PROJECT GUTENBERG EBOOK A ***\nOnce\n").text
    'Once'
    """
    if "<<" in text:
        pieces = _VERSION.split(text)
        text = "\n\n".join(piece.strip("\n") for piece in pieces) if pieces[1:] else text
    marks = find_marks(text)
    if not marks.marks and not marks.last:
        return Book(text, "")
    first = _header_end(text, marks)
    title = _title(text[: first.start]) if first else ""
    works = [work for work in _works(text, marks, first) if work.strip()]
    if not first and works:
        header = works[0]
        works[0] = _without_header(header)
        title = _title(header[: len(header) - len(works[0])])
    body = "\n\n".join(_without_credits(_without_last_line(work)).strip("\n") for work in works)
    return Book(body.strip("\n").rstrip(), title)


def _header_end(text: str, marks: Marks) -> Mark | None:
    """Returns the mark that ends the header: the first start in the head, else the small print.

    Behind a line that says the book has ended it is none, nor if nothing follows it.
    """
    end = len(text.rstrip())
    ends = [mark.start for mark in marks.marks if mark.kind in ("end", "licence")]
    before = min([*ends, *marks.last[-1:], _head_end(text)])
    for kind in ("start", "print"):
        for mark in marks.marks:
            if mark.kind == kind and mark.start < before and mark.end < end:
                return mark
    return None


def _works(text: str, marks: Marks, first: Mark | None) -> Iterator[str]:
    """Yields what stands between a start, or the beginning, and the mark that ends it."""
    at: int | None = first.end if first else 0
    end = len(text.rstrip())
    rest = marks.marks[marks.marks.index(first) + 1 :] if first else marks.marks
    for mark in rest:
        if at is None:
            at = mark.end if mark.kind == "start" else None
        elif mark.kind == "print":
            yield text[at : marks.before_small_print(at, mark.start)]
            at = mark.end
        elif mark.kind == "licence":
            yield text[at : marks.before_last_line(at, mark.start)]
            at = None
        elif first or mark.kind == "end" or mark.end >= end:  # the last: nothing follows a start
            yield text[at : mark.start]
            at = mark.end if mark.kind == "start" else None
    if at is not None:
        yield text[at : marks.before_last_line(at, len(text))]


def _head_end(text: str) -> int:
    """Returns where the first `HEADER_LINES` lines end."""
    at = 0
    for _ in range(HEADER_LINES):
        newline = text.find("\n", at)
        if newline < 0:
            return len(text)
        at = newline + 1
    return at


def _title(header: str) -> str:
    found = _TITLE.search(header) or _FIRST_LINE.search(header)
    return " ".join(found.group(1).split()) if found else ""


def _without_header(body: str) -> str:
    """Returns the body without the first paragraphs that a header has."""
    return _behind(body, _HEADER, HEADER_PARAGRAPHS, _HEADER_CHARACTERS)


def _without_last_line(body: str) -> str:
    """Returns the body without a last paragraph that says it is the end."""
    body = body.rstrip()
    cut = body.rfind("\n\n") + 1
    return body[:cut] if LAST_LINE.match(body[cut:].lstrip("\n")) else body


def _without_credits(body: str) -> str:
    """Returns the body without the first paragraphs that name who typed the book."""
    return _behind(body, _CREDIT, CREDIT_PARAGRAPHS, len(body))


def _behind(body: str, pattern: re.Pattern[str], paragraphs: int, characters: int) -> str:
    """Returns the body behind the first paragraphs that a pattern matches, at most so many.

    Args:
      body: a text.
      pattern: of the beginning of a paragraph.
      paragraphs: how many are left out at most.
      characters: of a paragraph that the pattern may see.
    """
    at = 0
    for _ in range(paragraphs):
        at += len(_NEWLINES.match(body, at)[0])  # type: ignore[index]  # it matches anywhere
        if not pattern.match(body, at, at + characters):
            break
        blank = body.find("\n\n", at)
        at = blank + 2 if blank >= 0 else len(body)
    return body[at:]
