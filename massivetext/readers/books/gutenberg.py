"""What Project Gutenberg puts around a book: header, credits and licence, in all historic forms."""

import re
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


class Book(NamedTuple):
    """A book without what surrounds it."""

    text: str
    title: str


def strip_gutenberg(text: str) -> Book:
    r"""Returns the book inside a Gutenberg file and its title; other text comes back as it is.

    >>> strip_gutenberg("Title: A\n*** START OF THE PROJECT GUTENBERG EBOOK A ***\nOnce\n").text
    'Once'
    """
    head = _head(text)
    start = _START.search(head) or _SMALL_PRINT.search(head)
    title = _title(text[: start.start()]) if start else ""
    body = text[start.end() :] if start else text
    end = _END.search(body) or _final(_LAST_LINE, body) or _LICENCE.search(body)
    if not start and not end:
        return Book(text, "")
    body = body[: end.start()] if end else body
    return Book(_without_credits(_without_last_line(body)).strip("\n").rstrip(), title)


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
