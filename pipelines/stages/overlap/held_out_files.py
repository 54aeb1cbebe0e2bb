"""The held-out sets of a recipe: their files, listed and checked before anything runs."""

import dataclasses
from typing import NamedTuple, cast

from massivetext.config.comparison_rules import HeldOutSet, Overlap, TestSetForm
from massivetext.config.recipe import Recipe
from massivetext.decontaminate.held_out import SUITE
from massivetext.decontaminate.tasks import TASKS, Task
from massivetext.errors import ConfigError
from massivetext.storage.files import list_files
from massivetext.storage.paths import FileInfo


class _Named(NamedTuple):
    key: str
    files: list[FileInfo]


def with_suite(recipe: Recipe) -> tuple[HeldOutSet, ...]:
    """Returns the recipe's sets, and one for each task of the suite whose data are there.

    Raises:
      ConfigError: the suite's folder has no file of a task.
    """
    rules = recipe.overlap
    if not rules.suite:
        return rules.sets
    folder = rules.suite.rstrip("/")
    there = {
        info.path.rsplit("/", 1)[-1] for info in list_files(recipe.resolve(f"{folder}/*.jsonl"))
    }
    tasks = [task for task in TASKS if f"{task.name}.jsonl" in there]
    if not tasks:
        raise ConfigError(
            f"overlap.suite: {recipe.resolve(folder)!r} has no data of any task; expected files"
            f" such as {TASKS[0].name}.jsonl"
        )
    return (*rules.sets, *(_set_of(task, folder) for task in tasks))


def _set_of(task: Task, folder: str) -> HeldOutSet:
    form = cast("TestSetForm", SUITE + task.format)
    return HeldOutSet(task.name, f"{folder}/{task.name}.jsonl", form)


def overlap_files(recipe: Recipe) -> list[FileInfo]:
    """Returns the files of all held-out sets and title lists.

    Raises:
      ConfigError: one of them matches no file.
    """
    return [info for named in _sets(recipe) + _titles(recipe) for info in named.files]


def resolved_overlap(recipe: Recipe) -> Overlap:
    """Returns the recipe's overlap rules with one entry for each file, by its full path."""
    rules = recipe.overlap
    pairs = zip(with_suite(recipe), _sets(recipe), strict=True)
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
    return [_match(recipe, f"overlap.sets.{s.name}", s.path) for s in with_suite(recipe)]


def _titles(recipe: Recipe) -> list[_Named]:
    return [_match(recipe, "overlap.titles", path) for path in recipe.overlap.titles]


def _match(recipe: Recipe, key: str, pattern: str) -> _Named:
    files = list_files(recipe.resolve(pattern))
    if not files:
        raise ConfigError(f"{key}: no file matches {recipe.resolve(pattern)!r}")
    return _Named(key, files)
