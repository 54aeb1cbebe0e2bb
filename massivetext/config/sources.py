"""Sources: their names, files and keys, and the rules that a source may change for itself.

A source that is not one of the paper's six says which of them it is like: that one's rules, stages
and formats hold for it, but for what its own table `rules` says.
"""

import dataclasses
import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from massivetext.config.dataclass_toml import build
from massivetext.errors import ConfigError
from massivetext.paper import SOURCES

T = TypeVar("T")

Format = Literal[
    "auto", "warc", "jsonl", "parquet", "text", "epub", "wiki-xml", "github-jsonl",
    "github-parquet", "tfds",
]  # fmt: skip
Holds = Literal["like", "on", "off"]  # like: as for the source that it is like
Changes = dict[
    str, bool | int | float | str | tuple[str, ...] | None
]  # keys of the rules' table under `filters`

MAX_SOURCES = 200  # a shard's record names its source in one byte
_NAME = re.compile(r"[a-z][a-z0-9_]{0,31}")
_RESERVED = ("all", "mixed")  # the trainer's names for sources together
# Keys of rules that are one for all sources.
_OF_ALL = ("host_min_pages", "host_max_rated", "domain_lists", "classifier", "sources")


@dataclass(frozen=True)
class SourceRules:
    """Where a source's rules differ: on, off, or a table of the keys that change."""

    language: Holds | Changes = "like"
    safety: Holds | Changes = "like"
    quality: Holds | Changes = "like"
    repetition: Holds | Changes = "like"
    opt_outs: Holds | Changes = "like"
    mask: Holds | Changes = "like"
    duplicates: Holds = "like"
    overlap: Holds = "like"
    own: tuple[str, ...] | Literal["like"] = "like"  # as `filters.own`
    transform: tuple[str, ...] | Literal["like"] = "like"  # as `filters.transform`


@dataclass(frozen=True)
class SourceFiles:
    """The input files of one source: paths or globs; relative ones are below the recipe's root."""

    files: tuple[str, ...]
    format: Format = "auto"  # auto: by the file's name
    like: str = ""  # one of the paper's six, whose rules hold; those themselves need none
    text_key: str = ""  # of rows; "" is the format's usual one
    id_key: str = ""
    url_key: str = ""
    keep: tuple[str, ...] = ()  # keys of rows that go along into the documents' files
    rules: SourceRules = SourceRules()


def ordered(names: Iterable[str]) -> list[str]:
    """Returns the sources of a corpus in their order: the paper's six, then others by name.

    The order is that of parts, reports and the numbers in shards. All six are in it, used or not,
    so that they keep their numbers when others come or go.

    >>> ordered(["web", "forum", "arxiv"])
    ['web', 'books', 'c4', 'news', 'github', 'wikipedia', 'arxiv', 'forum']
    """
    return [*SOURCES, *sorted(set(names) - set(SOURCES))]


def check_sources(sources: Mapping[str, SourceFiles]) -> None:
    """Checks names, what the sources are like, and their keys.

    Raises:
      ConfigError: a name is not allowed, a source is like none of the six, or a key has no use.
    """
    if len(sources) > MAX_SOURCES:
        raise ConfigError(f"sources: more than {MAX_SOURCES}; put some together")
    for name, named in sources.items():
        if not _NAME.fullmatch(name) or name in _RESERVED:
            raise ConfigError(
                f"sources: {name!r} is no name for a source; use a-z, 0-9 and _, at most 32, a"
                f" letter first, and not {' or '.join(_RESERVED)}"
            )
        _check_like(name, named)
        if not named.files:
            raise ConfigError(f"sources.{name}.files: names no file; leave the source out")


def _check_like(name: str, named: SourceFiles) -> None:
    if name in SOURCES and named.like:
        raise ConfigError(f"sources.{name}.like: {name} has rules of its own; leave `like` out")
    if name not in SOURCES and named.like not in SOURCES:
        close = difflib.get_close_matches(named.like, SOURCES, 1)
        known = f"not one of {', '.join(SOURCES)}" if named.like else "missing"
        hint = f"; did you mean {close[0]!r}?" if close else ""
        hint = hint or "; it says whose rules hold, one of " + ", ".join(SOURCES)
        said = f"{named.like!r} is " if named.like else ""
        raise ConfigError(f"sources.{name}.like: {said}{known}{hint}")


def like_of(name: str, named: SourceFiles | None) -> str:
    """Returns which of the six a source is, or is like."""
    return (named.like if named is not None else "") or name


def holding(
    sources: Mapping[str, SourceFiles], listed: tuple[str, ...], rules: str
) -> tuple[str, ...]:
    """Returns the sources that a filter or stage holds for.

    Args:
      sources: of the recipe.
      listed: those that it names.
      rules: the field of `SourceRules` by which a source may say otherwise.
    """
    found = list(listed)
    for name, named in sources.items():
        said = getattr(named.rules, rules)
        holds = said != "off" and (said != "like" or name in listed or named.like in listed)
        if holds and name not in found:
            found.append(name)
        if said == "off" and name in found:
            found.remove(name)
    return tuple(found)


def changed(rules: T, said: Holds | Changes, key: str) -> T:
    """Returns a dataclass of rules with the keys changed that a source changes for itself.

    Raises:
      ConfigError: a key is unknown, of the wrong type, or cannot differ between sources.
    """
    if isinstance(said, str):
        return rules
    for name in said:
        if name in _OF_ALL:
            raise ConfigError(f"{key}.{name}: is one for all sources; set it under filters")
    values: dict[str, Any] = dataclasses.asdict(rules) | said  # type: ignore[call-overload]
    table = {name: "off" if value is None else value for name, value in values.items()}
    return build(type(rules), table, key)
