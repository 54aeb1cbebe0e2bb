"""Recipe values by dotted keys, and those in which two recipes differ."""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, NamedTuple

UNSET: Final = "not set"
_MOST = 60  # characters of a value that is shown


class Value(NamedTuple):
    """A value that differs; None: it is off; `UNSET`: there is none."""

    key: str
    old: Any
    new: Any

    def as_json(self) -> dict[str, Any]:
        """Returns it as JSON values: null is off, a side that is not there has none."""
        return {name: value for name, value in self._asdict().items() if value != UNSET}


def differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Value]:
    """Yields the values that differ, in the order of the keys.

    >>> list(differences({"a": 1, "b": 2}, {"a": 1, "b": 3}))
    [Value(key='b', old=2, new=3)]
    """
    for key in dict.fromkeys((*old, *new)):
        value = Value(key, old.get(key, UNSET), new.get(key, UNSET))
        if value.old != value.new:
            yield value


def flat(table: Mapping[str, Any], before: str = "") -> dict[str, Any]:
    """Returns JSON values by dotted keys.

    >>> flat({"filters": {"quality": {"min_words": 50}}, "seed": 0})
    {'filters.quality.min_words': 50, 'seed': 0}
    """
    found: dict[str, Any] = {}
    for key, value in table.items():
        inside = isinstance(value, Mapping) and value
        found |= flat(value, f"{before}{key}.") if inside else {before + key: value}
    return found


def plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """Returns values as JSON gives them back: lists for tuples."""
    found: dict[str, Any] = json.loads(json.dumps(values))
    return found


def told(changed: Iterable[Value], most: int = 3) -> str:
    """Returns the first of the values that differ, as ``key old -> new``.

    >>> told([Value("seed", None, 1), Value("mixture.web", UNSET, 0.5)])
    'seed off -> 1, mixture.web not set -> 0.5'
    """
    words = [f"{value.key} {_shown(value.old)} -> {_shown(value.new)}" for value in changed]
    more = [f"{len(words) - most:,} more"] if len(words) > most else []
    return ", ".join([*words[:most], *more])


def _shown(value: Any) -> str:
    text = "off" if value is None else value if isinstance(value, str) else json.dumps(value)
    return text if len(text) <= _MOST else f"{text[: _MOST - 1]}…"
