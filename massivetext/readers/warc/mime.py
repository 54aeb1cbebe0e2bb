"""What kind of thing a response's body is: by its Content-Type, else by its first bytes."""

import re
from typing import Final

_HTML_TYPES: Final = frozenset(("text/html", "application/xhtml+xml"))
_UNKNOWN: Final = frozenset(("*/*", "unknown/unknown", "application/unknown"))
_TYPE = re.compile(r"[\s\"']*([a-z0-9!#$&^_.+*-]{1,127}/[a-z0-9!#$&^_.+*-]{1,127})(?=[\s;:\"']|$)")
_QUOTED = re.compile(r'(?<!=)"[^"]*+"|="[^"]*+"')
# WHATWG MIME sniffing, "identifying a resource with an unknown MIME type"; and the tags with which
# pages without a head begin today.
_LOOKS_HTML = re.compile(
    rb"(?:\xef\xbb\xbf)?+\s*+(?:<\?xml[^>]*+>\s*+)?+(?:<!--(?:(?!-->).)*+-->\s*+)*+"
    rb"<(?:!--|(?:!doctype\s+html|html|head|script|iframe|h[1-6]|div|font|table|a|style|title|b|body"
    rb"|br|p|article|section|main|header|nav|meta|link|ul|ol|dl|span|center|form|img|pre|i|strong"
    rb"|blockquote|noscript)(?=[\s/>]))",
    re.I | re.S,
)
_LOOKS_BINARY = (b"%PDF-", b"\x89PNG", b"GIF8", b"\xff\xd8\xff", b"PK\x03\x04", b"\x1f\x8b")
_SNIFF_BYTES = 1024


def may_be_html(content_type: str) -> bool:
    """Returns whether the type is HTML's, or none, so that the body's look decides."""
    mime = media_type(content_type)
    return not mime or mime in _HTML_TYPES


def is_html(content_type: str, body: bytes) -> bool:
    """Returns whether a browser would show the body as a page: by its type, else by its look.

    >>> is_html("text/plain, text/html", b"Hi"), is_html("html", b"<p>Hi"), is_html("", b"Hi")
    (True, True, False)
    """
    if body.startswith(_LOOKS_BINARY):
        return False
    mime = media_type(content_type)
    return mime in _HTML_TYPES if mime else _LOOKS_HTML.match(_head(body)) is not None


def media_type(content_type: str) -> str:
    """Returns the last valid type of a Content-Type, which may be several joined by commas.

    WHATWG Fetch, "extract a MIME type"; a valid type with something behind it counts, too.

    >>> media_type("text/plain, Text/HTML charset=utf-8"), media_type("html")
    ('text/html', '')
    """
    parts = _QUOTED.sub("=", content_type.lower()).split(",")
    types = [found[1] for part in parts if (found := _TYPE.match(part))]
    return next((name for name in reversed(types) if name not in _UNKNOWN), "")


def _head(body: bytes) -> bytes:
    head = body[:_SNIFF_BYTES]
    return head[2:].replace(b"\0", b"") if head.startswith((b"\xff\xfe", b"\xfe\xff")) else head
