"""Hosts that are dropped whole: most of their pages are rated adult by themselves.

A site that rates some of its pages rarely rates all of them; what Google publishes of SafeSearch
says that a rating is spread to the site. Pages are counted where the reader got as far as a page.
"""

import json
from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

import xxhash

from massivetext.mixture.quotas import to_fraction
from massivetext.reasons import Reason

_NO_PAGE = {
    Reason.RECORD_TYPE, Reason.HTTP_STATUS, Reason.NOT_HTML, Reason.REDIRECT, Reason.EMPTY,
    Reason.TOO_LARGE,
}  # fmt: skip


class HostRules(NamedTuple):
    """When a host is dropped whole."""

    min_pages: int
    max_rated: float | None  # largest share of rated pages that is kept; None turns the rule off


class HostCount(NamedTuple):
    """The pages of a host in one part."""

    host: str
    pages: int
    rated: int


def count_hosts(kept: Iterable[str], dropped: Iterable[tuple[str, list[str]]]) -> list[HostCount]:
    """Returns the counts of the hosts with a rated page or any other, ordered by host.

    Args:
      kept: the host of each kept page.
      dropped: the host and the reasons of each dropped page.
    """
    pages, rated = Counter(kept), Counter[str]()
    for host, reasons in dropped:
        if not _NO_PAGE.intersection(reasons):
            pages[host] += 1
            rated[host] += Reason.RATING in reasons
    return [HostCount(host, n, rated[host]) for host, n in sorted(pages.items()) if host]


def host_partition(host: str, partitions: int) -> int:
    """Returns the partition in which a host's counts are summed."""
    return xxhash.xxh3_64_intdigest(host.encode()) % partitions


def pack_counts(part: int, counts: list[HostCount]) -> bytes:
    """Returns the counts of a part as one block."""
    return json.dumps([part, counts]).encode()


def rated_hosts(blocks: Iterable[bytes], rules: HostRules) -> dict[int, list[str]]:
    """Returns, for each part, its hosts that are dropped whole, ordered by name."""
    parts = sorted((part, counts) for part, counts in map(json.loads, blocks))
    pages, rated = Counter[str](), Counter[str]()
    for _, counts in parts:
        for host, n, with_rating in counts:
            pages[host] += n
            rated[host] += with_rating
    bad = {host for host in pages if is_rated(pages[host], rated[host], rules)}
    found = {part: [host for host, _, _ in counts if host in bad] for part, counts in parts}
    return {part: hosts for part, hosts in found.items() if hosts}


def is_rated(pages: int, rated: int, rules: HostRules) -> bool:
    """Returns whether a host with so many pages, so many of them rated, is dropped whole.

    The comparison is exact, with the bound as it is written in decimals.

    >>> rules = HostRules(min_pages=5, max_rated=0.5)
    >>> is_rated(6, 3, rules), is_rated(6, 4, rules), is_rated(4, 4, rules)
    (False, True, False)
    """
    if rules.max_rated is None or pages < rules.min_pages:
        return False
    return rated > to_fraction(rules.max_rated) * pages
