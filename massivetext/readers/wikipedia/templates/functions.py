"""Parser functions: conditions, letters, numbers; those of the day or wiki give nothing."""

from collections.abc import Callable

from massivetext.readers.markup.expressions import evaluate, number_text
from massivetext.readers.wikipedia.templates.arguments import GONE

Function = Callable[[list[str]], str]
_MAX_PADDING = 100
_SHOWN_TAGS = frozenset({"nowiki", "poem", "span", "code", "small", "b", "i", "sub", "sup", "div"})


def _at(parts: list[str], index: int) -> str:
    return parts[index] if index < len(parts) else ""


def _if(parts: list[str]) -> str:
    return _at(parts, 1 if parts[0] else 2)


def _if_equal(parts: list[str]) -> str:
    return _at(parts, 2 if _same(parts[0], _at(parts, 1)) else 3)


def _same(one: str, other: str) -> bool:
    if one == other:
        return True
    try:
        return len(one) < 30 and len(other) < 30 and float(one) == float(other)
    except ValueError:
        return False


def _if_expression(parts: list[str]) -> str:
    return _at(parts, 1 if evaluate(parts[0]) else 2)


def _if_error(parts: list[str]) -> str:
    return parts[2] if len(parts) > 2 else parts[0]


def _expression(parts: list[str]) -> str:
    value = evaluate(parts[0])
    return "" if value is None else number_text(value)


def _switch(parts: list[str]) -> str:
    """Returns the text of the first case that fits; cases without one share the next one's."""
    fits, default = False, ""
    for number, part in enumerate(parts[1:], start=2):
        case, equals, text = (piece.strip() for piece in part.partition("="))
        if not equals:
            if number == len(parts):
                return part
            fits = fits or _same(case, parts[0])
        elif fits or _same(case, parts[0]):
            return text
        elif case == "#default":
            default = text
    return default


def _format_number(parts: list[str]) -> str:
    """Returns a number with commas, as English wikis show it."""
    text, point, decimals = parts[0].partition(".")
    if not text.isascii() or not text.isdecimal() or len(text) > 30 or _at(parts, 1):
        return parts[0]
    return f"{int(text):,}{point}{decimals}"


def _plural(parts: list[str]) -> str:
    forms = parts[1:] or [""]
    return forms[0] if _same(parts[0], "1") else forms[-1]


def _pad(parts: list[str], at_left: bool) -> str:
    size = int(parts[1]) if _at(parts, 1).isdecimal() and len(parts[1]) < 4 else 0
    missing = min(max(size - len(parts[0]), 0), _MAX_PADDING)
    filler = ((_at(parts, 2) or "0") * missing)[:missing]
    return filler + parts[0] if at_left else parts[0] + filler


def _tag(parts: list[str]) -> str:
    return _at(parts, 1) if parts[0].lower() in _SHOWN_TAGS else ""


_FUNCTIONS: dict[str, Function] = {
    "#if": _if,
    "#ifeq": _if_equal,
    "#ifexpr": _if_expression,
    "#iferror": _if_error,
    "#ifexist": lambda parts: _at(parts, 1),  # most pages that a page names are there
    "#expr": _expression,
    "#switch": _switch,
    "#tag": _tag,
    "#titleparts": lambda parts: parts[0],
    "#formatdate": lambda parts: parts[0],
    "#dateformat": lambda parts: parts[0],
    "formatnum": _format_number,
    "plural": _plural,
    "gender": lambda parts: parts[-1] if len(parts) > 1 else "",
    "grammar": lambda parts: _at(parts, 1),
    "lc": lambda parts: parts[0].lower(),
    "uc": lambda parts: parts[0].upper(),
    "lcfirst": lambda parts: parts[0][:1].lower() + parts[0][1:],
    "ucfirst": lambda parts: parts[0][:1].upper() + parts[0][1:],
    "padleft": lambda parts: _pad(parts, at_left=True),
    "padright": lambda parts: _pad(parts, at_left=False),
}
# Of the wiki, of the day, of the page's properties, of addresses: nothing that the source tells.
_NOTHING = frozenset({
    "defaultsort", "defaultsortkey", "defaultcategorysort", "displaytitle", "#invoke", "#time",
    "#timel", "#language", "#property", "#statements", "#lst", "#lsth", "#lstx", "#section",
    "#section-h", "#section-x", "#babel", "#coordinates", "#related", "#rel2abs", "int", "ns",
    "nse", "fullurl", "localurl", "canonicalurl", "filepath", "urlencode", "anchorencode",
    "pagesincategory", "pagesincat", "pagesize", "numberingroup", "protectionlevel", "#assessment",
    "#target", "#len", "#pos", "#rpos", "#sub", "#count", "#replace", "#explode", "#urldecode",
})  # fmt: skip


def function_text(parts: list[str]) -> str | None:
    """Returns what a parser function shows; None if the name is a template's.

    Arguments:
      parts: the text between the braces, cut at its pipes; the first has the name and a colon.
    """
    head, colon, argument = parts[0].partition(":")
    name = head.strip(f" \t\n{GONE}").lower()
    if not colon or len(name) > 20:
        return None
    if name in _NOTHING:
        return ""
    if name in _FUNCTIONS:
        blank = f" \t\n{GONE}"
        return _FUNCTIONS[name]([argument.strip(blank), *(p.strip(blank) for p in parts[1:])])
    return None
