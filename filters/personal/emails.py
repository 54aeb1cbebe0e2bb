"""E-mail addresses in a text, also as people write them to hide them from machines.

Work is bounded at each "@": at most `_MAX_LOCAL` characters before it and `_MAX_DOMAIN` behind.
"""

import re
from collections.abc import Iterator
from typing import Final

from massivetext.filters.personal.spans import Span

_MAX_LOCAL: Final = 64  # RFC 5321, 4.5.3.1
_MAX_DOMAIN: Final = 255
_AT: Final = re.compile(r"[@＠\[({<](?:(?<=[@＠])|[ \t]?(?i:at)[ \t]?[\])}>][ \t]?)")
_LOCAL: Final = re.compile(r"(?:\"[^\"\s]{1,62}\"|[\w.%'+~-]{1,64})[ \t]?\Z")
_DOT: Final = r"(?:\.|[ \t]?[\[({<][ \t]?(?i:dot)[ \t]?[\])}>][ \t]?)"
_DOMAIN: Final = re.compile(
    rf"[^\W_](?:[\w-]{{0,61}}[^\W_])?(?:{_DOT}[^\W_](?:[\w-]{{0,61}}[^\W_])?){{1,8}}"
)
_DOTS: Final = re.compile(_DOT)
_TOP: Final = re.compile(r"[^\W\d_]{2,24}|xn--[A-Za-z0-9-]{2,59}")
# Last labels that are no top-level domain: names of files and of packages' versions.
_FILES: Final = re.compile(
    r"png|jpe?g|gif|svg|webp|bmp|ico|css|js|ts|json|xml|x?html?|php|txt|pdf|tgz|gz|bz2|xz|tar"
    r"|whl|jar|exe|dll|csv|ya?ml|toml|lock|min|beta|alpha|final|release",
    re.I,
)
_HEAD: Final = "%'+~.-"  # not at the beginning of a local part in running text
_ROBOTS: Final = frozenset(("git", "hg", "svn", "bzr"))  # accounts that are nobody's


def find_emails(text: str) -> Iterator[Span]:
    """Yields where e-mail addresses stand, in order.

    >>> text = "to joe@a.example or joe (at) a (dot) org"
    >>> [text[start:end] for start, end in find_emails(text)]
    ['joe@a.example', 'joe (at) a (dot) org']
    """
    end = 0
    for at in _AT.finditer(text):
        found = _DOMAIN.match(text, at.end(), at.end() + _MAX_DOMAIN)
        if found is None:
            continue
        stop = _domain_end(text, found)
        start = None if stop is None else _local_start(text, at.start(), end)
        if start is not None and stop is not None:
            end = stop
            yield Span(start, stop)


def _local_start(text: str, at: int, least: int) -> int | None:
    """Returns where the local part before an "@" begins; None if none ends there."""
    found = _LOCAL.search(text, max(least, at - _MAX_LOCAL - 1), at)
    if found is None or (text[at] in "@＠" and text[at - 1].isspace()):
        return None
    start = found.start()
    while start < at and text[start] in _HEAD:
        start += 1
    local = text[start:at].rstrip()
    cut = start > least and (text[start - 1].isalnum() or text[start - 1] == "_")
    if not local or cut or local[-1] == "." or ".." in local or local in _ROBOTS:
        return None
    return start


def _domain_end(text: str, found: re.Match[str]) -> int | None:
    """Returns where a domain ends, without the next sentence; None if it is none."""
    end, labels = found.end(), _DOTS.split(found[0])
    if len(labels) > 2 and labels[-1].istitle() and labels[-2].islower():
        end -= len(labels.pop()) + 1
    elif text[end : end + 1] in ("@", "_"):
        return None
    numbers = sum(label.isdecimal() for label in labels[:-1])
    if not _TOP.fullmatch(labels[-1]) or _FILES.fullmatch(labels[-1]) or numbers > 1:
        return None
    return end
