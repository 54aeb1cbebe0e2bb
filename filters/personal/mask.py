"""Masking personal data: each address or number becomes one word that says what stood there.

Off in the paper's recipe, which has none of it. On the text as it was extracted, before hash,
measures and signature, so that every later stage sees the same text.
"""

from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

from massivetext.config.filter_rules import MaskRules
from massivetext.filters.personal.emails import find_emails
from massivetext.filters.personal.ip_addresses import find_ip_addresses
from massivetext.filters.personal.phones import find_phones
from massivetext.filters.personal.spans import Span

Find = Callable[[str], Iterator[Span]]


class Masked(NamedTuple):
    """How many of each kind were masked in a text; a field a kind."""

    emails: int = 0
    ip_addresses: int = 0
    phones: int = 0


_FIND: Final[dict[str, Find]] = {
    "emails": find_emails,
    "ip_addresses": find_ip_addresses,
    "phones": find_phones,
}
WORDS: Final = Masked("<email>", "<ip>", "<phone>")._asdict()  # type: ignore[arg-type]


def find_personal(text: str, rules: MaskRules) -> list[tuple[Span, str]]:
    """Returns the stretches of a text that are masked, in order, with their kinds.

    Of two that overlap the first stays, longest first.
    """
    kinds = [kind for kind in Masked._fields if getattr(rules, kind)]
    found = [(span, kind) for kind in kinds for span in _FIND[kind](text)]
    chosen: list[tuple[Span, str]] = []
    for span, kind in sorted(found, key=lambda item: (item[0].start, -item[0].end)):
        if not chosen or span.start >= chosen[-1][0].end:
            chosen.append((span, kind))
    return chosen


def mask(text: str, rules: MaskRules) -> tuple[str, Masked]:
    """Returns a text with its personal data masked, and how many of each kind there were.

    >>> mask("Write to joe@a.example or call 415-555-2671.", MaskRules())
    ('Write to <email> or call <phone>.', Masked(emails=1, ip_addresses=0, phones=1))
    """
    found = find_personal(text, rules)
    if not found:
        return text, Masked()
    pieces, end = [], 0
    for span, kind in found:
        pieces += [text[end : span.start], WORDS[kind]]
        end = span.end
    counts = [sum(kind == name for _, kind in found) for name in Masked._fields]
    return "".join([*pieces, text[end:]]), Masked(*counts)
