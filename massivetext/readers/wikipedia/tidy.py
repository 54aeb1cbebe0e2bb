"""Closes the gaps that removed references and templates leave in a sentence.

Only what stands beside a `GONE` mark is a gap: empty brackets and lone commas of the author's own
stay, so that "main()" and "for (;;)" are read as they were written.
"""

import re

from massivetext.readers.wikipedia.templates.arguments import CODE_END, CODE_START, GONE, LINE_END

_BLANKS = " \t"
_PAUSES = ",;:"
_MARKS = f"{_PAUSES}.!?"
_ROUNDS = 2  # brackets around brackets that one gap may take with it
_LOOK_BACK = 12  # characters in which a line's beginning is looked for
_ONLY = re.compile(r"(?:e\.g\.|i\.e\.|see|or|pronounced|pronunciation:?|listen|IPA:?)$")
_LOOK_AT_WORD = 16

_VERBATIM = re.compile(  # a line that begins with a blank, code
    f"\\n [^\\n]*|{CODE_START}[^{CODE_START}{CODE_END}]*{CODE_END}"
)
_BEFORE_MARK = re.compile(r" (?<=\S )(?=[,.;:](?:\s|$))")
_BLANKS_IN_LINE = re.compile(r"(?<=\S)[ \t]{2,}")


def tidy(text: str) -> str:
    """Returns the text without marks of what is gone, and with single blanks in its prose.

    >>> tidy(f"main() ({GONE}; born 1815) wrote{GONE} , see  f()")
    'main() (born 1815) wrote, see f()'
    """
    if LINE_END in text:
        text = text.replace(f"{LINE_END}{GONE}\n", "\n").replace(LINE_END, "\n")
    text = _close_gaps(text) if GONE in text else text
    text = f"\n{text}"
    if "\n " not in text and CODE_START not in text:
        return _single_blanks(text)[1:]
    out: list[str] = []
    at = 0
    for found in _VERBATIM.finditer(text):
        out += (_single_blanks(text[at : found.start()]), found.group())
        at = found.end()
    out.append(_single_blanks(text[at:]))
    return "".join(out).replace(CODE_START, "").replace(CODE_END, "")[1:]


def _single_blanks(text: str) -> str:
    if "  " in text or "\t" in text:
        text = _BLANKS_IN_LINE.sub(" ", text)
    return _BEFORE_MARK.sub("", text)


def _close_gaps(text: str) -> str:
    first, *rest = text.split(GONE)
    out = [first]
    blank = False  # between what is in `out` and the next piece
    for piece in rest:
        blank, right = _join(out, blank, piece)
        if right:
            out.append(f" {right}" if blank else right)
            blank = False
    return "".join(out)


def _join(out: list[str], blank: bool, right: str) -> tuple[bool, str]:
    """Fits the text behind a gap to the text before it; returns it, and if a blank goes before."""
    for _ in range(_ROUNDS):
        left = _strip_left(out)
        stripped = right.lstrip(_BLANKS)
        blank = blank or left is not out[-1] or stripped is not right
        out[-1], right = left, stripped
        if right[:1] in (")", "]") and right:
            out[-1] = left = left.rstrip(_PAUSES + _BLANKS)
            blank = False
            if not _is_open(left, right[0]):
                break
            out[-1] = _without_bracket(left)
            blank, right = True, right[1:]
            continue
        break
    return _before_text(out[-1], blank, right)


def _strip_left(out: list[str]) -> str:
    while len(out) > 1 and not out[-1]:
        out.pop()
    return out[-1].rstrip(_BLANKS)


def _is_open(left: str, closing: str) -> bool:
    opening = "(" if closing == ")" else "["
    return left.endswith(opening) or _word_of_bracket(left, opening) > 0


def _word_of_bracket(left: str, opening: str) -> int:
    """Returns the length of a word such as "see" that is all that stands in a bracket, or 0."""
    end = left[-_LOOK_AT_WORD:].rpartition(opening)
    return len(end[2]) if end[1] and _ONLY.match(end[2].strip()) else 0


def _without_bracket(left: str) -> str:
    opening = "(" if "(" in left[-_LOOK_AT_WORD:] else "["
    return left[: -_word_of_bracket(left, opening) - 1]


def _before_text(left: str, blank: bool, right: str) -> tuple[bool, str]:
    """Returns the text behind a gap without the pauses that have lost what they divide."""
    if left.endswith(("(", "[")):
        return False, right.lstrip(_PAUSES + _BLANKS)
    if _is_line_start(left):
        return left[-1:] not in ("\n", "") and blank, _without_marks(right)
    if right[:1] and right[0] in _MARKS and (len(right) == 1 or right[1] in " \n)]" + _MARKS):
        if right[0] in _PAUSES and (left[-1:] in tuple(_MARKS) or right[1:2] in (")", "]")):
            right = right[1:].lstrip(_BLANKS)
            return right[:1] not in (")", "]", "\n", ""), right
        return False, right
    return blank and right[:1] != "\n", right


def _is_line_start(left: str) -> bool:
    """Returns whether nothing but a list's marks stands before the gap in its line."""
    end = left[-_LOOK_BACK:]
    line = end.rpartition("\n")
    if not line[1] and len(left) > len(end):
        return False
    return not line[2].strip("*#:;" + _BLANKS)


def _without_marks(right: str) -> str:
    """Returns text without marks of punctuation at its beginning, ".NET" as it is."""
    at = 0
    while at < len(right) and (
        right[at] in _BLANKS
        or (right[at] in f"{_PAUSES}." and (right[at + 1 : at + 2] or " ") in f" \n\t{_PAUSES}.")
    ):
        at += 1
    return right[at:]
