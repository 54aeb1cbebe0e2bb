"""Globs: what a wildcard stands for, the same on every file system.

``*`` and ``?`` stand for characters of one name, ``**`` for any, slashes too, and ``[a-z]`` or
``[!a-z]`` for one of a set. A bracket that is never closed stands for itself.
"""

import re

WILDCARDS = "*?["
_TOKENS = re.compile(r"\*\*|\*|\?|\[(!?)(\]?[^\]]*)\]|.", re.DOTALL)

_RANGES = re.compile(r".-.|.", re.DOTALL)  # of a set: a range, or a character


def fixed_prefix(pattern: str) -> str:
    """Returns the folder of a path or glob up to its first wildcard, with the last slash.

    >>> fixed_prefix("gs://b/crawl/2024-*/w.warc.gz"), fixed_prefix("books/11-0.txt")
    ('gs://b/crawl/', 'books/')
    """
    return pattern[: pattern.rfind("/", 0, first_wildcard(pattern)) + 1]


def first_wildcard(pattern: str) -> int:
    """Returns where the first wildcard stands, the length where there is none."""
    return min((pattern.find(c) for c in WILDCARDS if c in pattern), default=len(pattern))


def glob_regex(pattern: str) -> re.Pattern[str]:
    """Returns what a whole path must match.

    >>> bool(glob_regex("2024-*/[!w]?.gz").fullmatch("2024-05/aa.gz"))
    True
    """
    return re.compile("".join(map(_translate, _TOKENS.finditer(pattern))), re.DOTALL)


def _translate(token: re.Match[str]) -> str:
    text = token[0]
    if text in ("**", "*", "?"):
        return {"**": ".*", "*": "[^/]*", "?": "[^/]"}[text]
    if token[2] is None:
        return re.escape(text)
    ranges = [item for item in _RANGES.findall(token[2]) if len(item) < 3 or item[0] <= item[2]]
    chosen = "".join(map(_escape, ranges))
    if not chosen:  # only ranges that run backwards
        return "[^/]" if token[1] else "(?!)"
    return f"(?!/)[{'^' if token[1] else ''}{chosen}]"


def _escape(item: str) -> str:
    return f"{re.escape(item[0])}-{re.escape(item[2])}" if len(item) == 3 else re.escape(item)
