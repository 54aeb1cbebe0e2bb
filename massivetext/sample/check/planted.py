"""The truth of the sample and the outcome of a build, side by side."""

import json
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

from massivetext.errors import ConfigError
from massivetext.sample.check.build import Kept, Pointer, Removal, read_build

Failures = Iterator[str]
Entry = dict[str, Any]  # of truth.json's planted documents


def _read_truth(path: Path) -> Any:
    try:
        document = json.loads(path.read_bytes())
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"{path}: not JSON, so no truth of a sample") from error
    if not isinstance(document, dict) or not {"files", "planted"} <= document.keys():
        raise ConfigError(f"{path}: not the truth of a sample, which `massivetext sample` writes")
    return document


class Sample:
    """The truth, and what the build made of it."""

    def __init__(self, output: Path, truth: Path) -> None:
        document = _read_truth(truth)
        self.outcome = read_build(output)
        self.files: list[Entry] = document["files"]
        self.planted: list[Entry] = document["planted"]
        self.items = _held_out(truth.parent / "tests" / "heldout.jsonl")

    @cached_property
    def pointers(self) -> dict[str, Pointer]:
        """Where each document that passed stage 1 is, by id, and by source and URL."""
        kept = self.outcome.kept
        by_url = {f"{d.source} {d.url}": pointer for pointer, d in kept.items() if d.url}
        return by_url | {document.id: pointer for pointer, document in kept.items()}

    def of_outcome(self, outcome: str) -> list[Entry]:
        """Returns the planted documents that must meet an end."""
        return [entry for entry in self.planted if entry["outcome"] == outcome]

    def groups(self, outcome: str) -> list[list[Entry]]:
        """Returns the planted documents of an outcome that belong together."""
        groups: dict[str, list[Entry]] = {}
        for entry in self.planted:
            if entry["outcome"] == outcome and entry["group"]:
                groups.setdefault(entry["group"], []).append(entry)
        return list(groups.values())

    def pointer(self, entry: Entry) -> Pointer | None:
        """Returns where a planted document is, None if it did not pass stage 1."""
        return self.pointers.get(entry["id"] or f"{entry['source']} {entry['url']}")

    def document(self, entry: Entry) -> Kept:
        """Returns a planted document that passed stage 1."""
        return self.outcome.kept[self.pointers[entry["id"]]]

    def removals(self, reason: str) -> Iterator[tuple[Kept, Removal]]:
        """Yields the documents that stage 2 or 3 removed for a reason, planted or not."""
        for pointer, removals in self.outcome.removed.items():
            for removal in removals:
                if removal.reason == reason:
                    yield self.outcome.kept[pointer], removal

    def reasons(self, entry: Entry) -> tuple[str, ...] | None:
        """Returns why a planted document is gone: () if it stayed, None if it is nowhere."""
        pointer = self.pointer(entry)
        if pointer is None:
            return self.outcome.dropped.get(entry["id"])
        return tuple(removal.reason for removal in self.outcome.removed.get(pointer, ()))


def name_of(entry: Entry) -> str:
    """Returns what a line on a planted document calls it."""
    return f"{entry['group'] or entry['kind']} ({entry['source']}/{entry['path']} {entry['url']})"


def _held_out(path: Path) -> dict[str, str]:
    lines = map(json.loads, path.read_bytes().splitlines())
    return {line["id"]: line["text"] for line in lines}
