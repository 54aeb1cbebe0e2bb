"""What Project Gutenberg puts around a book: header, credits and licence, in all historic forms."""

import re
from collections.abc import Iterator
from typing import NamedTuple

HEADER_LINES = 1_000  # a header ends within them; later a marker is part of the book
CREDIT_PARAGRAPHS = 4

_MARK = r"[ \t]*\*{2,5}[ \t]*"
_NAME = r"(?:COPYRIGHTED )?PROJECT GUTENBERG(?:'S|’S)? E-?(?:BOOK|TEXT)"
# The mark of 1998 and later closes with asterisks, perhaps two lines further down.
_START = re.compile(
    rf"^{_MARK}START OF (?:TH(?:E|IS) )?{_NAME}[^*]{{0,300}}\**[ \t]*$", re.M | re.I
)
_END = re.compile(rf"^{_MARK}END OF (?:TH(?:E|IS) )?{_NAME}", re.M | re.I)
# Etexts of the nineties end their header with the "small print"; later ones have it at the end.
_SMALL_PRINT = re.compile(r"^[ \t]*\*+ ?END ?\*? ?THE SMALL PRINT!.*$", re.M | re.I)
_LAST_LINE = re.compile(
    r"^[ \t]*(?:The )?End of (?:the |this )?Project Gutenberg(?:'s|’s)?\b.*$", re.M | re.I
)
_LICENCE = re.compile(r"^[ \t]*\*\*\* ?START: FULL LICENSE ?\*\*\*", re.M)
_CREDIT = re.compile(
    r"\s*(?:Produced by|E-?text (?:prepared|produced|scanned)|Transcribed (?:from|by)|Scanned by|"
    r"Prepared by|This (?:e-?text|eBook|file) was (?:produced|prepared|created|first posted)|"
    r"Note: Project Gutenberg also has|Updated editions will)",
    re.I,
)
_TITLE = re.compile(r"^Title:[ \t]*(.+(?:\n[ \t]{2,}\S.*){0,3})", re.M)
_FIRST_LINE = re.compile(
    r"^[ \t*]*(?:The |This is the )?Project Gutenberg(?:'s|’s)? (?:E-?(?:text|book)(?: of|,) ?)?"
    r"(.{1,300}?)(?:,? by\b.*)?[ \t*]*$",
    re.M | re.I,
)


_PRINT_START = re.compile(r"^[ \t]*\*+ ?START ?\*+ ?THE SMALL PRINT!.*$", re.M | re.I)
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


class _Mark(NamedTuple):
    """A line that begins or ends what surrounds a book."""

    start: int
    end: int
    kind: str  # start, end, licence, small print


def strip_gutenberg(text: str) -> Book:
    r"""Returns the book inside a Gutenberg file and its title; other text comes back as it is.

    Header, licence and small print go wherever they stand, also between the works of one file;
    where a mark would leave nothing of the book, it is not taken as one.

    >>> strip_gutenberg("Title: A\n*** START OF THE PROJECT GUTENBERG EBOOK A ***\nOnce\n").text
    'Once'
    """
    pieces = _VERSION.split(text)
    if len(pieces) > 1:
        text = "\n\n".join(piece.strip("\n") for piece in pieces)
    marks = _marks(text)
    last = _final(_LAST_LINE, text)
    if not marks and not last:
        return Book(text, "")
    first = _header_end(text, marks, last)
    title = _title(text[: first.start]) if first else ""
    works = [work for work in _works(text, marks, first) if work.strip()]
    if not first and works:
        header = works[0]
        works[0] = _without_header(header)
        title = _title(header[: len(header) - len(works[0])])
    body = "\n\n".join(_without_credits(_without_last_line(work)).strip("\n") for work in works)
    return Book(body.strip("\n").rstrip(), title)


def _marks(text: str) -> list[_Mark]:
    patterns = {"start": _START, "end": _END, "licence": _LICENCE, "print": _SMALL_PRINT}
    found = [
        _Mark(match.start(), match.end(), kind)
        for kind, pattern in patterns.items()
        for match in pattern.finditer(text)
    ]
    return sorted(found)


def _header_end(text: str, marks: list[_Mark], last: re.Match[str] | None) -> _Mark | None:
    """Returns the mark that ends the header: the last start in the head, else the small print.

    Behind a line that says the book has ended it is none, nor if nothing follows it.
    """
    head, end = len(_head(text)), len(text.rstrip())
    ends = [mark.start for mark in marks if mark.kind in ("end", "licence")]
    before = min([*ends, last.start() if last else len(text), head])
    for kind in ("start", "print"):
        for mark in marks:
            if mark.kind == kind and mark.start < before and mark.end < end:
                return mark
    return None


def _works(text: str, marks: list[_Mark], first: _Mark | None) -> Iterator[str]:
    """Yields what stands between a start, or the beginning, and the mark that ends it."""
    at: int | None = first.end if first else 0
    end = len(text.rstrip())
    for mark in marks:
        if first and mark.start <= first.start:
            continue
        if mark.kind in ("end", "licence") and at is not None:
            yield (
                _before_last_line(text[at : mark.start])
                if mark.kind == "licence"
                else (text[at : mark.start])
            )
            at = None
        elif mark.kind == "start" and at is None:
            at = mark.end
        elif mark.kind == "start" and at is not None and mark.end >= end:
            yield text[at : mark.start]
            at = None
        elif mark.kind == "print" and at is not None:
            yield _before_small_print(text[at : mark.start])
            at = mark.end
    if at is not None:
        yield _before_last_line(text[at:])


def _before_last_line(work: str) -> str:
    found = _final(_LAST_LINE, work)
    return work[: found.start()] if found else work


def _before_small_print(work: str) -> str:
    """Returns what stands before a small print, and before the line that ends the book."""
    found = _PRINT_START.search(work)
    return _before_last_line(work[: found.start()]) if found else work


def _head(text: str) -> str:
    """Returns the first `HEADER_LINES` lines."""
    at = 0
    for _ in range(HEADER_LINES):
        newline = text.find("\n", at)
        if newline < 0:
            return text
        at = newline + 1
    return text[:at]


def _final(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    """Returns the last match; books of many volumes end one after the other."""
    return max(pattern.finditer(text), key=lambda match: match.start(), default=None)


def _title(header: str) -> str:
    found = _TITLE.search(header) or _FIRST_LINE.search(header)
    return " ".join(found.group(1).split()) if found else ""


def _without_header(body: str) -> str:
    """Returns the body without the first paragraphs that a header has."""
    for _ in range(HEADER_PARAGRAPHS):
        body = body.lstrip("\n")
        if not _HEADER.match(body, 0, _HEADER_CHARACTERS):
            break
        body = body.partition("\n\n")[2]
    return body


def _without_last_line(body: str) -> str:
    """Returns the body without a last paragraph that says it is the end."""
    body = body.rstrip()
    cut = body.rfind("\n\n") + 1
    return body[:cut] if _LAST_LINE.match(body[cut:].lstrip("\n")) else body


def _without_credits(body: str) -> str:
    """Returns the body without the first paragraphs that name who typed the book."""
    for _ in range(CREDIT_PARAGRAPHS):
        body = body.lstrip("\n")
        if not _CREDIT.match(body):
            break
        body = body.partition("\n\n")[2]
    return body
