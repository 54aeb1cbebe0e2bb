"""What stage 1 has to know of each source: which reader, which keys, which filters."""

from typing import Any, NamedTuple

import orjson

from massivetext.config.recipe import Filters, Recipe, filters_of, values
from massivetext.config.sources import like_of
from massivetext.document import Broken, Dropped, Record
from massivetext.pipelines.folder.models import ModelPaths
from massivetext.readers.rows.keys import fields_of
from massivetext.readers.rows.rows import Fields

_SHOWN = 16  # digits of a file's digest: `--explain` shows them


class SourceWork(NamedTuple):
    """How the files of one source are read and judged."""

    name: str
    like: str  # one of the paper's six
    filters: Filters
    fields: Fields | None = None  # the keys of its rows, where the recipe names some


def source_works(recipe: Recipe) -> dict[str, SourceWork]:
    """Returns the work on each source of a recipe."""
    works = {}
    for name, named in recipe.sources.items():
        like = like_of(name, named)
        works[name] = SourceWork(name, like, filters_of(recipe, name), fields_of(named, like))
    return works


def source_values(recipe: Recipe, name: str) -> dict[str, Any]:
    """Returns what of a source goes into the stage's key besides its files and own functions."""
    found = values(recipe.sources[name])
    rules = {k: v for k, v in found["rules"].items() if k not in ("own", "transform")}
    return {k: v for k, v in found.items() if k != "files"} | {"rules": rules}


def own_values(recipe: Recipe, models: ModelPaths) -> dict[str, Any]:
    """Returns, for each source, its own functions as they go into the stage's key.

    By name and digest of the file, so that a folder may move.
    """
    codes = {code.entry: f"{code.function} {code.sha256[:_SHOWN]}" for code in models.own}
    found: dict[str, Any] = {}
    for name in recipe.sources:
        filters = filters_of(recipe, name)
        asked = {"transform": filters.transform, "own": filters.own}
        named = {key: [codes[entry] for entry in entries] for key, entries in asked.items()}
        found |= {name: {key: known for key, known in named.items() if known}}
    return {name: named for name, named in found.items() if named}


class Unseen:
    """Which of the keys to keep no row has shown yet: one of them may be a slip of the pen."""

    def __init__(self, keep: tuple[str, ...]) -> None:
        self._keep, self._unseen = keep, set(keep)

    def look_at(self, record: Record) -> None:
        """Notes the keys of one row; costs nothing when all have been seen."""
        if self._unseen and not isinstance(record, Broken):
            document = record.document if isinstance(record, Dropped) else record
            self._unseen -= set(orjson.loads(document.extra or "{}"))

    def summary(self) -> dict[str, dict[str, int]]:
        """Returns, for a summary, 1 for each key that was seen in the part, else 0."""
        seen = {key: int(key not in self._unseen) for key in self._keep}
        return {"keys_seen": seen} if seen else {}
