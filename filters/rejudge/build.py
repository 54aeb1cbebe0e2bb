"""Rejudging a finished build: which thresholds may move, and the changes of each source."""

from collections import Counter
from collections.abc import Iterator
from typing import Any, NamedTuple

from massivetext.config.dataclass_toml import build as from_values
from massivetext.config.dataclass_toml import override
from massivetext.config.differences import differences, flat, plain, told
from massivetext.config.recipe import Recipe, check, filters_of, values, with_off
from massivetext.errors import ConfigError
from massivetext.filters.rejudge.judge import (
    Fates,
    rejudge_dropped,
    rejudge_kept,
    used_columns,
)
from massivetext.filters.rules.bounds import Bound, source_bounds
from massivetext.finished.build import FinishedBuild
from massivetext.shards.parquet_files import read_table
from massivetext.storage.files import open_file

MOVABLE = ("filters.quality.", "filters.repetition.", "filters.duplicates")


class Rejudged(NamedTuple):
    """What other thresholds would do to the documents of one source."""

    source: str
    kept: int  # before
    changes: Counter[tuple[str, str]]  # by old and new fate

    @property
    def kept_then(self) -> int:
        """How many would be kept."""
        moved = ((new == "kept") - (old == "kept") for old, new in self.changes.elements())
        return self.kept + sum(moved)


def changed_recipe(build: FinishedBuild, assignments: tuple[str, ...]) -> Recipe:
    """Returns the build's recipe with other thresholds.

    Raises:
      ConfigError: a key is wrong, or what it changes cannot be told from measures.
    """
    before = build.recipe
    table: dict[str, Any] = with_off(plain(values(before)))
    for assignment in assignments:
        override(table, assignment)
    recipe = from_values(Recipe, table)
    check(recipe)
    changed = list(differences(flat(plain(values(before))), flat(plain(values(recipe)))))
    fixed = [value for value in changed if not _is_movable(value.key)]
    if fixed:
        raise ConfigError(
            f"{told(fixed)}: stored measures do not tell what that changes; set keys of"
            " filters.quality and filters.repetition here, and build for others"
        )
    return recipe


def _is_movable(key: str) -> bool:
    inside = key.partition(".rules.")[2] if key.startswith("sources.") else ""
    return key.startswith(MOVABLE) or inside.startswith(("quality", "repetition"))


def rejudge(build: FinishedBuild, recipe: Recipe) -> Iterator[Rejudged]:
    """Yields what a recipe's thresholds would do, source by source; nothing is written."""
    kept = {name: facts["kept"] for name, facts in build.facts("documents").items()}
    for source in build.sources:
        bounds = source_bounds(source, filters_of(recipe, source))
        changes: Counter[tuple[str, str]] = Counter()
        for part in build.parts:
            if part.source == source:
                for fates in _of_part(build, part.stem, bounds):
                    changes += fates.changes()
        yield Rejudged(source, kept[source], changes)


def _of_part(build: FinishedBuild, stem: str, bounds: tuple[Bound, ...]) -> Iterator[Fates]:
    columns = used_columns(bounds)
    with open_file(build.path("documents", f"{stem}.parquet")) as file:
        yield rejudge_kept(read_table(file, columns), bounds)
    with open_file(build.path("documents", f"dropped-{stem}.parquet")) as file:
        yield rejudge_dropped(read_table(file, ["reasons", *columns]), bounds)
