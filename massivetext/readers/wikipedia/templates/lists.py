"""Templates that are lists, glossaries or quotations: lines of their own, or items in a row."""

import re

from massivetext.readers.wikipedia.templates.arguments import GONE, LINE_END, NUMBER, Arguments
from massivetext.readers.wikipedia.templates.words import Writer, first, joined, last


def _block(text: str) -> str:
    """Returns lines of their own: blanks and marks of the sentence around them are left over."""
    return f"{GONE}\n{text}{LINE_END}{GONE}" if text else ""


def _lines(mark: str) -> Writer:
    """Returns a writer of one line an argument, with a list's mark before each."""

    def write(arguments: Arguments) -> str:
        return _block("\n".join(f"{mark}{text}" for text in arguments.all()))

    return write


def _numbered(arguments: Arguments) -> str:
    """Returns a list with numbers; it begins at "start", an item may have one of its own."""
    lines = []
    for place, text in enumerate(arguments.all(), start=1):
        value = arguments.get(f"item{place}_value", *(["start"] if place == 1 else []))
        is_number = _INTEGER.fullmatch(value)
        lines.append(f"# {NUMBER}{value}{NUMBER}{text}" if is_number else f"# {text}")
    return _block("\n".join(lines))


def _row(arguments: Arguments) -> str:
    """Returns the items of a list in a row, "red, green, blue", also where each has a line."""
    items = [
        line.lstrip("*#:; \t").strip()
        for text in arguments.all()
        for line in text.split("\n")
    ]  # fmt: skip
    return ", ".join(item for item in items if item)


def _sentence(word: str) -> Writer:
    """Returns a writer of the items of a list as in a sentence, "red, green and blue"."""

    def write(arguments: Arguments) -> str:
        *items, end = arguments.all() or [""]
        return f"{', '.join(items)} {word} {end}" if items else end

    return write


def _marked_list(arguments: Arguments) -> str:
    """Returns a list whose lines have their marks already."""
    return _block(last(arguments))


def _quotation(arguments: Arguments) -> str:
    return _block(first(arguments))


def _verse(arguments: Arguments) -> str:
    texts = [*arguments.all(), arguments.get("original"), arguments.get("translation")]
    return _block("\n".join(filter(None, texts)))


def _term(arguments: Arguments) -> str:
    """Returns a glossary's term: what it shows, or its name."""
    text = arguments.get("content") or arguments.at(1) or arguments.at(0) or arguments.get("term")
    return _block(f"; {text}") if text else ""


def _definition(arguments: Arguments) -> str:
    text = arguments.get("defn") or first(arguments)
    return _block(f": {text}") if text else ""


_INTEGER = re.compile(r"-?\d{1,6}")
_LIST = re.compile(
    r"(?:un|ordered|bullet|number|inline|horizontal|flat|plain|column|collaps|simple)[\w -]*list"
)


def _any_list(arguments: Arguments) -> str:
    texts = arguments.all()
    return _block(texts[0]) if len(texts) == 1 else _lines("")(arguments)


def list_writer(name: str) -> Writer | None:
    """Returns the writer of a family of names, "ordered name list"; None if it is none."""
    return _any_list if _LIST.fullmatch(name) else None


LISTS: dict[str, Writer] = {
    **dict.fromkeys(("ubl", "ublist", "ubil", "unbulleted list", "ubt", "collapsible list", "ub"),
                    _lines("")),
    **dict.fromkeys(("bulleted list", "bullet list", "bulletedlist", "blist", "unordered list",
                     "bulleted", "list"), _lines("* ")),
    **dict.fromkeys(("ordered list", "numbered list", "olist", "ol", "orderedlist"), _numbered),
    **dict.fromkeys(("hlist", "h list", "horizontal list", "flatlist", "flat list", "csl", "cslist",
                     "comma separated entries", "comma separated values", "pagelist", "enum",
                     "inline list", "hlist-comma", "dotlist", "cslist2", "pipe list", "bare list",
                     "slash list", "comma list"), _row),
    **dict.fromkeys(("and list", "andlist", "and-list"), _sentence("and")),
    **dict.fromkeys(("or list", "orlist", "or-list"), _sentence("or")),
    **dict.fromkeys(("post-nominals", "postnominals", "post nominals", "post-nom",
                     "post-nominal styles"), joined(" ")),
    **dict.fromkeys(("plainlist", "plain list", "columns-list", "columns list", "col-list", "cmn",
                     "colist", "column list", "multicol", "castlist", "cast listing",
                     "div col list",
                     "flowlist", "indented plainlist"), _marked_list),
    **dict.fromkeys(("quote", "cquote", "blockquote", "quotation", "bquote", "poemquote",
                     "block indent", "block quote", "pull quote", "centered pull quote", "bq",
                     "quote without source", "long quote", "poem quote", "blockindent"),
                     _quotation),
    **dict.fromkeys(("verse translation",), _verse),
    **dict.fromkeys(("term", "glossary term", "glossterm"), _term),
    **dict.fromkeys(("defn", "glossary definition", "glossdefn", "gdefn", "gbq"), _definition),
}  # fmt: skip
