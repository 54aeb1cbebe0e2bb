"""Entities of wiki text: those that HTML knows, with their semicolon."""

import html
import re
from html.entities import html5

_ENTITY = re.compile(r"&(?:#(?:[0-9]{1,7}|[xX][0-9a-fA-F]{1,6})|([a-zA-Z][a-zA-Z0-9]{1,31}));")


def decode_entities(text: str) -> str:
    """Returns text with entities as characters.

    >>> decode_entities("&lt;&#65;&unknown;&amp")
    '<A&unknown;&amp'
    """
    return _ENTITY.sub(_character, text)


def _character(match: re.Match[str]) -> str:
    """Returns an entity's character; a name that HTML does not know stays, as in MediaWiki."""
    if name := match.group(1):
        return html5.get(f"{name};", match.group())
    return html.unescape(match.group())
