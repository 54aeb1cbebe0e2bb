"""Lines that Project Gutenberg puts around its books: the end of a header, a licence, the end."""

import re
from bisect import bisect_left
from typing import NamedTuple

_GAP = r"[ \t\u00a0]{1,9}"
_MARK = r"[ \t]*\*{2,5}[ \t\u00a0]*"
_NAME = rf"(?:COPYRIGHTED{_GAP})?PROJECT{_GAP}GUTENBERG(?:'S|’S)?{_GAP}E-?(?:BOOK|TEXT)"
# The mark of 1998 and later closes with asterisks, perhaps two lines further down.
_START = re.compile(
    rf"^{_MARK}START{_GAP}OF{_GAP}(?:TH(?:E|IS){_GAP})?{_NAME}[^*]{{0,300}}\**[ \t]*$", re.M | re.I
)
_END = re.compile(rf"^{_MARK}END{_GAP}OF{_GAP}(?:TH(?:E|IS){_GAP})?{_NAME}", re.M | re.I)
# Etexts of the nineties end their header with the "small print"; later ones have it at the end.
_PRINT_START = re.compile(r"^[ \t]*\*+ ?START ?\*+ ?THE SMALL PRINT!.*$", re.M | re.I)
_SMALL_PRINT = re.compile(r"^[ \t]*\*+ ?END ?\*? ?THE SMALL PRINT!.*$", re.M | re.I)
_LICENCE = re.compile(
    r"^[ \t]*(?:\*{1,5}[ \t]?)?START(?::| OF)[ \t](?:THE[ \t])?FULL LICEN[SC]E"
    r"(?:[ \t]?\*{1,5})?[ \t]*$"
    rf"|^[ \t]*(?-i:THE FULL PROJECT){_GAP}GUTENBERG(?:-TM|™)?{_GAP}LICEN[SC]E[ \t]*$",
    re.M | re.I,
)
# In the language of the book, too: "Fin de Project Gutenberg's", "Ende dieses Projekt Gutenberg".
LAST_LINE = re.compile(
    r"^[ \t]*(?:The )?(?:End of|Fin d[eu]l?|Fine d(?:i|el)|Fim d[eo]|Ende (?:de[rs]|dieses?|von)"
    r"|Einde van|Slut(?:t|ning)? (?:p\u00e5|af|av)|Loppu|Koniec|Konec)"
    r" (?:(?:the|this|la|le|el|het|dit|des) |l['’])?"
    r"(?:e-?(?:text|book)e?s?,? (?:(?:of|de|von|van) )?)?"
    r"Pro(?:je[ck]t|jet|jeto|jekti|yecto|getto) Gutenberg(?:s|'s|’s)?\b.*$",
    re.M | re.I,
)
# What each line of a kind holds: only lines with these words are looked at.
_WORDS = {
    b"gutenberg": {"start": _START, "end": _END, "last": LAST_LINE, "licence": _LICENCE},
    b"small print!": {"opening": _PRINT_START, "print": _SMALL_PRINT},
    b"full licen": {"licence": _LICENCE},
}


class Mark(NamedTuple):
    """A line that begins or ends what surrounds a book."""

    start: int
    end: int
    kind: str  # start, end, licence, print: the end of a small print


class Marks(NamedTuple):
    """All marks of a text, in order; two kinds of which only the place matters lie beside them."""

    marks: list[Mark]
    last: list[int]  # where lines begin that say the book has ended
    openings: list[int]  # where a small print begins

    def before_last_line(self, start: int, end: int) -> int:
        """Returns where the final line between two places begins that ends a book, else `end`."""
        place = bisect_left(self.last, end) - 1
        return self.last[place] if place >= 0 and self.last[place] >= start else end

    def before_small_print(self, start: int, end: int) -> int:
        """Returns where a small print that ends at `end` begins, or the line before it."""
        place = bisect_left(self.openings, start)
        if place == len(self.openings) or self.openings[place] >= end:
            return end
        return self.before_last_line(start, self.openings[place])


def find_marks(text: str) -> Marks:
    """Returns the marks of a text, in one scan for the words that they hold."""
    plain = text.encode("ascii", "replace").lower()  # a byte a character: places are the text's
    found: dict[str, list[Mark]] = {"last": [], "opening": [], "print": []}
    found |= {"start": [], "end": [], "licence": []}
    for word, patterns in _WORDS.items():
        at = plain.find(word)
        while at >= 0:
            begin = plain.rfind(b"\n", 0, at) + 1
            for kind, pattern in patterns.items():
                if match := pattern.match(text, begin):
                    found[kind].append(Mark(match.start(), match.end(), kind))
            line_end = plain.find(b"\n", at)
            at = plain.find(word, line_end) if line_end >= 0 else -1
    last, openings = ([mark.start for mark in found.pop(kind)] for kind in ("last", "opening"))
    return Marks(sorted(mark for marks in found.values() for mark in marks), last, openings)
