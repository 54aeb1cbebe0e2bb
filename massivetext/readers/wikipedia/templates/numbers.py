"""Measures, values with exponents, fractions, roots and ordinals: no part of a number may go."""

import re

from massivetext.readers.wikipedia.templates.arguments import PART, Arguments
from massivetext.readers.wikipedia.templates.words import Writer, around, first

_NUMBER = re.compile(r"[-+−–]?[\d.,+/]*\d[\d.,+/]*(?:[eE][-+−]?\d{1,4})?")
_RANGES = {
    "to": " to ", "-": "–", "–": "–", "and": " and ", "or": " or ", "x": " x ", "×": " × ",
    "xx": " x ", "*": " × ", "by": " by ", "to(-)": " to ", "and(-)": " and ", "or(-)": " or ",
    "by(x)": " by ", "x(-)": " x ", "+/-": " ± ", "±": " ± ", "+": " + ", ",": ", ",
    ", and": ", and ", ", or": ", or ", "&": " & ", "~": "–", "to about": " to about ",
    "to:": " to ", "and about": " and about ", "or so": " or so ", "up to": " up to ",
    "plus": " plus ", "minus": " minus ",
}  # fmt: skip
_UNITS = {
    "c": "°C", "f": "°F", "°c": "°C", "°f": "°F", "degc": "°C", "degf": "°F", "c-change": "°C",
    "f-change": "°F", "m2": "m²", "km2": "km²", "cm2": "cm²", "mm2": "mm²", "ft2": "ft²",
    "in2": "in²", "mi2": "mi²", "m3": "m³", "km3": "km³", "cm3": "cm³", "mm3": "mm³", "ft3": "ft³",
    "in3": "in³", "sqkm": "km²", "sqm": "m²", "sqmi": "sq mi", "sqft": "sq ft", "sqin": "sq in",
    "sqyd": "sq yd", "sqnmi": "sq nmi", "cuft": "cu ft", "cuin": "cu in", "cuyd": "cu yd",
    "cumi": "cu mi", "kph": "km/h", "usgal": "US gal", "impgal": "imp gal", "u.s.gal": "US gal",
    "lbf.ft": "lbf⋅ft", "lbft": "lb⋅ft", "n.m": "N⋅m", "lb/sqin": "psi",
    "pd/sqmi": "people per square mile", "pd/km2": "people per square kilometre",
    "oilbbl": "barrels", "koilbbl": "thousand barrels", "moilbbl": "million barrels",
    "goilbbl": "billion barrels", "toilbbl": "trillion barrels",
    "/km2": "per km²", "/sqmi": "per sq mi", "st": "st", "lt": "long tons", "stn": "short tons",
}  # fmt: skip
_BELOW = frozenset({"in", "ft", "yd", "oz", "lb", "lbs", "furlong", "ch", "rd", "fathom", "nmi",
                    "min", "s", "qtr", "cwt", "dr", "l", "link"})  # fmt: skip
_EXPONENT = re.compile(r"e(\d{1,2})(?=[a-z])", re.I)
_POWER = re.compile(r"(?<=\d)e\+?([-−]?\d{1,3})\b", re.I)
_ATTACHED = ("%", "‰", "°", "′", "″", "'")  # units without a blank before them
_ROOTS = {"": "√", "2": "√", "3": "∛", "4": "∜"}


def _amount(value: str, unit: str) -> str:
    """Returns a number and its unit, "5 km", "20%"; fractions written with + or // as "5 1/2"."""
    value = value.replace("//", "/").replace("+", " ").strip() if value[:1] != "+" else value
    value = _POWER.sub(r"×10^\1", value)
    if power := _EXPONENT.match(unit):
        value, unit = f"{value}×10^{power.group(1)}", unit[power.end() :]
    unit = _UNITS.get(unit.lower(), unit)
    space = "" if unit in _ATTACHED or not unit else " "
    return f"{value}{space}{unit}"


def _convert(arguments: Arguments) -> str:
    """Returns a measure in its first units: "5 km", "4 by 5 by 6 m", "6 ft 1 in"."""
    texts = arguments.positional
    value, at = arguments.at(0), 1
    while at + 1 < len(texts) and texts[at].lower() in _RANGES and _has_number(texts[at + 1]):
        value += f"{_RANGES[texts[at].lower()]}{texts[at + 1]}"
        at += 2
    measures = [_amount(value, texts[at] if at < len(texts) else "")]
    at += 1
    while at + 1 < len(texts) and _NUMBER.fullmatch(texts[at]) and texts[at + 1] in _BELOW:
        measures.append(_amount(texts[at], texts[at + 1]))
        at += 2
    return " ".join(measures)


def _has_number(text: str) -> bool:
    return any(character.isdigit() for character in text)


def _body(arguments: Arguments) -> str:
    """Returns a person's height or weight in the units that are given, "6 ft 2 in"."""
    units = ("m", "cm", "mm", "ft", "in", "kg", "g", "st", "lb", "oz")
    given = [f"{arguments.named[u]} {u}" for u in units if arguments.named.get(u)]
    return " ".join(given) or first(arguments)


def _duration(arguments: Arguments) -> str:
    """Returns a length of time, "1:02:03", or as it is written."""
    hours, minutes, seconds = (arguments.named.get(key, "") for key in ("h", "m", "s"))
    if not (hours or minutes or seconds):
        return ":".join(arguments.all()[:3])
    start = [hours, (minutes or "0").zfill(2)] if hours else [minutes or "0"]
    return ":".join((*start, (seconds or "0").zfill(2)))


def _value(arguments: Arguments) -> str:
    """Returns a value with its uncertainty, power of ten and unit: "(1.2±0.1)×10^3 kg"."""
    number = arguments.at(0) + _uncertainty(arguments.at(1), arguments.at(2))
    if power := arguments.get("e"):
        number = (
            f"({number})" if arguments.at(1) and not arguments.at(1).startswith("(") else number
        )
        number = f"{number}×10^{power}" if number else f"10^{power}"
    unit, per = arguments.get("u", "ul"), arguments.get("up", "upl")
    number = f"{arguments.get('p')}{number}{arguments.get('s')}{arguments.get('end')}"
    return _amount_as_written(number, f"{unit}/{per}" if per else unit)


def _amount_as_written(number: str, unit: str) -> str:
    number = _POWER.sub(r"×10^\1", number)
    return f"{number}{'' if not unit or unit.startswith(_ATTACHED) else ' '}{unit}"


def _uncertainty(above: str, below: str) -> str:
    """Returns "±0.1", "+0.1−0.2" or "(45)"; a dash between two numbers is a range."""
    if above.startswith("(") or not above:
        return above
    if not _has_number(above):
        return f"{above}{below}"
    if below and not below.startswith("("):
        return f"+{above.lstrip('+')}−{below.lstrip('-−')}"
    return f"±{above.lstrip('±')}{below}"


def _plus_minus(arguments: Arguments) -> str:
    above, below = arguments.at(0), arguments.at(1)
    if above and below:
        return f"+{above.lstrip('+')} −{below.lstrip('-−')}"
    return f"± {above}".strip()


def _fraction(arguments: Arguments) -> str:
    """Returns "1/2" or "3 1/2"; behind a digit a blank keeps it from becoming another number."""
    texts = arguments.all()
    if len(texts) < 2:
        return f"{PART}1/{texts[0]}" if texts else ""
    return PART + " ".join((*texts[:-2], "/".join(texts[-2:])))


def _root(radicand: str, index: str) -> str:
    if not radicand:
        return "√"
    inside = radicand if radicand.isalnum() else f"({radicand})"
    return f"{_ROOTS[index]}{inside}" if index in _ROOTS else f"{inside}^(1/{index})"


def _radical(arguments: Arguments) -> str:
    return _root(arguments.at(0), arguments.at(1))


def _nth_root(arguments: Arguments) -> str:
    return _root(arguments.at(1) or arguments.at(0), arguments.at(0) if arguments.at(1) else "")


def _ordinal(arguments: Arguments) -> str:
    number = arguments.at(0)
    if not number[-1:].isdecimal():
        return number
    teen = number[-2:-1] == "1"
    ending = "th" if teen else {"1": "st", "2": "nd", "3": "rd"}.get(number[-1], "th")
    return f"{number}{ending}"


def _century(arguments: Arguments) -> str:
    return f"{_ordinal(arguments)} century"


def _percentage(arguments: Arguments) -> str:
    """Returns the share of the first number in the second, rounded to the third."""
    try:
        share = 100 * float(arguments.at(0)) / float(arguments.at(1))
        return f"{share:.{min(int(arguments.at(2) or 0), 9)}f}%"
    except (ValueError, ZeroDivisionError, OverflowError):
        return ""


def _gauge(arguments: Arguments) -> str:
    """Returns a railway's gauge, "4 ft 8.5 in"."""
    text = {"sg": "1,435 mm", "1435": "1,435 mm"}.get(arguments.at(0), arguments.at(0))
    return re.sub(r"(?<=\d)(?=mm|ft|in|m)|(?<=ft)(?=\d)", " ", text[:100])


def _base_and_power(arguments: Arguments) -> str:
    base, power = arguments.at(0), arguments.at(1)
    return f"{base}^{power}" if power else base


def _position(*units: str) -> Writer:
    return lambda arguments: " ".join(
        f"{text}{unit}" for text, unit in zip(arguments.all(), units, strict=False)
    )


def _nuclide(arguments: Arguments) -> str:
    """Returns an isotope, "carbon-14", whichever comes first."""
    texts = sorted(arguments.all()[:2], key=str.isdecimal)
    return "-".join(texts)


NUMBERS: dict[str, Writer] = {
    **dict.fromkeys(("convert", "cvt", "conv", "convertabbr", "convert/2"), _convert),
    **dict.fromkeys(("height", "body height", "weight", "body weight"), _body),
    **dict.fromkeys(("duration",), _duration),
    **dict.fromkeys(("val", "value", "nowrap val", "physconst"), _value),
    **dict.fromkeys(("x10^", "x10", "e", "e-sp", "times10^", "×10^"), around("×10^")),
    **dict.fromkeys(("10^", "e10"), around("10^")),
    **dict.fromkeys(("exp", "pow", "power"), _base_and_power),
    **dict.fromkeys(("±", "+-", "plus or minus", "plusminus", "pm"), _plus_minus),
    **dict.fromkeys(("frac", "fraction", "sfrac", "half frac", "fract", "ifrac"), _fraction),
    **dict.fromkeys(("sqrt", "radic", "radical", "surd"), _radical),
    **dict.fromkeys(("root", "nthroot"), _nth_root),
    **dict.fromkeys(("ordinal", "nth", "ord", "ordinal to word"), _ordinal),
    **dict.fromkeys(("no.", "numero", "№"), around("No. ")),
    **dict.fromkeys(("century",), _century),
    **dict.fromkeys(("percentage", "pct", "percent"), _percentage),
    **dict.fromkeys(("railgauge", "track gauge", "railway gauge", "gauge"), _gauge),
    **dict.fromkeys(("ra", "right ascension"), _position("h", "m", "s")),
    **dict.fromkeys(("dec", "declination", "deg2dms", "dms"), _position("°", "′", "″")),
    **dict.fromkeys(("nuclide", "simplenuclide", "isotope"), _nuclide),
}
