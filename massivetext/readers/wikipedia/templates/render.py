"""The words that a template shows in its sentence."""

import re
from typing import Final

from massivetext.readers.wikipedia.templates.amounts import MEASURES, MONEY
from massivetext.readers.wikipedia.templates.arguments import (
    EQUALS,
    GONE,
    PART,
    Arguments,
    read_arguments,
)
from massivetext.readers.wikipedia.templates.dates import DATES
from massivetext.readers.wikipedia.templates.functions import function_text
from massivetext.readers.wikipedia.templates.languages import LANGUAGES, language_writer
from massivetext.readers.wikipedia.templates.lists import LISTS, list_writer
from massivetext.readers.wikipedia.templates.numbers import NUMBERS
from massivetext.readers.wikipedia.templates.ships import SHIPS, ship_writer
from massivetext.readers.wikipedia.templates.signs import SIGNS
from massivetext.readers.wikipedia.templates.silent import is_silent
from massivetext.readers.wikipedia.templates.words import WORDS, Writer

_WRITERS: Final[dict[str, Writer]] = {
    **SHIPS, **WORDS, **LISTS, **MONEY, **DATES, **NUMBERS, **MEASURES, **LANGUAGES,
}  # fmt: skip
_PREFIX = re.compile(r"(?:template|subst|safesubst|msg|raw)\s*:\s*")
_MAX_NAME = 100  # characters; no template has a longer name
_NUMBER = re.compile(r"[-+−±~<>]?\d[\d., ]{0,30}")
_UNIT = re.compile(r"[^\W\d_][^\s\d]{0,11}|%")
_LETTER = re.compile(r"[^\W\d_]")
_NO_WORDS = re.compile(  # an address, a file, a color, a switch
    r"(?:https?:|//|www\.|#[0-9a-f]{3,8}$|(?-i:[yn]$)|(?:yes|no|on|off|true|false|none|left|right|center)$"
    r"|[^\n]{1,200}\.(?:jpe?g|png|svg|gif|og[gv]|pdf)$)",
    re.I,
)


def template_text(parts: list[str], in_sentence: bool = True) -> str:
    """Returns the words that a template shows, given its name and arguments; `GONE` if none.

    Arguments:
      parts: the text between the braces, cut at its pipes.
      in_sentence: whether words stand beside it: if so a template that is not known gives its
        readable argument, unless its kind shows nothing.

    >>> template_text(["convert", "5", "km", "mi"]), template_text(["Infobox", "name=A"]) == GONE
    ('5 km', True)
    """
    if ":" in parts[0] and (text := function_text(parts)) is not None:
        return text or GONE
    name = _name(parts[0])
    if sign := SIGNS.get(name):
        if len(parts) == 1 or (name not in _WRITERS and not _LETTER.search(sign)):
            return sign
    elif sign == "":
        return ""
    write = _WRITERS.get(name) or language_writer(name) or ship_writer(name) or list_writer(name)
    if write:
        return write(read_arguments(parts[1:])) or GONE
    if not in_sentence or is_silent(name) or any("\n" in part for part in parts):
        return GONE
    text = _readable(read_arguments(parts[1:]))
    return f"{PART}{text}" if text[:1].isdecimal() else text or GONE


def _name(text: str) -> str:
    name = " ".join(text.replace("_", " ").replace(GONE, "").split()).lower()
    if len(name) > _MAX_NAME:
        return ""
    name = name.replace(EQUALS, "=")
    return _PREFIX.sub("", name, count=1) if ":" in name else name


def _readable(arguments: Arguments) -> str:
    """Returns the last argument with letters, a number and its unit, or the only number.

    Of several bare numbers none is told: a template that is not known may compute with them.
    """
    texts = [text for text in arguments.all() if not _NO_WORDS.match(text)]
    if len(texts) > 1 and _NUMBER.fullmatch(texts[0]) and _UNIT.fullmatch(texts[1]):
        return f"{texts[0]} {texts[1]}"
    for text in reversed(texts):
        if _LETTER.search(text):
            return text
    if len(texts) == 1 and any(character.isdigit() for character in texts[0]):
        return texts[0]
    return arguments.get("text", "content", "quote", "label", "title", "name")
