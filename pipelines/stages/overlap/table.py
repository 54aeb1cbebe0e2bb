"""The held-out sets as tables: written once by the driver, mapped by every worker."""

import sys
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from massivetext.config.comparison_rules import Overlap
from massivetext.decontaminate.held_out import Item, read_test_set, title_key
from massivetext.decontaminate.index import ANY, FIRST, Index, SetRules, build_index
from massivetext.decontaminate.overlap import Table
from massivetext.dedup.signature import Punctuation
from massivetext.errors import ConfigError
from massivetext.pipelines.folder.stage import Stage
from massivetext.pipelines.folder.sums import Written
from massivetext.pipelines.stages.mapped import map_array
from massivetext.storage.files import open_file, read_bytes
from massivetext.storage.json_files import require_json, write_summed_json

ITEMS = "table-items.json"
FACTS = "table-facts.json"
LOST = "table-not_findable.json"  # by set, the items that no page could be found to hold


class HeldOut(NamedTuple):
    """The held-out sets as workers see them."""

    lookup: Index
    titles: dict[str, tuple[str, str]]  # file or set, and title, by `title_key`

    @property
    def is_empty(self) -> bool:
        """Returns whether nothing is held out."""
        return not self.lookup.names and not self.titles


def write_held_out(
    stage: Stage, rules: Overlap, punctuation: Punctuation = "space"
) -> dict[str, dict[str, Any]]:
    """Writes the tables of all held-out sets for the workers; returns facts by set.

    Raises:
      ConfigError: a set is missing or not in its form.
    """
    titles = dict(_listed_titles(rules))
    sets = _set_rules(rules)
    numbers = {held.name: number for number, held in enumerate(sets)}
    index, facts = build_index(sets, _all_items(rules, numbers, titles), punctuation)
    _write_index(stage, index, titles)
    found = {
        held.name: fact._asdict() | {"not_findable": len(fact.not_findable)}
        for held, fact in zip(sets, facts, strict=True)
    }
    _warn_of_titles(found)
    write_summed_json(stage.path(FACTS), found)
    lost = {h.name: f.not_findable for h, f in zip(sets, facts, strict=True) if f.not_findable}
    write_summed_json(stage.path(LOST), lost)
    return found


def _warn_of_titles(facts: dict[str, dict[str, Any]]) -> None:
    for name, fact in facts.items():
        if unknown := fact["unknown_titles"]:
            sys.stderr.write(
                f"overlap.sets.{name}: {unknown} of {fact['items']} titles hold <unk>, so these"
                " articles stay in Wikipedia; name the raw files (wiki.*.raw)\n"
            )


def _set_rules(rules: Overlap) -> list[SetRules]:
    """Returns the rules by the sets' names; several files may have one."""
    named = {
        held.name: SetRules(held.name, held.rule or rules.rule, held.n or FIRST, held.n or ANY)
        for held in rules.sets
    }
    return list(named.values())


def _all_items(
    rules: Overlap, numbers: dict[str, int], titles: dict[str, tuple[str, str]]
) -> Iterator[tuple[int, Item]]:
    for held in rules.sets:
        try:
            with open_file(held.path) as file:
                for item in read_test_set(file, held.format):
                    if item.article:
                        titles.setdefault(title_key(item.article), (held.name, item.article))
                    yield numbers[held.name], item
        except (OSError, ConfigError) as error:
            raise ConfigError(f"overlap.sets: {held.name}: {held.path}: {error}") from error


def _listed_titles(rules: Overlap) -> Iterator[tuple[str, tuple[str, str]]]:
    for path in rules.titles:
        try:
            lines = read_bytes(path).decode().splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(f"overlap.titles: {path}: {error}") from error
        for title in filter(None, map(str.strip, lines)):
            yield title_key(title), (path.rsplit("/", 1)[-1], title)


def _arrays(index: Index) -> dict[str, Any]:
    tables = {"paper": index.paper, "phrases": index.phrases}
    tables |= {f"n{n}": table for n, table in index.forms.items()}
    arrays: dict[str, Any] = {
        f"{name}_{field}": array
        for name, table in tables.items()
        for field, array in table._asdict().items()
    }
    named = ("form_items", "phrase_items", "units")
    return arrays | {name: getattr(index, name) for name in named}


def _write_index(stage: Stage, index: Index, titles: dict[str, tuple[str, str]]) -> None:
    written = Written()
    for name, array in _arrays(index).items():
        write_array(written, stage.path(f"table-{name}.npy"), array)
    value = {"sets": index.sets, "names": index.names, "titles": titles}
    value |= {"widths": sorted(index.forms), "phrases": index.phrase_words}
    written.write_summary(stage.path(ITEMS), value | {"punctuation": index.punctuation})


def write_array(written: Written, path: str, array: Any) -> None:
    """Writes an array as ``.npy``."""
    with written.new_file(path) as file:
        np.save(file, array, allow_pickle=False)


def load_held_out(stage: Stage) -> HeldOut:
    """Returns the held-out sets; the tables are mapped, so local workers share their memory.

    Raises:
      StageError: the tables are not there.
      DamagedFile: a table is not what was written.
    """
    value = require_json(stage.path(ITEMS))
    index = Index(
        [SetRules(*held) for held in value["sets"]],
        [(number, item) for number, item in value["names"]],
        _table(stage, "paper"),
        {n: _table(stage, f"n{n}") for n in value["widths"]},
        _map(stage, "form_items"),
        _table(stage, "phrases"),
        _map(stage, "phrase_items"),
        value["phrases"],
        _map(stage, "units"),
        value["punctuation"],
    )
    titles = {key: (name, title) for key, (name, title) in value["titles"].items()}
    return HeldOut(index, titles)


def _table(stage: Stage, name: str) -> Table:
    return Table(*(_map(stage, f"{name}_{field}") for field in Table._fields))


def _map(stage: Stage, name: str) -> Any:
    return map_array(stage.path(f"table-{name}.npy"), stage.path(ITEMS))
