"""A build's recipe with other thresholds: which keys may move."""

import dataclasses
import re
from typing import Any

from massivetext.config.dataclass_toml import build as from_values
from massivetext.config.dataclass_toml import override
from massivetext.config.differences import differences, flat, plain, told
from massivetext.config.recipe import Filters, Recipe, check, filters_of, values, with_off
from massivetext.config.sources import SourceRules, holding
from massivetext.errors import ConfigError
from massivetext.filters.rejudge.thresholds import without_thresholds

_MOVABLE = re.compile(
    r"filters\.(?:(?:quality|repetition)(?:\..*|_sources)|duplicates"
    r"|language\.(?:min|unsure)_probability)"
    r"|sources\.\w+\.rules\.(?:quality|repetition|language)(?:\..*)?"
)
_ADVICE = (
    "stored measures do not tell what that changes; set keys of filters.quality and"
    " filters.repetition, or the probabilities of filters.language, and build for others"
)


def changed_recipe(before: Recipe, assignments: tuple[str, ...]) -> Recipe:
    """Returns the recipe of a build with other thresholds.

    Raises:
      ConfigError: a key is wrong, or what it changes cannot be told from measures.
    """
    table: dict[str, Any] = with_off(plain(values(before)))
    for source in table["sources"].values():  # as in a recipe's file, that tables may be set
        source["rules"] = {k: said for k, said in source["rules"].items() if said != "like"}
    for assignment in assignments:
        override(table, assignment)
    recipe = _follow(before, from_values(Recipe, table))
    check(recipe)
    changed = list(differences(flat(plain(values(before))), flat(plain(values(recipe)))))
    fixed = [value for value in changed if not _MOVABLE.fullmatch(value.key)]
    if fixed:
        raise ConfigError(f"{told(fixed)}: {_ADVICE}")
    for source in recipe.sources:
        filters = [filters_of(found, source) for found in (before, recipe)]
        old, new = (without_thresholds(found) for found in filters)
        if old != new:
            raise ConfigError(f"sources.{source}.rules: {_ADVICE}")
    return recipe


def _follow(before: Recipe, recipe: Recipe) -> Recipe:
    """Returns a recipe whose lists of sources follow the rules that sources change.

    The lists of a build hold already which sources are like one of them; a new list does not.
    """
    filters, lists = recipe.filters, {}
    for kind, listed in _lists(filters).items():
        if listed != _lists(before.filters)[kind]:
            lists[kind] = holding(recipe.sources, listed, kind)
            continue
        for source, named in recipe.sources.items():
            old = before.sources[source].rules if source in before.sources else SourceRules()
            said = getattr(named.rules, kind)
            if said != getattr(old, kind):
                listed = _with(listed, source, said, f"sources.{source}.rules.{kind}")
        lists[kind] = listed
    language = dataclasses.replace(filters.language, sources=lists["language"])
    filters = dataclasses.replace(
        filters,
        quality_sources=lists["quality"],
        repetition_sources=lists["repetition"],
        language=language,
    )
    return dataclasses.replace(recipe, filters=filters)


def _lists(filters: Filters) -> dict[str, tuple[str, ...]]:
    """Returns the sources that rules hold for, by their fields of `SourceRules`."""
    return {
        "quality": filters.quality_sources,
        "repetition": filters.repetition_sources,
        "language": filters.language.sources,
    }


def _with(listed: tuple[str, ...], source: str, said: Any, key: str) -> tuple[str, ...]:
    if said == "like":
        raise ConfigError(f'{key}: a build does not tell what "like" means there; say on or off')
    if said == "off":
        return tuple(name for name in listed if name != source)
    return listed if source in listed else (*listed, source)
