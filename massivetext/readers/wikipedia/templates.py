"""Templates that stand for words in running text; all others are left out.

Without these, sentences lose their measures, quotations and foreign words.
"""

import re
from collections.abc import Callable
from typing import NamedTuple

_NAMED = re.compile(r"\s*([\w -]{1,40}?)\s*=(.*)", re.S)


class Arguments(NamedTuple):
    """A template's arguments, stripped of white space."""

    positional: list[str]
    named: dict[str, str]

    def at(self, index: int) -> str:
        """Returns an argument by its place, "" if there is none."""
        if index < len(self.positional):
            return self.positional[index]
        return self.named.get(str(index + 1), "")


def template_text(parts: list[str]) -> str:
    """Returns the words that a template shows, given its name and arguments; "" for most.

    >>> template_text(["convert", "5", "km", "mi"]), template_text(["Infobox", "name=A"])
    ('5 km', '')
    """
    name = " ".join(parts[0].replace("_", " ").split()).lower()
    if name in _CONSTANTS:
        return _CONSTANTS[name]
    if name.startswith("formatnum:"):
        return name.removeprefix("formatnum:")
    write = _WRITERS.get(name) or (_first if name.startswith(("lang-", "script/")) else None)
    return write(_arguments(parts[1:])) if write else ""


def _arguments(parts: list[str]) -> Arguments:
    positional, named = [], {}
    for part in parts:
        if found := _NAMED.match(part):
            named[found.group(1).lower()] = found.group(2).strip()
        else:
            positional.append(part.strip())
    return Arguments(positional, named)


def _first(arguments: Arguments) -> str:
    named = arguments.named
    return arguments.at(0) or named.get("text", "") or named.get("quote", "")


def _second(arguments: Arguments) -> str:
    return arguments.at(1) or named_text(arguments)


def named_text(arguments: Arguments) -> str:
    """Returns the argument called text."""
    return arguments.named.get("text", "")


def _last(arguments: Arguments) -> str:
    return arguments.positional[-1] if arguments.positional else ""


def _joined(arguments: Arguments) -> str:
    return "".join(arguments.positional)


def _paragraph(arguments: Arguments) -> str:
    return f"\n{_first(arguments)}\n"


def _list(arguments: Arguments) -> str:
    return f"\n{_last(arguments)}\n"


def _convert(arguments: Arguments) -> str:
    """Returns a measure in its first unit, "5 to 10 km"."""
    value, second = arguments.at(0), arguments.at(1)
    if second in _RANGES:
        value = f"{value}{_RANGES[second]}{arguments.at(2)}"
        second = arguments.at(3)
    return f"{value} {second}".strip()


def _fraction(arguments: Arguments) -> str:
    texts = arguments.positional
    if len(texts) == 1:
        return f"1/{texts[0]}"
    return " ".join((*texts[:-2], "/".join(texts[-2:])))


def _value(arguments: Arguments) -> str:
    unit = arguments.named.get("u") or arguments.named.get("ul", "")
    return f"{arguments.at(0)} {unit}".strip()


def _circa(arguments: Arguments) -> str:
    return f"c. {arguments.at(0)}".strip()


def _as_of(arguments: Arguments) -> str:
    start = "as of" if "lc" in arguments.named else "As of"
    return f"{start} {arguments.at(0)}"


def _prefixed(prefix: str) -> Callable[[Arguments], str]:
    return lambda arguments: f"{prefix}{arguments.at(0)}"


def _ship(prefix: str) -> Callable[[Arguments], str]:
    return lambda arguments: f"{prefix} {arguments.at(0)}"


_RANGES = {
    "to": " to ", "-": "–", "–": "–", "and": " and ", "or": " or ", "x": " x ", "by": " by ",
    "to(-)": " to ", "+/-": " ± ", "±": " ± ",
}  # fmt: skip

_CONSTANTS = {
    "ndash": "–", "spaced ndash": " – ", "snd": " – ", "spnd": " – ", "mdash": "—", "dash": " – ",
    "spaced mdash": " — ", "nbsp": " ", "space": " ", "'": "'", '"': '"', "'s": "'s", "=": "=",
    "mdashb": "—", "pi": "π", "·": " · ",
    "dot": " · ", "middot": " · ", "•": " · ", "bullet": " · ", "i.e.": "i.e.",
    "e.g.": "e.g.", "eg": "e.g.", "ie": "i.e.", "okina": "ʻ", "co2": "CO2", "h2o": "H2O", "!": "|",
    "degree": "°", "deg": "°", "minus": "−", "times": "×", "euro": "€",
}  # fmt: skip

_WRITERS: dict[str, Callable[[Arguments], str]] = {
    **dict.fromkeys(
        (
            "nowrap", "nobr", "small", "smaller", "big", "larger", "abbr", "tooltip", "abbrlink",
            "sic", "not a typo", "em", "strong", "smallcaps", "sc", "var", "mvar", "math", "mono",
            "code", "tt", "kbd", "samp", "sub", "sup", "angbr", "angle bracket", "unicode", "ipa",
            "visible anchor", "vanchor", "ill", "interlanguage link", "illm", "flag", "flagcountry",
            "nihongo", "overline", "underline", "poem", "polytonic", "hebrew", "isbn", "nts",
            "large", "midsize", "nobold", "keypress", "key press", "native name", "no italic",
            "noitalic", "italics correction", "linktext",
        ),
        _first,
    ),
    **dict.fromkeys(
        ("quote", "cquote", "blockquote", "quotation", "bquote", "poemquote", "block indent",
         "block quote", "verse translation", "pull quote", "centered pull quote"),
        _paragraph,
    ),
    **dict.fromkeys(
        ("lang", "rtl-lang", "script", "color", "font color", "font", "hsp", "link"), _second
    ),
    **dict.fromkeys(("transl", "transliteration", "rquote"), _last),
    **dict.fromkeys(("chem", "chem2", "gaps", "su"), _joined),
    **dict.fromkeys(("columns-list", "col-list", "plainlist", "flatlist"), _list),
    **dict.fromkeys(("convert", "cvt"), _convert),
    **dict.fromkeys(("frac", "fraction", "sfrac"), _fraction),
    **dict.fromkeys(("val", "nowrap val"), _value),
    **dict.fromkeys(("circa", "c", "ca", "c.", "ca."), _circa),
    "as of": _as_of,
    "us$": _prefixed("US$"),
    "usd": _prefixed("US$"),
    "gbp": _prefixed("£"),
    "£": _prefixed("£"),
    "€": _prefixed("€"),
    "e": _prefixed("×10^"),
    **{name.lower(): _ship(name) for name in ("USS", "HMS", "SS", "RMS", "HMAS", "HMCS", "MV")},
}  # fmt: skip
