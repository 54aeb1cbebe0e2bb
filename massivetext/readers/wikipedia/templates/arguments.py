"""A template's arguments, and the marks that stand in text while it is cleaned."""

import re
from typing import NamedTuple

# Control characters that XML cannot hold stand for what later passes must know.
GONE = "\x01"  # something was removed here: blanks and punctuation around it may be left over
CODE_START, CODE_END = "\x02", "\x03"  # between them blanks count
EQUALS = "\x04"  # "=" of a result, which names no argument of the template around it
LINE_END = "\x06"  # a line ends here, if it does not anyway
NUMBER = "\x07"  # around the number that an item of a list has
PART = "\x05"  # a number of its own follows: behind a digit it needs a blank, 5 1/2

_KEY = re.compile(r"[\w .-]+")
_KEY_CHARACTERS = 40
_BLANK = f" \t\n\r{GONE}{LINE_END}"


class Arguments(NamedTuple):
    """A template's arguments, stripped of white space."""

    positional: list[str]
    named: dict[str, str]

    def at(self, index: int) -> str:
        """Returns an argument by its place, "" if there is none."""
        if index < len(self.positional) and self.positional[index]:
            return self.positional[index]
        return self.named.get(str(index + 1), "")

    def get(self, *names: str) -> str:
        """Returns the first of the named arguments that is not empty, "" if none is."""
        return next((self.named[name] for name in names if self.named.get(name)), "")

    def all(self) -> list[str]:
        """Returns all arguments by place that are not empty, "1=" and "2=" among them."""
        numbered = [self.named[key] for key in self.named if key.isdecimal()]
        return [text for text in (*self.positional, *numbered) if text]


def read_arguments(parts: list[str]) -> Arguments:
    """Returns the arguments behind a template's name.

    >>> read_arguments([" a ", "b = c"])
    Arguments(positional=['a'], named={'b': 'c'})
    """
    positional: list[str] = []
    named: dict[str, str] = {}
    for part in parts:
        before, equals, value = part.partition("=")
        key = before.strip(_BLANK) if equals else ""
        if key and len(key) <= _KEY_CHARACTERS and _KEY.fullmatch(key):
            named[key.lower()] = value.strip(_BLANK)
        else:
            positional.append(part.strip(_BLANK))
    return Arguments(positional, named)
