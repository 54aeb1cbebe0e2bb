"""Sums of money: a currency's sign before the amount, the sums' words behind it."""

from massivetext.readers.wikipedia.templates.arguments import Arguments
from massivetext.readers.wikipedia.templates.words import Writer

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
