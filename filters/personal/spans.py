"""A stretch of a text."""

from typing import NamedTuple


class Span(NamedTuple):
    """Where something begins and ends in a text."""

    start: int
    end: int
