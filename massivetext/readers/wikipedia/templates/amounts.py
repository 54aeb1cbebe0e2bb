"""Amounts: measures in the units that the author gave, and sums of money with their sign."""

import html
import re

from massivetext.readers.wikipedia.templates.arguments import PART, Arguments
from massivetext.readers.wikipedia.templates.words import Writer, first

_FRACTIONS = "½⅓⅔¼¾⅕⅖⅗⅘⅙⅚⅛⅜⅝⅞"
_NUMBER = re.compile(rf"[-+−–]?[\d.,+/⁄ {PART}{_FRACTIONS}]{{1,40}}+(?:[eE][-+−]?\d{{1,4}})?")
_RANGES = {
    "to": " to ", "-": "–", "–": "–", "and": " and ", "or": " or ", "x": " x ", "×": " × ",
    "xx": " x ", "*": " × ", "by": " by ", "to(-)": " to ", "and(-)": " and ", "or(-)": " or ",
    "by(x)": " by ", "x(-)": " x ", "+/-": " ± ", "±": " ± ", "+": " + ", ",": ", ",
    ", and": ", and ", ", or": ", or ", "&": " & ", "~": "–", "to about": " to about ",
    "to:": " to ", "and about": " and about ", "or so": " or so ", "up to": " up to ",
    "plus": " plus ", "minus": " minus ", "−": "–", "—": "–", "--": "–", "‒": "–", "/": "/",
    "⁄": "/", "//": "/",
}  # fmt: skip
_UNITS = {
    "c": "°C", "f": "°F", "°c": "°C", "°f": "°F", "degc": "°C", "degf": "°F", "c-change": "°C",
    "f-change": "°F", "sqkm": "km²", "sqm": "m²", "sqmi": "sq mi", "sqft": "sq ft",
    "sqin": "sq in",
    "sqyd": "sq yd", "sqnmi": "sq nmi", "cuft": "cu ft", "cuin": "cu in", "cuyd": "cu yd",
    "cumi": "cu mi", "kph": "km/h", "usgal": "US gal", "impgal": "imp gal", "u.s.gal": "US gal",
    "lbf.ft": "lbf⋅ft", "lbft": "lb⋅ft", "n.m": "N⋅m", "lb/sqin": "psi",
    "pd/sqmi": "people per square mile", "pd/km2": "people per square kilometre",
    "oilbbl": "barrels", "koilbbl": "thousand barrels", "moilbbl": "million barrels",
    "goilbbl": "billion barrels", "toilbbl": "trillion barrels",
    "/km2": "per km²", "/sqmi": "per sq mi", "st": "st", "lt": "long tons", "stn": "short tons",
}  # fmt: skip
_SQUARE = re.compile(r"([A-Za-zµμ]{1,3})([23])")  # its letters' case counts: Mm3 is no mm3
_EXPONENT = re.compile(r"e(\d{1,2})(?=[a-z])", re.I)
_POWER = re.compile(r"(?<=\d)e\+?([-−]?\d{1,3})\b", re.I)
ATTACHED = ("%", "‰", "°", "′", "″", "'")  # units without a blank before them


def with_power(number: str) -> str:
    """Returns a number whose power of ten is written out: "2e6" is 2×10^6."""
    return _POWER.sub(r"×10^\1", number)


def _amount(value: str, unit: str) -> str:
    """Returns a number and its unit, "5 km", "20%"; fractions written with + or // as "5 1/2"."""
    value = value.replace("//", "/").replace("+", " ").strip() if value[:1] != "+" else value
    value = with_power(value)
    if power := _EXPONENT.match(unit):
        value, unit = f"{value}×10^{power.group(1)}", unit[power.end() :]
    unit = _unit(unit)
    space = "" if unit in ATTACHED or not unit else " "
    return f"{value}{space}{unit}"


def _unit(code: str) -> str:
    """Returns a unit as it is shown: "sq mi", "Mm³"."""
    if square := _SQUARE.fullmatch(code):
        return square[1] + "²³"[square[2] == "3"]
    return _UNITS.get(code.lower(), code)


def _convert(arguments: Arguments) -> str:
    """Returns a measure in its first units: "5 km", "4 by 5 by 6 m", "6 ft 1 in".

    A number and a unit behind the first belong to it; a word between numbers that is no range's
    stands where a unit would, and is shown like one: "5 until 6 km".
    """
    texts = arguments.positional
    value, at = arguments.at(0), 1
    while at + 1 < len(texts) and _has_number(texts[at + 1]) and (word := _range(texts[at])):
        value += f"{word}{texts[at + 1]}"
        at += 2
    measures = [_amount(value, texts[at] if at < len(texts) else "")]
    at += 1
    while at + 1 < len(texts) and _is_further(texts[at], texts[at + 1]):
        measures.append(_amount(texts[at], texts[at + 1]))
        at += 2
    return " ".join(measures)


def _range(text: str) -> str:
    return _RANGES.get(html.unescape(text).strip().lower(), "")


def _is_further(number: str, unit: str) -> bool:
    begins_like_unit = unit[:1].isalpha() or unit[:1] in tuple("°%")
    return begins_like_unit and _has_number(number) and bool(_NUMBER.fullmatch(number))


def _has_number(text: str) -> bool:
    return any(character.isdigit() or character in _FRACTIONS for character in text)


def _miles_and_chains(arguments: Arguments) -> str:
    return " ".join(
        f"{text} {unit}" for text, unit in zip(arguments.all(), ("mi", "ch"), strict=False)
    )


def _body(arguments: Arguments) -> str:
    """Returns a person's height or weight in the units that are given, "6 ft 2 in"."""
    units = ("m", "cm", "mm", "ft", "in", "kg", "g", "st", "lb", "oz")
    given = [f"{arguments.named[u]} {u}" for u in units if arguments.named.get(u)]
    return " ".join(given) or first(arguments)


def _gauge(arguments: Arguments) -> str:
    """Returns a railway's gauge, "4 ft 8.5 in"."""
    text = {"sg": "1,435 mm", "1435": "1,435 mm"}.get(arguments.at(0), arguments.at(0))
    return re.sub(r"(?<=\d)(?=mm|ft|in|m)|(?<=ft)(?=\d)", " ", text[:100])


MEASURES: dict[str, Writer] = {
    **dict.fromkeys(("convert", "cvt", "conv", "convertabbr", "convert/2"), _convert),
    **dict.fromkeys(("height", "body height", "weight", "body weight"), _body),
    **dict.fromkeys(("railgauge", "track gauge", "railway gauge", "gauge"), _gauge),
    **dict.fromkeys(("miles-chains", "mileschains", "mi-ch", "milechain"), _miles_and_chains),
}

_SIGNS = {
    "us$": "US$", "usd": "US$", "$": "$", "a$": "A$", "au$": "A$", "aud": "A$", "c$": "C$",
    "ca$": "C$", "cad": "C$", "nz$": "NZ$", "nzd": "NZ$", "hk$": "HK$", "hkd": "HK$", "s$": "S$",
    "sgd": "S$", "nt$": "NT$", "twd": "NT$", "r$": "R$", "brl": "R$", "mx$": "MX$", "mxn": "MX$",
    "gbp": "£", "£": "£", "pound": "£", "pound sterling": "£", "gb£": "£", "ir£": "IR£",
    "€": "€", "eur": "€", "euro": "€", "¥": "¥", "jpy": "¥", "yen": "¥", "jp¥": "¥", "cny": "CN¥",
    "cn¥": "CN¥", "rmb": "RMB", "yuan": "CN¥", "renminbi": "RMB", "krw": "₩", "₩": "₩",
    "south korean won": "₩", "inr": "₹", "₹": "₹", "indian rupee": "₹", "rupee": "₹", "rs": "Rs. ",
    "inrconvert": "₹", "indian rupees": "₹", "pkr": "Rs. ", "lkr": "Rs. ", "npr": "Rs. ",
    "bdt": "৳", "php": "₱", "₱": "₱", "philippine peso": "₱", "idr": "Rp", "rub": "₽",
    "₽": "₽", "ruble": "₽", "uah": "₴", "₴": "₴", "hryvnia": "₴", "chf": "CHF ", "sek": "SEK ",
    "nok": "NOK ", "dkk": "DKK ", "isk": "ISK ", "pln": "PLN ", "czk": "CZK ", "huf": "HUF ",
    "ron": "RON ", "bgn": "BGN ", "try": "₺", "₺": "₺", "turkish lira": "₺", "ils": "₪", "nis": "₪",
    "₪": "₪", "zar": "R", "thb": "฿", "฿": "฿", "vnd": "₫", "myr": "RM", "ars": "AR$",
    "clp": "CLP$", "cop": "COL$", "ngn": "₦", "₦": "₦", "naira": "₦", "ghs": "GH₵",
    "kes": "KSh", "ksh": "KSh", "tzs": "TSh", "ugx": "USh", "egp": "E£", "sar": "SAR ",
    "aed": "AED ", "qar": "QAR ", "kwd": "KWD ", "irr": "IRR ", "iqd": "IQD ", "kzt": "₸",
    "gel": "₾", "amd": "֏", "btc": "₿", "₿": "₿", "dem": "DM ", "frf": "₣", "itl": "₤",
}  # fmt: skip
_COUNTS = {"c": "crore", "l": "lakh", "lc": "lakh crore", "k": "thousand", "m": "million",
           "b": "billion", "t": "trillion"}  # fmt: skip


def _sum(sign: str) -> Writer:
    def write(arguments: Arguments) -> str:
        amount, count = arguments.at(0), _COUNTS.get(arguments.at(1).lower(), "")
        return f"{sign}{amount} {count}".rstrip() if amount else sign.strip()

    return write


def _any_currency(arguments: Arguments) -> str:
    """Returns an amount whose currency is the second argument: its sign, or its name."""
    amount, name = arguments.at(0) or arguments.get("amount"), arguments.at(1)
    name = name or arguments.get("type")
    sign = _SIGNS.get(name.lower(), "")
    return f"{sign}{amount}" if sign else f"{amount} {name}".strip()


def _old_pounds(arguments: Arguments) -> str:
    """Returns pounds, shillings and pence, "£5 4s 3d"."""
    amounts = (arguments.get("l"), arguments.get("s"), arguments.get("d"))
    texts = (f"£{amounts[0]}", f"{amounts[1]}s", f"{amounts[2]}d")
    return " ".join(text for text, amount in zip(texts, amounts, strict=True) if amount)


MONEY: dict[str, Writer] = {
    **{name: _sum(sign) for name, sign in _SIGNS.items()},
    "£sd": _old_pounds,
    **dict.fromkeys(("currency", "currency amount", "money"), _any_currency),
}
