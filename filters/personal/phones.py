"""Phone numbers in a text: by their form alone where it is theirs alone, else behind a word.

International numbers begin with "+"; North American ones are 3-3-4 with separators; national ones
begin with 0 and have groups. Other runs of digits count behind "tel", "fax" or the like. A number
that touches a letter or a digit, or a separator with one beyond, is a part of something else: of
a serial number, an ISBN, a decimal, a date, a hash.
"""

import re
from collections.abc import Iterator
from typing import Final

from massivetext.filters.personal.spans import Span

_GAP: Final = r"[ \t\u00a0.\-\u2010\u2011\u2013/]"  # between groups of digits
_BEFORE: Final = r"(?<![\w+#$€£¥&=%.,\u2013-])(?<![\w\])][/:])"
_AFTER: Final = r"(?![\w%€£¥°])(?![.,:/\u2013-][\w])"
_GROUPS: Final = rf"(?:{_GAP}{{0,2}}+(?:\(\d{{1,5}}+\)|\d{{1,14}}+))"
_EXTENSION: Final = r"(?:[ ,]{0,2}+(?i:extension|ext\.?|x)[ ]?\d{1,6}+)?"
_INTERNATIONAL: Final = re.compile(
    rf"{_BEFORE}(?:\(\+[1-9]\d{{0,2}}+\)|\+[1-9]\d{{0,14}}+){_GROUPS}{{0,6}}+{_AFTER}{_EXTENSION}"
)
_AMERICAN: Final = re.compile(
    rf"(?:{_BEFORE}(?:1{_GAP}?)?(?:[2-9]\d\d([.\u2011\u2013-])[2-9]\d\d(?:\1|-)\d{{4}}"
    rf"|[2-9]\d\d [2-9]\d\d-\d{{4}}){_EXTENSION}{_AFTER}"
    rf"|(?:{_BEFORE}1{_GAP}?)?\([2-9]\d\d\){_GAP}{{0,2}}+[2-9]\d\d[ .\u2011\u2013-]\d{{4}}"
    rf"{_EXTENSION}(?!\d|[.,-]\d))"
)
_NATIONAL: Final = re.compile(
    rf"{_BEFORE}(?:\(0[1-9]\d{{0,4}}+\)|0[1-9]\d{{0,4}}+)(?:[ /\u2011-]|(?<=\)))[ ]?"
    rf"\d{{3,8}}+(?:[ \u2011-]\d{{3,5}}(?!\d)){{0,2}}+{_AFTER}"
)
_STRONG: Final = r"tel(?:ephone|efon|éfono)?|tél(?:éphone)?|(?:tele)?phone|ph|fax|hotline|helpline"
_WEAK: Final = r"call|mobile|mob|cell(?:phone)?|handy|whatsapp|sms|text|dial|ring"
_NAME: Final = re.compile(
    rf"\b(?i:(?P<strong>{_STRONG})|{_WEAK})s?\b[^\w\n+(]{{0,4}}+"
    r"(?i:(?:numbers?|no|nr|us|at|on|is|or|to|toll|free|line|office|home|work)\b[^\w\n+(]{0,3}+){0,3}+"
    r"\Z"
)
_NUMBER: Final = re.compile(rf"(?:\(\d{{1,5}}+\)|\d{{1,14}}+){_GROUPS}{{0,6}}+{_AFTER}")
_REACH: Final = 40  # characters before a number, where its name is looked for
# Where a number may stand: nothing else of a text is looked at.
_RUN: Final = re.compile(r"[+(\d][+\d() \t\u00a0.\-\u2010\u2011\u2013/]{6,}+")
_MARGIN: Final = 20  # behind a run: an extension, and what may not follow
_YEAR: Final = r"(?:1[5-9]|20)\d\d"
_DATED: Final = re.compile(rf"{_YEAR}\D{{1,3}}{_YEAR}|{_YEAR}\D\d\d?\D\d\d?|\d\d?\D\d\d?\D{_YEAR}")
_DIGIT: Final = re.compile(r"\d")
_FEWEST, _FEWEST_WEAK, _MOST = 7, 9, 15  # digits; E.164 has at most 15


def find_phones(text: str) -> Iterator[Span]:
    """Yields where phone numbers stand; those of two forms may overlap.

    >>> text = "Call 020 7946 0958 or +44 20 7946 0958; ISBN 978-0-306-40615-7, 2.415"
    >>> sorted({text[start:end] for start, end in find_phones(text)})
    ['+44 20 7946 0958', '020 7946 0958']
    """
    for run in _RUN.finditer(text):
        begin, end = run.start(), run.end() + _MARGIN
        for found in _INTERNATIONAL.finditer(text, begin, end):
            if is_international(found[0]):
                yield Span(*found.span())
        for found in _AMERICAN.finditer(text, begin, end):
            yield Span(*found.span())
        for found in _NATIONAL.finditer(text, begin, end):
            if 10 <= count_digits(found[0]) <= 11:
                yield Span(*found.span())
        yield from _find_named(text, run)


def _find_named(text: str, run: re.Match[str]) -> Iterator[Span]:
    """Yields the number that a run begins with, if a word before says that it is one."""
    name = _NAME.search(text, max(0, run.start() - _REACH), run.start())
    number = _NUMBER.match(text, run.start(), run.end() + _MARGIN) if name else None
    if name is None or number is None:
        return
    fewest = _FEWEST if name["strong"] else _FEWEST_WEAK
    if fewest <= count_digits(number[0]) <= _MOST and not _DATED.fullmatch(number[0]):
        yield Span(*number.span())


def is_international(number: str) -> bool:
    """Returns whether a run of digits behind "+" is as long as a phone number, and no decimal.

    >>> is_international("+3.14159265"), is_international("+49 30 901820")
    (False, True)
    """
    digits = _DIGIT.findall(number)
    bare = len(number) == len(digits) + 1
    if digits[0] == "1" and len(digits) != 11:
        return False
    decimal = number.count(".") == 1 and len(number) == len(digits) + 2
    return (10 if bare else 8) <= len(digits) <= _MOST and not decimal


def count_digits(number: str) -> int:
    """Returns how many digits a number has."""
    return len(_DIGIT.findall(number))
