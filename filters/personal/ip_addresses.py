"""IP addresses in a text: those of the public network, which may be a person's.

Addresses of machines themselves, of private networks, of documentation and of multicast name
nobody (RFC 6890). Four numbers below 10 are a version or a section.
"""

import re
from collections.abc import Iterator
from typing import Final

from massivetext.filters.personal.spans import Span

_OCTET: Final = r"(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)"
_DOTTED: Final = re.compile(r"[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]")
_IPV4: Final = re.compile(
    rf"(?<![\w.])({_OCTET})\.({_OCTET})\.({_OCTET})\.({_OCTET})(?![\w%]|\.\w)"
)
_IPV6: Final = re.compile(r"[23](?<![\w:.].)[0-9A-Fa-f]{3}:[0-9A-Fa-f:]{2,34}(?![\w:]|\.\d)")
# What stands before a version's or section's number and makes four numbers one.
_NUMBERED: Final = re.compile(
    r"(?i:\b(?:v|ver|vers|version|release|rel|rev|build|section|sec|chapter|clause|article|art"
    r"|table|figure|fig|firmware|paragraph|par|item|rule|part|no|nr|update|patch|driver)s?[.:]?"
    r"[ \t]?|[A-Za-z][/_-]|§[ \t]?)\Z"
)
_DOCUMENTED: Final = ((192, 0, 0), (192, 0, 2), (198, 51, 100), (203, 0, 113))
_CONTEXT: Final = 16  # characters before, where it is looked for


def find_ip_addresses(text: str) -> Iterator[Span]:
    """Yields where public IPv4 and IPv6 addresses stand.

    >>> text = "from 81.2.69.142 to 192.168.1.1, version 10.12.30.41, 2001:4860:4860::8888"
    >>> [text[start:end] for start, end in find_ip_addresses(text)]
    ['81.2.69.142', '2001:4860:4860::8888']
    """
    for dotted in _DOTTED.finditer(text):
        found = _IPV4.match(text, dotted.start())
        if found is None:
            continue
        octets = tuple(int(octet) for octet in found.groups())
        if _is_public(octets) and not _is_numbered(text, found.start()):
            yield Span(*found.span())
    for found in _IPV6.finditer(text):
        if is_ipv6(found[0]):
            yield Span(*found.span())


def _is_numbered(text: str, start: int) -> bool:
    return _NUMBERED.search(text, max(0, start - _CONTEXT), start) is not None


def _is_public(octets: tuple[int, ...]) -> bool:
    first, second, third, fourth = octets
    if max(octets) < 10 or first in (0, 10, 127) or first >= 224:
        return False
    network = not third and not fourth
    private = (first, second) in ((169, 254), (192, 168)) or (first == 172 and 16 <= second < 32)
    shared = (first == 100 and 64 <= second < 128) or (first == 198 and second in (18, 19))
    return not (network or private or shared or octets[:3] in _DOCUMENTED)


def is_ipv6(text: str) -> bool:
    """Returns whether a text is an IPv6 address of the public network (2000::/3).

    >>> is_ipv6("2001:db8::1"), is_ipv6("2001::"), is_ipv6("2a00:1450:4001:81b::200e")
    (False, False, True)
    """
    halves = text.split("::")
    groups = [group for half in halves for group in half.split(":") if half]
    if len(halves) > 2 or not all(0 < len(group) <= 4 for group in groups):
        return False
    whole = len(groups) == 8 if len(halves) == 1 else 3 <= len(groups) <= 7
    documentation = [group.lower() for group in groups[:2]] == ["2001", "db8"]
    return whole and not documentation
