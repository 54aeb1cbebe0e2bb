"""Globs: the regular expression says what a shell's pattern says."""

import fnmatch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from massivetext.storage.globs import first_wildcard, fixed_prefix, glob_regex

NAMES = st.text("ab.[]!^-\\\n?*é", max_size=6)
PLAIN = st.text("ab.[]!-?*é", max_size=6).filter(
    lambda p: not any(odd in p for odd in ("**", "[]", "[!]"))  # there fnmatch differs
)


@given(NAMES, PLAIN)
def test_patterns_within_a_name_are_those_of_fnmatch(name: str, pattern: str) -> None:
    assert bool(glob_regex(pattern).fullmatch(name)) == fnmatch.fnmatchcase(name, pattern)


@given(st.text("ab/*?[]!^-\\", max_size=12))
def test_any_pattern_is_compiled_and_its_fixed_part_begins_it(pattern: str) -> None:
    glob_regex(pattern)
    assert pattern.startswith(fixed_prefix(pattern))
    assert not set("*?[") & set(pattern[: first_wildcard(pattern)])


@pytest.mark.parametrize(
    ("pattern", "path", "matches"),
    [
        ("*", "a/b", False), ("**", "a/b", True), ("?", "/", False), ("a/**/b", "a/b", False),
        ("a/**/b", "a/x/y/b", True), ("a**b", "a/b", True), ("[^a]", "^", True),
        ("[^a]", "b", False), ("[!^]", "^", False), ("[]]", "]", True), ("[", "[", True),
        ("[z-a]", "b", False), ("[!z-a]", "b", True), ("[z-ab]", "b", True),
        ("a[!b]c", "a/c", False), ("a[+-9]c", "a/c", False), ("a.b", "axb", False),
        ("[a-c]", "b", True), ("[a-c]", "d", False),
    ],
)  # fmt: skip
def test_wildcards(pattern: str, path: str, matches: bool) -> None:
    assert bool(glob_regex(pattern).fullmatch(path)) == matches
