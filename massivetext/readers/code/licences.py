"""Names of licences: BigQuery's ids, SPDX's ids, names and expressions, and what people write."""

import re
from collections.abc import Sequence

from massivetext.paper import GITHUB_LICENCES

MAX_CHARACTERS = 1_000  # longer values are texts of licences, not names

# Names beside the ids, as `_key` makes them; MIT-0, BSD-3-Clause-Clear and the like are others.
_NAMES = {
    "apache-2.0": ("apache2", "apache20", "asl2", "asl20"),
    "mit": ("mit", "expat", "mitexpat"),
    "bsd-3-clause": (
        *("bsd3", "bsd3clause", "newbsd", "bsdnew", "modifiedbsd", "revisedbsd", "bsd3clausenew"),
        *("bsd3clauserevised", "bsd3clauseneworrevised", "3clausebsd"),
    ),
    "bsd-2-clause": (
        "bsd2",
        "bsd2clause",
        "simplifiedbsd",
        "bsd2clausesimplified",
        "2clausebsd",
        "bsd2clausefreebsd",
        "bsd2clausenetbsd",
        "freebsd",
    ),
    "unlicense": ("unlicense",),
    "cc0-1.0": ("cc0", "cc01", "cc010", "cc010universal", "creativecommonszero10universal"),
    "isc": ("isc", "isciscl"),
    "artistic-2.0": ("artistic2", "artistic20"),
}
_IDS = {key: licence for licence, keys in _NAMES.items() for key in keys}
_FILLERS = frozenset(("the", "license", "licence", "licenses", "version", "software", "v"))
_WORD = re.compile(r"[a-z]+|[0-9]+|\+")
_ADDRESS = re.compile(
    r"^https?://(?:www\.)?(?:spdx|opensource|choosealicense)\.org/licen[sc]es?/", re.I
)
_APACHE = re.compile(r"^https?://(?:www\.)?apache\.org/licenses/license-2\.0", re.I)
_LABEL = re.compile(r"^(?:spdx-license-identifier: ?|license :: osi approved :: )")  # PyPI's
_SUFFIX = re.compile(r"(?:\.html|\.txt|\.php|/)+$", re.I)
_PIECE = re.compile(r"([()]|\s+(?:or|and|with)\s+|(?<=[\w)]) ?/ ?(?=[\w(]))")
_OR = ("or", "/")  # the second is Cargo's
_MOST_BRACKETS = 16


def licence_id(value: str | Sequence[str]) -> str:
    """Returns the paper's id of a licence; any other name comes back in lower case, stripped.

    An SPDX expression, or a list of a file's licences, is the first that is the paper's: of
    alternatives (OR) one must be, of licences that hold together (AND, lists) all.

    >>> licence_id("BSD-3-Clause"), licence_id("GPL-3.0 OR MIT"), licence_id("mit AND gpl-2.0")
    ('bsd-3-clause', 'mit', 'mit and gpl-2.0')
    """
    if not isinstance(value, str):
        value = " AND ".join(value)
    value = value.strip().lower()
    if len(value) > MAX_CHARACTERS:
        return ""
    return _one(value) or _of_expression(value) or value


def _one(name: str) -> str:
    """Returns the paper's id of one name, "" for any other."""
    name = _APACHE.sub("apache-2.0", _LABEL.sub("", name.strip(" ()[]\"'")))
    name = _SUFFIX.sub("", _ADDRESS.sub("", name))
    if name in GITHUB_LICENCES:
        return name
    words = [word for word in _WORD.findall(name) if word not in _FILLERS]
    if words[1:] and words[: len(words) // 2] == words[len(words) // 2 :]:
        words = words[: len(words) // 2]  # "MIT License (MIT)"
    return _IDS.get("".join(words), "")


def _of_expression(value: str) -> str:
    """Returns the first licence that an expression lets one choose, "" if there is none.

    AND binds before OR, as SPDX has it; how it binds beside Cargo's "/" nobody says.
    """
    left = [piece.strip() for piece in reversed(_PIECE.split(value)) if piece.strip()]
    unclear = "/" in left and "and" in left
    if "://" in value or unclear or value.count("(") > _MOST_BRACKETS:
        return ""
    found = _alternatives(left)
    return "" if left else found


def _alternatives(left: list[str]) -> str:
    """Takes alternatives off the end of what is left; returns the first that is the paper's."""
    found = [_together(left)]
    while left and left[-1] in _OR:
        left.pop()
        found.append(_together(left))
    return next(filter(None, found), "")


def _together(left: list[str]) -> str:
    """Takes licences that hold together; returns the first if all are the paper's."""
    found = [_single(left)]
    while left and left[-1] == "and":
        left.pop()
        found.append(_single(left))
    return found[0] if all(found) else ""


def _single(left: list[str]) -> str:
    """Takes one licence, or what stands in brackets; an exception to it only permits more."""
    piece = left.pop() if left else ""
    if piece == "(":
        found = _alternatives(left)
        return found if left and left.pop() == ")" else ""
    if left[-1:] == ["("]:  # "MIT License (MIT)"
        piece += " " + left[-2] if left[1:] else ""
        del left[-3:]
    if left[-1:] == ["with"]:
        del left[-2:]
    return _one(piece)
