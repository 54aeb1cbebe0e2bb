"""Raised and lowered characters in plain text: a power stays a power, a footnote's mark goes.

`2<sup>80</sup>` without its mark is another number; `quay<sup>3</sup>` with it is a wrong word.
What stands before decides, as it does for a reader.
"""

import re
from typing import Final

MAX_CHARACTERS: Final = 40  # of raised text that is looked at; longer runs are text like any other
_MINUS: Final = str.maketrans("\u2212\u2013\u2012\u2010\u2011", "-----")
_NUMBER = re.compile(r"[+-]?\d+(?:[.,/]\d+)*")
_CHARGE = re.compile(r"\d?[+-]")
_ATOM: Final = "(?:\\d+|[a-zA-Z\u03b1-\u03c9])"
_TERM = re.compile(rf"[+-]?{_ATOM}(?: ?[-+*/^\u00d7\u00b7] ?{_ATOM}|[a-zA-Z\u03b1-\u03c9])*")
_ORDINAL = re.compile(
    r"(?:st|nd|rd|th|er|re|e|\u00e8me|me|i\u00e8me|o|a|\u00ba|\u00aa|os|as|es)\.?", re.I
)
_SIGN = re.compile(r"\(?(?:tm|sm|r|c|\u00ae|\u2122)\)?", re.I)
_ONE_MARK: Final = r"(?:\d{1,3}|[a-z])"
_SYMBOLS: Final = "[*\u2020\u2021\u00a7\u00b6#]{1,4}"
_MARK = re.compile(
    rf"[\[(]?(?:{_ONE_MARK}|{_SYMBOLS})(?: ?[,;\u2013-] ?(?:{_ONE_MARK}|{_SYMBOLS}))*[\])]?"
)
_BRACKETS = re.compile(r"\[[^\]]*\]?")
_LAST_WORD = re.compile(r"([^\W\d_]+)\Z")
# Units long enough to be words; their powers are written with 2 and 3.
_UNITS: Final = frozenset((
    "mile", "miles", "inch", "inches", "foot", "feet", "yard", "yards",
    "meter", "meters", "metre", "metres", "pixel", "pixels",
))  # fmt: skip
# What follows the numerator of a fraction; "_" stands before lowered text. A plain "/" may divide,
# so only "1", which nobody writes as a power, is a numerator before it.
LOWERED: Final = "_"
_DENOMINATOR: Final = r"[1-9]\d{0,3}(?!\d)"
_BELOW = re.compile(rf"\s?(?:[/\u2215]\s?{LOWERED}|\u2044\s?{LOWERED}?)\s?{_DENOMINATOR}")
_BELOW_ONE = re.compile(rf"\s?[/\u2215]\s?{_DENOMINATOR}(?![.,/]\d)")
# A base apart from its power by a blank: ten, or a unit behind a number.
_APART = re.compile(
    r"(?:(?<![\d.,])10|\d ?(?:[kcdmn\u00b5\u03bc]?m|in|ft|yd|mi|feet|miles|met(?:er|re)s))\s\Z"
)
_SIGNED = re.compile(r"\d\s\Z")  # a base apart from a power with a sign
_SYMBOL: Final = 3  # letters of the longest symbol of a unit or quantity: "km", "sin", "mol"


def raised(content: str, before: str, linked: bool, behind: str = "") -> str:
    """Returns what raised text adds to a line; "" for a mark that leads to a note.

    Args:
      content: the raised text.
      before: the characters before it, some of the line's last.
      linked: whether it is a link, as marks of notes are.
      behind: the characters behind it, lowered ones after `LOWERED`.

    >>> raised("80", "has 2", False), raised("3", "on the quay", False), raised("th", "19", False)
    ('^80', '', 'th')
    """
    content = content.strip().translate(_MINUS)
    last = before[-1:]
    if _BRACKETS.fullmatch(content) or (linked and _MARK.fullmatch(content)):
        return ""
    if not linked and _is_numerator(content, behind) and not (last.isalpha() or last in ")]}|"):
        return f" {content}" if last.isdigit() else content
    apart = _is_apart(content, before, behind)
    if not last or (last.isspace() and not apart) or _SIGN.fullmatch(content):
        return content  # "14" of "<sup>14</sup>C", a note's own number
    if last.isdigit():
        return content if _ORDINAL.fullmatch(content) else _power(content)
    if apart or _is_symbol(before, content):
        return _power(content)
    short = len(_last_word(before)) <= _SYMBOL  # "n<sup>o</sup>", "M<sup>me</sup>"
    marks = _MARK.fullmatch(content) and not (short and _ORDINAL.fullmatch(content))
    return "" if marks else content


def _is_numerator(content: str, behind: str) -> bool:
    """Returns whether raised text is the upper number of a fraction, as in "5 1/2"."""
    if not (content.isdecimal() and content.isascii()) or len(content) > _SYMBOL:
        return False
    return _BELOW.match(behind) is not None or (
        content == "1" and _BELOW_ONE.match(behind) is not None
    )


def _is_apart(content: str, before: str, behind: str) -> bool:
    """Returns whether a power stands behind a blank: of ten, with a sign, or of a unit."""
    if not before[-1:].isspace() or behind[:1].isalpha() or not _NUMBER.fullmatch(content):
        return False
    unit = content in ("2", "3") or before[-2:-1].isdigit()
    return (unit and _APART.search(before) is not None) or (
        content[0] in "+-" and _SIGNED.search(before) is not None
    )


def _last_word(before: str) -> str:
    found = _LAST_WORD.search(before)
    return found[1] if found else ""


def _is_symbol(before: str, content: str) -> bool:
    """Returns whether what stands before is a quantity that can have a power or a charge."""
    if before[-1] in ")]}|":
        return True
    word = _last_word(before)
    if not word:
        return False
    if _CHARGE.fullmatch(content):
        return len(word) <= _SYMBOL
    if content in ("2", "3", "-1", "-2", "-3"):
        return len(word) <= _SYMBOL or word.lower() in _UNITS
    return len(word) == 1 and not _ORDINAL.fullmatch(content)


def _power(content: str) -> str:
    if _NUMBER.fullmatch(content) or _CHARGE.fullmatch(content) or len(content) == 1:
        return f"^{content}"
    return f"^{{{content}}}" if _TERM.fullmatch(content) else content


def lowered(content: str, before: str, after: str) -> str:
    """Returns what lowered text adds to a line: apart from digits beside it, else as it is.

    >>> lowered("10", "log", "2"), lowered("2", "H", "O"), lowered("2", "1010", " is")
    ('_10 ', '2', '_2')
    """
    content = content.strip().translate(_MINUS)
    if not content[:1].isdigit():
        return content
    behind = " " if after[:1].isdigit() else ""
    return f"_{content}{behind}" if behind or before[-1:].isdigit() else content
