"""The held-out sets of a recipe: their files, listed and checked before anything runs."""

import dataclasses
from typing import NamedTuple

from massivetext.config.recipe import Overlap, Recipe
from massivetext.errors import ConfigError
from massivetext.storage.files import list_files
from massivetext.storage.paths import FileInfo


class _Named(NamedTuple):
    key: str
    files: list[FileInfo]


def overlap_files(recipe: Recipe) -> list[FileInfo]:
    """Returns the files of all held-out sets and title lists.

    Raises:
      ConfigError: one of them matches no file.
    """
    return [info for named in _sets(recipe) + _titles(recipe) for info in named.files]


def resolved_overlap(recipe: Recipe) -> Overlap:
    """Returns the recipe's overlap rules with one entry for each file, by its full path."""
    rules = recipe.overlap
    pairs = zip(rules.sets, _sets(recipe), strict=True)
    return dataclasses.replace(
        rules,
        sets=tuple(
            dataclasses.replace(held_out, path=info.path)
            for held_out, named in pairs
            for info in named.files
        ),
        titles=tuple(info.path for named in _titles(recipe) for info in named.files),
    )


def _sets(recipe: Recipe) -> list[_Named]:
    return [_match(recipe, f"overlap.sets.{s.name}", s.path) for s in recipe.overlap.sets]


def _titles(recipe: Recipe) -> list[_Named]:
    return [_match(recipe, "overlap.titles", path) for path in recipe.overlap.titles]


def _match(recipe: Recipe, key: str, pattern: str) -> _Named:
    files = list_files(recipe.resolve(pattern))
    if not files:
        raise ConfigError(f"{key}: no file matches {recipe.resolve(pattern)!r}")
    return _Named(key, files)
