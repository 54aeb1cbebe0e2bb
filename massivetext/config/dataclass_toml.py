"""Frozen dataclasses from TOML values, strictly: an unknown or ill-typed key is an error.

The annotations are the schema. TOML has no null, so "off" stands for None where a type allows it.
"""

import contextlib
import dataclasses
import difflib
import math
import os
import re
import tomllib
import types
from collections.abc import Iterator, Mapping
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from massivetext.errors import ConfigError

T = TypeVar("T")
_VARIABLE = re.compile(r"\$\{(\w+)\}")


def parse_toml(text: str, name: str) -> dict[str, Any]:
    """Returns the table that a TOML text holds.

    Raises:
      ConfigError: the text is not TOML; the message has the place.
    """
    try:
        return tomllib.loads(text.removeprefix("\ufeff"))  # some editors write a mark before it
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{name}: not TOML: {error}") from error


def build(kind: type[T], values: Mapping[str, Any], key: str = "") -> T:
    """Returns the dataclass `kind` filled from a table.

    Raises:
      ConfigError: a key is unknown, missing or of the wrong type; the message names it.

    >>> @dataclasses.dataclass(frozen=True)
    ... class Rules:
    ...     min_words: int | None = 50
    >>> build(Rules, {"min_words": "off"})
    Rules(min_words=None)
    >>> build(Rules, {"min_word": 3})
    Traceback (most recent call last):
    massivetext.errors.ConfigError: min_word: unknown key; did you mean 'min_words'?
    """
    if not isinstance(values, Mapping):
        raise ConfigError(f"{key}: expected a table, got {values!r}")
    hints = get_type_hints(kind)
    fields = {f.name: f for f in dataclasses.fields(kind)}  # type: ignore[arg-type]
    for name in values:
        if name not in fields:
            hint = _suggest(name, fields) or _suggest_inside(name, kind, key)
            hint = hint or f"; known keys: {', '.join(sorted(fields))}"
            raise ConfigError(f"{_dotted(key, name)}: unknown key{hint}")
    for name, field in fields.items():
        if name not in values and _required(field):
            raise ConfigError(f"{_dotted(key, name)}: missing")
    made = {name: _value(hints[name], value, _dotted(key, name)) for name, value in values.items()}
    return kind(**made)


def _required(field: "dataclasses.Field[Any]") -> bool:
    none = dataclasses.MISSING
    return field.default is none and field.default_factory is none


def _dotted(key: str, name: str) -> str:
    return f"{key}.{name}" if key else name


def _suggest(name: str, known: Mapping[str, object]) -> str:
    close = difflib.get_close_matches(name, known, 1)
    return f"; did you mean {close[0]!r}?" if close else ""


def _suggest_inside(name: str, kind: Any, key: str) -> str:
    """Returns a hint to a key of that name in a table inside, as of a threshold without tables."""
    known: dict[str, str] = {}
    for path in _inside(kind, key):
        known.setdefault(path.rpartition(".")[2], path)
    close = difflib.get_close_matches(name, known, 1, 0.8)
    return f"; did you mean {known[close[0]]!r}?" if close else ""


def _inside(kind: Any, key: str) -> Iterator[str]:
    """Yields the dotted keys of the tables in a dataclass, and of all that is in them."""
    for name, hint in get_type_hints(kind).items():
        yield _dotted(key, name)
        if dataclasses.is_dataclass(hint):
            yield from _inside(hint, _dotted(key, name))


def _value(kind: Any, value: Any, key: str) -> Any:
    origin, arguments = get_origin(kind), get_args(kind)
    if dataclasses.is_dataclass(kind):
        return build(kind, value, key)  # type: ignore[arg-type]
    if origin in (Union, types.UnionType):
        return _union(arguments, value, key)
    if origin is Literal:
        return _literal(arguments, value, key)
    if origin is tuple:
        return _tuple(arguments[0], value, key)
    if origin is dict:
        return _table(arguments[1], value, key)
    return _scalar(kind, value, key)


def _union(kinds: tuple[Any, ...], value: Any, key: str) -> Any:
    if value == "off" and type(None) in kinds:
        return None
    for kind in kinds:
        types_of_kind = (list, tuple) if get_origin(kind) is tuple else (kind,)
        if type(value) in types_of_kind:  # a message about what is inside says more
            return _value(kind, value, key)
        with contextlib.suppress(ConfigError):
            return _value(kind, value, key)
    raise ConfigError(f"{key}: expected {' or '.join(map(_name, kinds))}, got {value!r}")


def _name(kind: Any) -> str:
    if get_origin(kind) is Literal:
        return " or ".join(map(repr, get_args(kind)))
    if get_origin(kind) is tuple:
        return "a list"
    return "'off'" if kind is type(None) else str(kind.__name__)


def _literal(choices: tuple[Any, ...], value: Any, key: str) -> Any:
    if value not in choices or isinstance(value, bool):
        raise ConfigError(f"{key}: {value!r} is not one of {', '.join(map(repr, choices))}")
    return value


def _tuple(kind: Any, value: Any, key: str) -> tuple[Any, ...]:
    if not isinstance(value, list | tuple):
        raise ConfigError(f"{key}: expected a list, got {value!r}")
    return tuple(_value(kind, item, f"{key}[{i}]") for i, item in enumerate(value))


def _table(kind: Any, value: Any, key: str) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise ConfigError(f"{key}: expected a table, got {value!r}")
    return {name: _value(kind, item, _dotted(key, name)) for name, item in value.items()}


def _scalar(kind: Any, value: Any, key: str) -> Any:
    if kind is float and type(value) is int:
        return float(value)
    if type(value) is not kind:
        raise ConfigError(f"{key}: expected {kind.__name__}, got {value!r}")
    if kind is float and not math.isfinite(value):
        raise ConfigError(f"{key}: {value} is no finite number")
    return value


def expand_variables(text: str, key: str) -> str:
    """Returns `text` with each ``${NAME}`` replaced by that environment variable, and ``~``.

    Raises:
      ConfigError: a variable is not set.
    """

    def replace(match: re.Match[str]) -> str:
        name = match.group(1)
        if name not in os.environ:
            raise ConfigError(f"{key}: the environment variable {name} is not set")
        return os.environ[name]

    return os.path.expanduser(_VARIABLE.sub(replace, text))  # noqa: PTH111  (keeps a last slash)


def override(table: dict[str, Any], assignment: str) -> None:
    """Sets one value of a table, in place, from ``dotted.key=value`` (the value as in TOML).

    Raises:
      ConfigError: the text has no ``=`` or goes through a value that is no table.

    >>> table = {"tokens": {"total": 1}}
    >>> override(table, "tokens.total=2"); override(table, "root=out"); table
    {'tokens': {'total': 2}, 'root': 'out'}
    """
    key, separator, text = assignment.partition("=")
    if not separator or not key.strip():
        raise ConfigError(f"--set {assignment}: expected KEY=VALUE, as in --set seed=1")
    *path, last = key.strip().split(".")
    for name in path:
        table = table.setdefault(name, {})
        if not isinstance(table, dict):
            raise ConfigError(f"--set {assignment}: {name} is not a table")
    table[last] = _toml_value(text.strip())


def _toml_value(text: str) -> Any:
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text  # a bare word is a string
