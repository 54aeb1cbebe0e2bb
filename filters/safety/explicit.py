"""Explicit pages, by what Google publishes of the signals behind SafeSearch.

The paper filters MassiveWeb with SafeSearch and no word list, since lists remove the texts of
minorities (Rae et al. 2021, A.1.1). Here: the page's own rating, lists of domains that the user
supplies, and, if asked for, words of the URL. The body is not looked at. A host of which many
pages are rated is dropped whole by the stage that sees all its pages.
"""

import re
from collections.abc import Iterator
from typing import BinaryIO, Final
from urllib.parse import urlsplit

import numpy as np
import xxhash
from numpy.typing import NDArray

from massivetext.config.recipe import SafetyRules
from massivetext.document import Document
from massivetext.errors import ConfigError
from massivetext.filters.safety.url_words import is_explicit_url
from massivetext.readers.bytes.lines import read_lines
from massivetext.reasons import Reason
from massivetext.text.surrogates import encodable

ADULT_RATINGS: Final = frozenset(("adult", "mature", "restricted"))
RTA_LABEL: Final = "rta-5042-1996-1400-1577-rta"  # "restricted to adults", of the RTA programme
_SEPARATOR = re.compile("[,;]")
# URLs whose host needs no parsing: five times faster, and nearly all.
_PLAIN_URL = re.compile(r"https?://([A-Za-z0-9.-]+)(?::[0-9]*)?(?:[/?#]|\Z)")
_MAX_LABELS = 20  # of a host, and parts of a path, that are looked up


def host(url: str) -> str:
    """Returns the host of a URL in lower-case ASCII, without port; "" if it has none.

    >>> host("HTTP://user@WWW.Bücher.Example:80/a?b"), host("dns:example.com")
    ('www.xn--bcher-kva.example', '')
    """
    if plain := _PLAIN_URL.match(url):
        return plain[1].lower().strip(".")
    return parse_host(url) if url else ""


def parse_host(url: str) -> str:
    """Returns `host` by the library's parser, for all URLs."""
    try:
        name = (urlsplit(url).hostname or "").strip(".")
    except ValueError:  # brackets that hold no IPv6 address
        return ""
    return name if name.isascii() else _to_ascii(name)


def _to_ascii(name: str) -> str:
    try:
        return name.encode("idna").decode()
    except UnicodeError:  # no label of the name system; as good a key as any
        return encodable(name)


class DomainList:
    """Listed domains and URLs, in the format of the UT1 blacklists.

    As sorted 64-bit hashes: 8 bytes each, 4.6 million in 37 MB.
    """

    def __init__(self) -> None:
        self._keys: NDArray[np.uint64] = np.empty(0, np.uint64)

    def __len__(self) -> int:
        return len(self._keys)

    def add(self, keys: NDArray[np.uint64]) -> None:
        """Adds the keys of more entries."""
        self._keys = np.unique(np.concatenate([self._keys, keys]))

    def lists(self, url: str) -> bool:
        """Returns whether the URL's host, a domain above it, or the URL or a path above is listed.

        A single label such as ``com`` is never looked up.
        """
        name = host(url) if len(self._keys) else ""
        if not name:
            return False
        wanted = np.array([_key(entry) for entry in (*_domains(name), *_paths(name, url))])
        found = np.searchsorted(self._keys, wanted)
        return bool((self._keys[np.minimum(found, len(self._keys) - 1)] == wanted).any())


def judge_safety(document: Document, rules: SafetyRules, domains: DomainList) -> tuple[Reason, ...]:
    """Returns all reasons to drop a document as explicit: rating, domain, URL."""
    found = (
        judge_rating(document.signals.rating),
        judge_domain(document.url, domains),
        judge_url(document.url) if rules.url_words else None,
    )
    return tuple(reason for reason in found if reason is not None)


def judge_rating(rating: str) -> Reason | None:
    """Returns `Reason.RATING` if a rating tag or header says that a page is for adults.

    Several ratings stand between commas. A value must be one of `ADULT_RATINGS` as a whole, or
    hold the RTA label; case and white space do not count.

    >>> judge_rating(" Adult"), judge_rating("safe for adult and child")
    (<Reason.RATING: 'rating'>, None)
    """
    if not rating:
        return None
    text = rating.lower()
    values = {value.strip() for value in _SEPARATOR.split(text)}
    return Reason.RATING if RTA_LABEL in text or values & ADULT_RATINGS else None


def judge_domain(url: str, domains: DomainList) -> Reason | None:
    """Returns `Reason.DOMAIN` if the URL, its host or a domain above it is listed."""
    return Reason.DOMAIN if domains.lists(url) else None


def judge_url(url: str) -> Reason | None:
    """Returns `Reason.URL` if the words of the URL speak of an explicit page."""
    return Reason.URL if is_explicit_url(url) else None


def load_domains(domains: DomainList, file: BinaryIO) -> None:
    """Adds the entries of a UT1 ``domains`` or ``urls`` file, plain or compressed, one a line.

    An entry with a path is a URL and covers what lies below it; one without covers the domain and
    everything under it. Lines that begin with ``#`` are comments.

    Raises:
      ConfigError: the file is compressed and broken, or has a line too long.
    """
    keys = []
    for offset, line in read_lines(file):
        if not isinstance(line, bytes):
            raise ConfigError(f"domain list, at byte {offset}: {line}")
        entry = _entry(line.decode("utf-8", "replace"))
        if entry:
            keys.append(_key(entry))
    domains.add(np.array(keys, np.uint64))


def _entry(line: str) -> str:
    """Returns a list's line as it is looked up, "" if it names nothing."""
    text = line.strip().lower()
    if not text or text.startswith("#"):
        return ""
    name, _, path = text.rpartition("://")[2].partition("#")[0].partition("/")
    name = name.removeprefix("*").strip(".").removeprefix("www.")
    name = name if name.isascii() else _to_ascii(name)
    if "." not in name:
        return ""
    return f"{name}/{path.rstrip('/')}" if path.strip("/") else name


def _key(entry: str) -> np.uint64:
    return np.uint64(xxhash.xxh3_64_intdigest(entry.encode("utf-8", "replace")))


def _domains(name: str) -> Iterator[str]:
    """Yields the host and the domains above it, down to two labels."""
    labels = name.split(".")[-_MAX_LABELS:]
    for first in range(max(1, len(labels) - 1)):
        yield ".".join(labels[first:])


def _paths(name: str, url: str) -> Iterator[str]:
    """Yields the URL without scheme and ``www.``, and the paths above it."""
    name = name.removeprefix("www.")
    rest = url.lower().partition("://")[2].partition("#")[0].partition("/")[2]
    path, question, query = rest.partition("?")
    if question:
        yield f"{name}/{path}?{query}".rstrip("/")
    parts = path.rstrip("/").split("/")[:_MAX_LABELS]
    for count in range(len(parts), 0, -1):
        yield f"{name}/{'/'.join(parts[:count])}"
