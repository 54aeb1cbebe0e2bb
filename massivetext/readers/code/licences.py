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
    "bsd-2-clause": ("bsd2", "bsd2clause", "simplifiedbsd", "bsd2clausesimplified", "2clausebsd"),
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
_SUFFIX = re.compile(r"(?:\.html|\.txt|/)+$", re.I)
_OPERATOR = re.compile(r"\s+(OR|AND)\s+|(?<=\w) ?(/) ?(?=\w)", re.I)  # "/" is Cargo's OR


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
    """Returns the first licence of an expression of one operator; brackets may stand around it."""
    if "://" in value:
        return ""
    names = _OPERATOR.split(value.strip("()"))
    ids = [_one(name) for name in names[::3]]
    operators = {
        "or" if slash else word for word, slash in zip(names[1::3], names[2::3], strict=True)
    }
    if operators == {"or"}:
        return next(filter(None, ids), "")
    return ids[0] if operators == {"and"} and all(ids) else ""
