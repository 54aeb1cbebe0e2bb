"""The held-out sets as a table of shingles: written once by the driver, mapped by every worker."""

import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Any, NamedTuple

import numpy as np

from massivetext.config.recipe import HeldOutSet, Overlap
from massivetext.decontaminate.held_out import Item, read_test_set, title_key
from massivetext.decontaminate.overlap import Table, build_table
from massivetext.dedup.signature import shingle_hashes
from massivetext.errors import ConfigError
from massivetext.pipelines.folder.stage import Stage
from massivetext.storage.files import open_file, read_bytes, write_file
from massivetext.storage.json_files import read_json, write_json
from massivetext.storage.paths import is_local

ITEMS = "table-items.json"
ARRAYS = {name: f"table-{name}.npy" for name in Table._fields}


class HeldOut(NamedTuple):
    """The held-out sets as workers see them."""

    table: Table
    names: list[tuple[str, str]]  # set and id of each item
    titles: dict[str, tuple[str, str]]  # file or set, and title, by `title_key`


def write_held_out(stage: Stage, rules: Overlap) -> dict[str, dict[str, int]]:
    """Writes the table of all held-out sets for the workers; returns items and shingles by set.

    Raises:
      ConfigError: a set is missing or not in its form.
    """
    names, shingles = list[tuple[str, str]](), list[Any]()
    titles = dict(_listed_titles(rules))
    facts: dict[str, dict[str, int]] = {}
    for name, item in _all_items(rules.sets):
        shingles.append(shingle_hashes(item.text))
        names.append((name, item.id))
        fact = facts.setdefault(name, {"items": 0, "shingles": 0})
        fact["items"] += 1
        fact["shingles"] += len(shingles[-1])
        if item.unknown:
            fact["unknown_titles"] = fact.get("unknown_titles", 0) + 1
        if item.article:
            titles.setdefault(title_key(item.article), (name, item.article))
    _warn_of_titles(facts)
    _write_table(stage, build_table(shingles))
    write_json(stage.path(ITEMS), {"names": names, "titles": titles})
    return facts


def _warn_of_titles(facts: dict[str, dict[str, int]]) -> None:
    for name, fact in facts.items():
        if unknown := fact.get("unknown_titles"):
            sys.stderr.write(
                f"overlap.sets.{name}: {unknown} of {fact['items']} titles hold <unk>, so these"
                " articles stay in Wikipedia; name the raw files (wiki.*.raw)\n"
            )


def _all_items(sets: Iterable[HeldOutSet]) -> Iterator[tuple[str, Item]]:
    for name, path, form in ((s.name, s.path, s.format) for s in sets):
        try:
            with open_file(path) as file:
                yield from ((name, item) for item in read_test_set(file, form))
        except (OSError, ConfigError) as error:
            raise ConfigError(f"overlap.sets: {name}: {path}: {error}") from error


def _listed_titles(rules: Overlap) -> Iterator[tuple[str, tuple[str, str]]]:
    for path in rules.titles:
        try:
            lines = read_bytes(path).decode().splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(f"overlap.titles: {path}: {error}") from error
        for title in filter(None, map(str.strip, lines)):
            yield title_key(title), (path.rsplit("/", 1)[-1], title)


def _write_table(stage: Stage, table: Table) -> None:
    for name, array in table._asdict().items():

        def fill(file: IO[bytes], array: Any = array) -> None:
            np.save(file, array, allow_pickle=False)

        write_file(stage.path(ARRAYS[name]), fill)


def load_held_out(stage: Stage) -> HeldOut:
    """Returns the held-out sets; the table is mapped, so local workers share its memory."""
    value = read_json(stage.path(ITEMS)) or {"names": [], "titles": {}}
    arrays = (_map(stage.path(name)) for name in ARRAYS.values())
    titles = {key: (name, title) for key, (name, title) in value["titles"].items()}
    return HeldOut(Table(*arrays), [(name, item) for name, item in value["names"]], titles)


def _map(path: str) -> Any:
    if is_local(path):
        return np.load(path, mmap_mode="r", allow_pickle=False)
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "table.npy"
        copy.write_bytes(read_bytes(path))
        return np.load(copy, mmap_mode="r", allow_pickle=False)  # stays mapped when unlinked
