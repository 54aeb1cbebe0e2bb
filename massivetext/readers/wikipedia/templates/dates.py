"""Dates of lives, reigns and events; a count that depends on today gives nothing."""

from calendar import monthrange
from datetime import date

from massivetext.readers.wikipedia.templates.arguments import Arguments
from massivetext.readers.wikipedia.templates.words import Writer, first

_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip
_UNITS = {"y": "year", "m": "month", "w": "week", "d": "day"}
_SHORT = {name[:3].lower(): name for name in _MONTHS}


def _month(text: str) -> str:
    """Returns a month's name by its number or its beginning; other text as it is."""
    if text.isdecimal() and len(text) <= 2 and 1 <= int(text) <= 12:
        return _MONTHS[int(text) - 1]
    return _SHORT.get(text[:3].lower(), text)


def _written(year: str, month: str, day: str, day_first: bool) -> str:
    """Returns "March 4, 1950", "4 March 1950", "March 1950" or "1950"."""
    if not year or any(character.isalpha() for character in year) or len(year) > 4:
        return year  # written in full, "4 March 1950"
    if not month:
        return year
    month, day = _month(month), (day.lstrip("0") if day.isdecimal() else "")
    if not day:
        return f"{month} {year}"
    return f"{day} {month} {year}" if day_first else f"{month} {day}, {year}"


def _is_day_first(arguments: Arguments) -> bool:
    return arguments.get("df", "dayfirst").lower() in ("y", "yes", "true", "1")


def _date_at(start: int) -> Writer:
    """Returns a writer of the year, month and day that begin at a place."""

    def write(arguments: Arguments) -> str:
        year, month, day = (arguments.at(start + index) for index in range(3))
        date = _written(year, month, day, _is_day_first(arguments))
        return date or arguments.get("date", "text")

    return write


def _year(arguments: Arguments) -> str:
    return arguments.at(0)


def _old_style(arguments: Arguments) -> str:
    """Returns a date with the one of the older calendar, "4 May 1700 [O.S. 23 April]"."""
    date, year, old = (arguments.at(index) for index in range(3))
    new = f"{date} {year}".strip()
    return f"{new} [O.S. {old}]" if old else new


def _old_style_year(arguments: Arguments) -> str:
    """Returns two whole dates, "13 January 1700 [O.S. 2 January 1699]"."""
    new, old = arguments.at(0), arguments.at(1)
    return f"{new} [O.S. {old}]" if old else new


def _both_ends(prefix: str, dash: str) -> Writer:
    """Returns a writer of one date or two, "c. 1900 – c. 1905", "r. 1200–1210"."""

    def write(arguments: Arguments) -> str:
        start, end = arguments.at(0), arguments.at(1)
        return f"{prefix}{start}{dash if end else ''}{end}".strip()

    return write


def _as_of(arguments: Arguments) -> str:
    if alternative := arguments.get("alt"):
        return alternative
    word = "since" if arguments.get("since") else "as of"
    start = word if "lc" in arguments.named else word.capitalize()
    date = _written(arguments.at(0), arguments.at(1), arguments.at(2), day_first=True)
    return f"{start} {date or arguments.at(0)}".strip()


def _age(arguments: Arguments) -> str:
    """Returns the full years between two dates; nothing for the years until today."""
    numbers = [text for text in arguments.all() if text.isdecimal() and len(text) <= 4]
    if len(numbers) != 6:
        return ""
    born, then = (tuple(int(text) for text in numbers[i : i + 3]) for i in (0, 3))
    return str(then[0] - born[0] - (then[1:] < born[1:]))


def _given_dates(arguments: Arguments) -> tuple[date, date] | None:
    """Returns the two dates that six numbers give, if the second is not before the first."""
    named = [f"{unit}{place}" for place in (1, 2) for unit in ("year", "month", "day")]
    texts = [arguments.named.get(key, "") for key in named]
    texts = texts if any(texts) else [text for text in arguments.all() if text.isdecimal()]
    if len(texts) != 6 or not all(text.isdecimal() and len(text) <= 4 for text in texts):
        return None
    try:
        born, then = (date(*(int(text) for text in texts[i : i + 3])) for i in (0, 3))
    except ValueError:
        return None
    return (born, then) if born <= then else None


def _between(born: date, then: date, units: str) -> dict[str, int]:
    """Returns the years, months, weeks and days ("ymwd") between two dates, each in full."""
    months = 12 * (then.year - born.year) + then.month - born.month - (then.day < born.day)
    whole = months if "m" in units else months - months % 12 if "y" in units else 0
    year, month = divmod(born.month - 1 + whole, 12)
    year, month = born.year + year, month + 1
    last = monthrange(year, month)[1]
    rest = then.toordinal() - date(year, month, min(born.day, last)).toordinal()
    counts = {"y": whole // 12, "m": whole % 12 if "y" in units else whole, "d": rest}
    if "w" in units:
        counts["w"], counts["d"] = divmod(rest, 7)
    return counts


def _age_in(units: str) -> Writer:
    """Returns a writer of an age, "10 years, 63 days"; of one unit its number alone."""

    def write(arguments: Arguments) -> str:
        dates = _given_dates(arguments)
        if dates is None:
            return ""
        counts = _between(*dates, units)
        if len(units) == 1:
            return str(counts[units])
        shown = [u for u in units if counts[u]] or [units[-1]]
        if units == "yd":  # a day of birth is "10 years, 0 days"
            shown = [u for u in units if counts[u] or u == "d"]
        return ", ".join(f"{counts[u]} {_UNITS[u]}{'s' * (counts[u] != 1)}" for u in shown)

    return write


def _two_dates(arguments: Arguments) -> str:
    dates = [_date_at(start)(arguments) for start in (0, 3)]
    return " – ".join(date for date in dates if date)


def _month_name(arguments: Arguments) -> str:
    return _month(first(arguments))


_DATES = (
    "birth date", "birth date and age", "birth date and age2", "bda", "dob", "bya", "birth",
    "death date", "death date and age", "dda", "death date and given age", "disappeared date",
    "disappeared date and age", "start date", "start date and age", "end date", "end date and age",
    "release date", "release date and age", "film date", "television date", "first date",
    "start date and years ago", "event date", "launch date", "launch date and age", "ymd",
    "published date", "date of birth", "death-date and given age", "sda", "opening date",
    "lifedate", "dts",
    "date table sorting",
)  # fmt: skip

DATES: dict[str, Writer] = {
    **dict.fromkeys(_DATES, _date_at(0)),
    **dict.fromkeys(("birth year and age", "death year and age", "birth year", "death year"),
    _year),
    **dict.fromkeys(("birth based on age as of date", "birth based on age at death"), lambda _: ""),
    **dict.fromkeys(("oldstyledate", "oldstyledatedy", "old style date"),
                    _old_style),
    **dict.fromkeys(("circa", "c", "ca", "c.", "ca.", "approx", "approximately"),
                    _both_ends("c. ", " – c. ")),
    **dict.fromkeys(("floruit", "fl", "fl."), _both_ends("fl. ", "–")),
    **dict.fromkeys(("reign", "r.", "reigned"), _both_ends("r. ", "–")),
    **dict.fromkeys(("born", "b."), _both_ends("b. ", "–")),
    **dict.fromkeys(("died", "d."), _both_ends("d. ", "–")),
    **dict.fromkeys(("year range", "date range", "years", "lifespan", "lived"), _both_ends("",
    "–")),
    **dict.fromkeys(("ad", "a.d."), _both_ends("AD ", "–")),
    **dict.fromkeys(("as of", "asof", "as-of"), _as_of),
    **dict.fromkeys(("age", "age in years", "age at date"), _age),
    **dict.fromkeys(("age in days", "age in days nts"), _age_in("d")),
    **dict.fromkeys(("age in months",), _age_in("m")),
    **dict.fromkeys(("age in weeks",), _age_in("w")),
    **dict.fromkeys(("age in weeks and days",), _age_in("wd")),
    **dict.fromkeys(("age in years and days", "age in years and days nts", "ayd"), _age_in("yd")),
    **dict.fromkeys(("age in years and months", "aym"), _age_in("ym")),
    **dict.fromkeys(("age in years, months and days", "age in years, months, and days",
                     "age in years months and days", "aymd"), _age_in("ymd")),
    **dict.fromkeys(("age in years, months, weeks and days",), _age_in("ymwd")),
    **dict.fromkeys(("start and end dates", "date span"), _two_dates),
    **dict.fromkeys(("monthname", "month name"), _month_name),
    "oldstyledateny": _old_style_year,
    "bc": lambda arguments: f"{first(arguments)} BC".strip(),
    "bce": lambda arguments: f"{first(arguments)} BCE".strip(),
}  # fmt: skip
