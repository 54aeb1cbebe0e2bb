"""What a stage and its parts are made from, and how parts are named."""

from collections.abc import Mapping
from typing import NamedTuple

STEM = r"part-(?:[0-9a-f]{16}|\d{5})"  # a regular expression; older versions counted parts
MadeFrom = Mapping[str, str]  # what something is made from: names, and digests of what they are
CONTENT = "content"  # of those names: that of input files, which may not be known until it is read


class Origins(NamedTuple):
    """What a stage is made from, beside the recipe: known once the stages before it are done."""

    whole: MadeFrom  # what all of it is made from
    parts: Mapping[str, MadeFrom] | None = None  # each by its stem; None: it is made in one go
