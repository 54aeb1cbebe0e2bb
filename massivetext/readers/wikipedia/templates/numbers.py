"""Values with exponents, fractions, roots and ordinals: no part of a number may go."""

from massivetext.readers.wikipedia.templates.amounts import ATTACHED, with_power
from massivetext.readers.wikipedia.templates.arguments import PART, Arguments
from massivetext.readers.wikipedia.templates.words import Writer, around

_ROOTS = {"": "√", "2": "√", "3": "∛", "4": "∜"}


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
    number = with_power(number)
    return f"{number}{'' if not unit or unit.startswith(ATTACHED) else ' '}{unit}"


def _uncertainty(above: str, below: str) -> str:
    """Returns "±0.1", "+0.1−0.2" or "(45)"; a dash between two numbers is a range."""
    if above.startswith("(") or not above:
        return above
    if not any(character.isdigit() for character in above):
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


def _base_and_power(arguments: Arguments) -> str:
    base, power = arguments.at(0), arguments.at(1)
    return f"{base}^{power}" if power else base


def _position(*units: str) -> Writer:
    return lambda arguments: " ".join(
        f"{text}{unit}" for text, unit in zip(arguments.all(), units, strict=False)
    )


def _around_all(before: str, after: str) -> Writer:
    """Returns a writer of all arguments in brackets, "[0, 1)", "{1, 2, 3}"."""

    def write(arguments: Arguments) -> str:
        texts = arguments.all()
        return f"{before}{', '.join(texts)}{after}" if texts else ""

    return write


def _nuclide(arguments: Arguments) -> str:
    """Returns an isotope, "carbon-14", whichever comes first."""
    texts = sorted(arguments.all()[:2], key=str.isdecimal)
    return "-".join(texts)


NUMBERS: dict[str, Writer] = {
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
    **dict.fromkeys(("ra", "right ascension"), _position("h", "m", "s")),
    **dict.fromkeys(("dec", "declination", "deg2dms", "dms"), _position("°", "′", "″")),
    **dict.fromkeys(("closed-closed", "closed interval"), _around_all("[", "]")),
    **dict.fromkeys(("closed-open",), _around_all("[", ")")),
    **dict.fromkeys(("open-closed",), _around_all("(", "]")),
    **dict.fromkeys(("open-open", "open interval"), _around_all("(", ")")),
    **dict.fromkeys(("tuple", "pars", "parens", "parentheses"), _around_all("(", ")")),
    **dict.fromkeys(("mset",), _around_all("{", "}")),
    **dict.fromkeys(("nuclide", "simplenuclide", "isotope"), _nuclide),
}
