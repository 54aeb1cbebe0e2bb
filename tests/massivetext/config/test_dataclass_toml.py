"""The strict loader: every wrong key is one clear error."""

from dataclasses import dataclass, field
from typing import Literal

import pytest

from massivetext.config.dataclass_toml import build, expand_variables, override, parse_toml
from massivetext.errors import ConfigError


@dataclass(frozen=True)
class Inner:
    bound: float | None = 0.5
    names: tuple[str, ...] = ()


@dataclass(frozen=True)
class Outer:
    size: int
    kind: Literal["a", "b"] = "a"
    total: int | Literal["max"] = 1
    words: Literal["all", "none"] | tuple[str, ...] = "all"
    inner: Inner = Inner()
    table: dict[str, float] = field(default_factory=dict)


def test_fills_nested_dataclasses() -> None:
    made = build(Outer, {"size": 2, "inner": {"bound": "off", "names": ["x"]}, "table": {"k": 1}})
    assert made == Outer(2, inner=Inner(None, ("x",)), table={"k": 1.0})


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({}, "size: missing"),
        ({"size": True}, "size: expected int, got True"),
        ({"size": 1.5}, "size: expected int, got 1.5"),
        ({"size": "1"}, "size: expected int, got '1'"),
        ({"size": 1, "sise": 2}, "sise: unknown key; did you mean 'size'?"),
        (
            {"size": 1, "zzz": 2},
            "zzz: unknown key; known keys: inner, kind, size, table, total, words",
        ),
        ({"size": 1, "kind": "c"}, "kind: 'c' is not one of 'a', 'b'"),
        ({"size": 1, "total": "most"}, "total: expected int or 'max', got 'most'"),
        ({"size": 1, "inner": 3}, "inner: expected a table, got 3"),
        ({"size": 1, "inner": {"bound": "no"}}, "inner.bound: expected float or 'off', got 'no'"),
        ({"size": 1, "inner": {"bound": float("inf")}}, "inner.bound: inf is no finite number"),
        ({"size": 1, "words": ["a", 3]}, "words[1]: expected str, got 3"),
        ({"size": 1, "words": "al"}, "words: expected 'all' or 'none' or a list, got 'al'"),
        ({"size": 1, "inner": {"names": "x"}}, "inner.names: expected a list, got 'x'"),
        ({"size": 1, "inner": {"names": [1]}}, "inner.names[0]: expected str, got 1"),
        ({"size": 1, "table": {"k": "v"}}, "table.k: expected float, got 'v'"),
    ],
)
def test_names_the_wrong_key(values: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        build(Outer, values)
    assert str(caught.value) == message


def test_a_number_or_a_word() -> None:
    assert build(Outer, {"size": 1, "total": "max"}).total == "max"
    assert build(Outer, {"size": 1, "total": 7}).total == 7


def test_broken_toml_names_the_file() -> None:
    with pytest.raises(ConfigError, match=r"r\.toml: not TOML: .*line 1"):
        parse_toml("a = = 1", "r.toml")


@pytest.mark.parametrize(
    ("assignment", "expected"),
    [
        ("a.b=2", {"a": {"b": 2}}),
        ("a.b = 'x'", {"a": {"b": "x"}}),
        ("root=gs://b/c", {"a": {"b": 1}, "root": "gs://b/c"}),
        ("list=['x','y']", {"a": {"b": 1}, "list": ["x", "y"]}),
    ],
)
def test_overrides(assignment: str, expected: dict[str, object]) -> None:
    table: dict[str, object] = {"a": {"b": 1}}
    override(table, assignment)
    assert table == expected


@pytest.mark.parametrize("assignment", ["a", "=1", "a.b.c=1"])
def test_wrong_overrides(assignment: str) -> None:
    with pytest.raises(ConfigError, match="--set"):
        override({"a": {"b": 1}}, assignment)


def test_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MASSIVETEXT_X", "here")
    assert expand_variables("${MASSIVETEXT_X}/a", "root") == "here/a"
    monkeypatch.delenv("MASSIVETEXT_X")
    with pytest.raises(ConfigError, match="root: the environment variable MASSIVETEXT_X"):
        expand_variables("${MASSIVETEXT_X}/a", "root")
