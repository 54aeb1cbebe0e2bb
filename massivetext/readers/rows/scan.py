"""One JSON object read key by key: only the values that are asked for are ever built.

A parser that builds everything needs 35 times a line's bytes for `[{},{},…`, and refuses a whole
line for one value that nobody reads. Here such values are only stepped over.
"""

import json
import re
from collections.abc import Collection
from functools import cache

import numpy as np
import orjson

from massivetext.errors import RecordError

_SPACE = re.compile(rb"[ \t\r\n]*+")
_BETWEEN = re.compile(rb"(?:[ \t\r\n]|\xef\xbb\xbf)*+")
_STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+"', re.S)
_SCALAR = re.compile(rb'[^\s,:"{}\[\]]++')
_ESCAPE = re.compile(rb"\\.", re.S)
_STEP = 1 << 20  # bytes whose brackets are counted at a time
_FIRST_STEP = 1 << 8
_LEVELS = 3  # of values that are stepped over with the members beside them
_MAX_MEMBERS = 100_000  # of an object that are looked at one by one


def scan_object(
    line: bytes, keys: Collection[str] | None, at: int = 0
) -> tuple[dict[str, object], int]:
    r"""Returns the values of `keys` in the JSON object at `at`, and where the next one begins.

    Without `keys` all are returned. An error stands in place of a value that is no JSON. Of equal
    keys the last holds. Objects and lists are built up to `_STEP` bytes.

    >>> scan_object(rb'{"id": NaN, "text": "a\u0062", "m": [[{"x": 1e999}]]}', {"text"})
    ({'text': 'ab'}, 51)

    Raises:
      RecordError: if there is no object, it does not end, something else than another object
        follows it, or it has more than `_MAX_MEMBERS` members that cannot be stepped over at once.
    """
    found: dict[str, object] = {}
    at = _expect(line, at, b"{")
    closed = _expect_or(line, at, b"}")
    unread = None if keys is None else _unread_members(frozenset(keys))
    for _ in range(_MAX_MEMBERS):
        if closed:
            break
        at = skipped.end() if unread and (skipped := unread.match(line, at)) else at
        name, start, end = _member(line, at)
        if keys is None or name in keys:
            found[name] = _value(line[start:end], name)
        closed = not _expect_or(line, end, b",")
        at = end if closed else _expect(line, end, b",")
    return found, _next_object(line, _expect(line, at, b"}"))


def _next_object(line: bytes, at: int) -> int:
    """Returns where an object follows: at once, or behind blanks and byte order marks."""
    behind = _BETWEEN.match(line, at)
    at = behind.end() if behind else at
    if at < len(line) and not line.startswith(b"{", at):
        raise RecordError(f"invalid JSON: more than one value, at byte {at}")
    return at


@cache
def _unread_members(keys: frozenset[str]) -> "re.Pattern[bytes]":
    """Returns what matches members of other keys, with values that nest no deeper than `_LEVELS`.

    Keys with escapes are left to `_member`: they may spell one of `keys`.
    """
    string = rb'"(?:[^"\\]++|\\.)*+"'
    value = rb'(?:%b|[^\s,:"{}\[\]]++)' % string
    for _ in range(_LEVELS):
        value = rb'(?:%b|[\[{](?:[^"{}\[\]]++|%b)*+[\]}])' % (value, value)
    names = b"|".join(re.escape(key.encode()) for key in sorted(keys))
    space = rb"[ \t\r\n]*+"
    member = rb'"(?!(?:%b)")[^"\\]*+"%b:%b%b' % (names, space, space, value)
    return re.compile(rb"(?:%b%b%b,)*+" % (space, member, space), re.S)


def _after_space(line: bytes, at: int) -> int:
    found = _SPACE.match(line, at)
    return found.end() if found else at


def _expect_or(line: bytes, at: int, mark: bytes) -> bool:
    return line.startswith(mark, _after_space(line, at))


def _expect(line: bytes, at: int, mark: bytes) -> int:
    """Returns the byte behind `mark`, which stands at `at` or behind white space there."""
    at = _after_space(line, at)
    if not line.startswith(mark, at):
        raise RecordError(f"invalid JSON: no {mark.decode()!r} at byte {at}")
    return at + 1


def _member(line: bytes, at: int) -> tuple[str, int, int]:
    """Returns the key at `at`, and where its value begins and ends."""
    key = _after_space(line, at)
    if not line.startswith(b'"', key):
        raise RecordError(f"invalid JSON: no key at byte {at}")
    end = _string_end(line, key)
    start = _after_space(line, _expect(line, end, b":"))
    name = _value(line[key:end], "")
    return name if isinstance(name, str) else "", start, _value_end(line, start)


def _value_end(line: bytes, start: int) -> int:
    first = line[start : start + 1]
    if first in (b"{", b"["):
        return _nested_end(line, start)
    if first == b'"':
        return _string_end(line, start)
    found = _SCALAR.match(line, start)
    if found is None:
        raise RecordError(f"invalid JSON: no value at byte {start}")
    return found.end()


def _string_end(line: bytes, start: int) -> int:
    """Returns the end of the string whose first quote stands at `start`.

    Most hold no quote: theirs ends at the next that no escape takes, found at memory speed.
    """
    end = line.find(b'"', start + 1)
    if end > 0 and (end == start + 1 or line[end - 1] != ord("\\")):
        return end + 1
    found = _STRING.match(line, start)
    if found is None:
        raise RecordError(f"invalid JSON: a string without end at byte {start}")
    return found.end()


def _nested_end(line: bytes, start: int) -> int:
    """Returns the end of an object or list: where as many brackets have closed as opened."""
    depth, inside, size = 0, False, min(_FIRST_STEP, _STEP)
    while start < len(line):
        part = line[start : start + size]
        if (len(part) - len(part.rstrip(b"\\"))) % 2 and len(part) == size:
            part = part[:-1]  # an escape stays whole
        bytes_ = np.frombuffer(_ESCAPE.sub(b"__", part), np.uint8)
        quoted = (np.cumsum(bytes_ == ord('"'), dtype=np.int32) + inside) & 1
        inside = bool(quoted[-1])
        kind = bytes_ | 0x20  # "[" and "{" are 0x5B and 0x7B, "]" and "}" 0x5D and 0x7D
        step = (kind == ord("{")).astype(np.int8) - (kind == ord("}"))
        depths = np.cumsum(np.where(quoted, 0, step), dtype=np.int32) + depth
        ends = np.flatnonzero(depths == 0)
        if len(ends):
            return start + int(ends[0]) + 1
        depth, start, size = int(depths[-1]), start + len(part), min(2 * size, _STEP)
    raise RecordError("invalid JSON: the line ends inside a value")


def _value(data: bytes, name: str) -> object:
    """Returns a value, or a `RecordError` that says why there is none."""
    if len(data) > _STEP and data[:1] != b'"':
        return RecordError(f"key {name!r} holds no text but {len(data)} bytes of JSON")
    try:
        if data[:1] == b'"':
            return str(orjson.loads(data))
    except orjson.JSONDecodeError:
        pass  # it has a raw tab, or half a surrogate pair
    try:
        value: object = json.loads(data.decode(), strict=False)  # a raw tab is text
    except (ValueError, RecursionError) as error:
        return RecordError(f"invalid JSON under key {name!r}: {error}")
    return value
