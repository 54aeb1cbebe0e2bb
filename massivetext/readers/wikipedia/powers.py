"""Raised and lowered characters of wiki text whose brackets are resolved: 10<sup>6</sup> is 10^6.

What stands inside may be styled, a formula or literal text (kept aside, see tags.py); no markup
around a number makes it another number.
"""

import re

from massivetext.readers.markup.raised import MAX_CHARACTERS, lowered, raised
from massivetext.readers.wikipedia.entities import decode_entities
from massivetext.readers.wikipedia.tags import KEPT
from massivetext.readers.wikipedia.templates.arguments import EQUALS, GONE, LINE_END, PART

_STYLE = (  # tags that change how their text looks, no more
    r"</?(?:abbr|b|bdi|bdo|big|cite|code|data|dfn|em|font|i|kbd|mark|q|s|samp|small|span|strike"
    r"|strong|time|tt|u|var)(?=[\s/>])[^<>\n]{0,200}>"
)
_CONTENT = rf"((?:[^<>\n]|{_STYLE}){{1,{MAX_CHARACTERS}}}+)"
_WITH_INDEX = rf"((?:[^<>\n]|</?sub>|{_STYLE}){{1,{MAX_CHARACTERS}}}+)"
_MINUS = "(?:[-−+–]|&minus;|&ndash;|&#8722;)?"
_BLANK = r"(?:[ \u00a0\u2009\u202f]|&(?:nbsp|thinsp|#160|#xa0|#8201|#8239);)"
_GAP = rf"(?:\s|{_STYLE}){{0,4}}+"
_FRACTION = re.compile(
    rf"<sup\b[^<>]*>{_CONTENT}</sup\s*>{_GAP}(/|⁄|&frasl;|&#8260;|&#x2044;){_GAP}"
    rf"(?:<sub\b[^<>]*>{_CONTENT}</sub\s*>|(\d{{1,3}})(?!\d|[.,]\d|\^))",
    re.I,
)
_RAISED = re.compile(rf"<sup\b([^<>]*)>{_WITH_INDEX}</sup\s*>", re.I)
_LOWERED = re.compile(rf"<sub\b[^<>]*>{_CONTENT}</sub\s*>", re.I)
_APART = "\x08"  # between a power and the blank before it, which goes: "10 <sup>6</sup>"
_BLANKS = re.compile(rf"{_BLANK}{{0,3}}+{_APART}")
# Powers too long for `_RAISED`, or with powers inside, of a number or variable.
_POWER = re.compile(
    rf"<sup(?:(?<=[\d)']<sup)|(?<=</i><sup)|(?= power>))\b[^<>]*>(?:\s|{_STYLE}){{0,4}}+"
    rf"(?=(?<= power>)|{_MINUS}\s?\d|'{{2,3}}|[ijkmnpqtxy]\s*</sup)",
    re.I,
)
_UNSEEN = re.compile(f"'{{2,}}|<[^<>]*>|[{GONE}{LINE_END}{PART}\u200b-\u200f\u2060]")
_ENDING = re.compile("st|nd|rd|th")
_EXPRESSION = re.compile(r"[\dA-Za-zα-ωΑ-Ω.,\s()+\-−–±×·*/^_=]*[-+−–±×·*/^][^<>]*")
_WORD = re.compile(r"[^\W\d_]{4}")
_LOOK_BACK = 300  # characters before a raised text, among them tags
_LOOK_AHEAD = 60
_MAX_KEPT = 100  # characters of a formula or literal text that decide


def raise_and_lower(text: str, kept: list[str]) -> str:
    """Returns text with powers as "10^5", and indexes beside digits as "1010_2".

    Args:
      text: wiki text without brackets, with its tags.
      kept: what the marks of `strip_extension_tags` stand for.

    >>> raise_and_lower("10<sup><b>6</b></sup>, 4<sup>th</sup>", [])
    '10^6, 4<sup>th</sup>'
    """
    return _Scripts(kept).write(text)


class _Scripts:
    """Writes scripts; knows the formulas and literal texts that stand in them."""

    def __init__(self, kept: list[str]) -> None:
        self._kept = kept

    def write(self, text: str) -> str:
        text = _LOWERED.sub(self._lower, _FRACTION.sub(self._divide, text))
        text = _POWER.sub("^", _RAISED.sub(self._raise, text))
        return _BLANKS.sub("", text) if _APART in text else text

    def _divide(self, match: re.Match[str]) -> str:
        """Returns a fraction; over a plain number that of one alone, 10<sup>2</sup>/2 is 50."""
        above, below = self._plain(match[1]), self._plain(match[3] or match[4])
        divides = match[4] and match[2] == "/" and above != "1"
        if not (above + below).isdecimal() or divides:
            return match[0]
        return f"{PART}{above}/{below}"

    def _lower(self, match: re.Match[str]) -> str:
        shown = lowered(self._plain(match[1]), self._before(match), self._after(match))
        return shown if "_" in shown else match[0]

    def _raise(self, match: re.Match[str]) -> str:
        content, before = self._plain(match[2]), self._before(match)
        after = self._after(match)
        shown = raised(content, before, False, after if after.isalpha() else "")
        if shown.startswith("^"):  # its minus as written
            power = f"^{{{content}}}" if shown.startswith("^{") else f"^{content}"
            return f"{_APART}{power}" if before[-1:].isspace() else power
        if not self._is_power(match, content, before):
            return f"<sup>{match[2]}</sup>"
        return f"^{{{match[2] if KEPT.search(match[2]) else content}}}"

    def _is_power(self, match: re.Match[str], content: str, before: str) -> bool:
        """Returns whether what is no plain number or term is a power: "(n-1)", a formula."""
        if not content or _ENDING.fullmatch(content):
            return False
        if match[1] == " power":
            return True
        if not raised("n", before, False).startswith("^"):
            return False
        if KEPT.search(match[2]) or "<sub" in match[2]:
            return True
        return bool(_EXPRESSION.fullmatch(content)) and not _WORD.search(content)

    def _before(self, match: re.Match[str]) -> str:
        start = match.start()
        text = match.string[max(start - _LOOK_BACK, 0) : start]
        if text.count("\0") % 2:
            text = text.partition("\0")[2]  # begins inside a mark
        if start > _LOOK_BACK and (end := text.find(">")) >= 0 and "<" not in text[:end]:
            text = text[end + 1 :]  # begins inside a tag
        return self._plain(text, strip=False)

    def _after(self, match: re.Match[str]) -> str:
        """Returns the character behind a script."""
        behind = match.string[match.end() : match.end() + _LOOK_AHEAD]
        return "" if behind[:4].lower() == "<sup" else self._plain(behind, strip=False)[:1]

    def _plain(self, text: str, strip: bool = True) -> str:
        """Returns text as it is seen, without tags, quotes and marks."""
        if "\0" in text:
            text = KEPT.sub(self._kept_text, text)
        text = decode_entities(_UNSEEN.sub("", text).replace(EQUALS, "="))
        return text.strip() if strip else text

    def _kept_text(self, match: re.Match[str]) -> str:
        number = int(match[1])
        text = self._kept[number] if number < len(self._kept) else ""
        text = text if len(text) <= _MAX_KEPT else f"… {text[-_MAX_KEPT:]}"  # no term then
        return text.strip("$")
