"""The forms in which pages hold an item; each is a function of item and surrounding text."""

import re
from collections.abc import Callable
from typing import Final

from massivetext.decontaminate.held_out import Item
from massivetext.decontaminate.selftest.prose import Writer

WORDS_AROUND: Final = 300  # before the item, and as many after it
REPLACED: Final = 20  # one word in so many
_WIDTH: Final = 8  # words of a re-wrapped line
_LETTERINGS: Final = ("{upper}. {text}", "({lower}) {text}", "{lower}) {text}", "{number}. {text}")


def _within(text: str, writer: Writer) -> str:
    return "\n\n".join([writer.prose(WORDS_AROUND), text, writer.prose(WORDS_AROUND)])


def _verbatim(item: Item, writer: Writer) -> str:
    return item.text


def _embedded(item: Item, writer: Writer) -> str:
    return _within(item.text, writer)


def _upper(item: Item, writer: Writer) -> str:
    return _within(item.text.upper(), writer)


def _rewrapped(item: Item, writer: Writer) -> str:
    words = item.text.split()
    lines = (" ".join(words[at : at + _WIDTH]) for at in range(0, len(words), _WIDTH))
    return _within("\n".join(lines), writer)


def _lettered(item: Item, writer: Writer) -> str | None:
    if not item.asked.choices:
        return None
    form = writer.rng.choice(_LETTERINGS)
    lines = [
        form.format(upper=chr(65 + n), lower=chr(97 + n), number=n + 1, text=choice)
        for n, choice in enumerate(item.asked.choices)
    ]
    return _within("\n".join([item.asked.question, *lines]), writer)


def _question(item: Item, writer: Writer) -> str | None:
    return _within(item.asked.question, writer) if item.asked.question else None


def _answered(item: Item, writer: Writer) -> str | None:
    if not (item.asked.question and item.asked.right):
        return None
    return _within(f"{item.asked.question}\n{item.asked.right[0]}", writer)


def _replaced(item: Item, writer: Writer) -> str:
    pieces = re.split(r"(\s+)", item.text)
    words = range(0, len(pieces), 2)
    for place in writer.rng.sample(words, -(-len(words) // REPLACED)):
        pieces[place] = writer.rng.choice(("otherwise", "seventeen", "velvet", "perhaps"))
    return _within("".join(pieces), writer)


def _punctuation(item: Item, writer: Writer) -> str:
    """Other quotation marks and dashes, no commas, bold words."""
    text = item.text.replace(", ", " ").replace("; ", " — ").replace('"', "”").replace("'", "’")
    return _within(re.sub(r"\b(\w+)\b", r"**\1**", text, count=5), writer)


Page = Callable[[Item, Writer], str | None]
FORMS: Final[dict[str, Page]] = {
    "verbatim": _verbatim,
    "embedded": _embedded,
    "upper case": _upper,
    "re-wrapped": _rewrapped,
    "lettered": _lettered,
    "question alone": _question,
    "question and answer": _answered,
    "one word in 20 replaced": _replaced,
    "other punctuation": _punctuation,
}
