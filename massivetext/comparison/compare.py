"""Two builds compared: recipes and inputs, funnels, and what became of each document."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from massivetext.comparison.fates import KEPT, Fates, hex_id, read_fates
from massivetext.config.differences import Value, differences, flat
from massivetext.finished.build import FILTERING, FinishedBuild

ABSENT = "absent"  # the fate of a document that the other build alone has read


class Count(NamedTuple):
    """A row of the funnel of a source: its documents in both builds."""

    source: str
    row: str  # a reason, "records", "unreadable" or "after" and a stage
    old: int
    new: int


class Change(NamedTuple):
    """Documents of a source whose fate changed, and some of them."""

    source: str
    old: str  # a reason, "kept" or "absent"
    new: str
    documents: int
    ids: tuple[str, ...]  # the first ones, ascending


class Difference(NamedTuple):
    """All in which two builds differ."""

    recipe: tuple[Value, ...]
    inputs: tuple[Value, ...]  # files by source and name; sizes in bytes
    funnel: tuple[Count, ...]  # all rows, equal ones too
    changes: tuple[Change, ...]
    same: int  # documents of one fate in both

    def as_json(self) -> dict[str, Any]:
        """Returns it as JSON values."""
        return {
            "recipe": [value.as_json() for value in self.recipe],
            "inputs": [value.as_json() for value in self.inputs],
            "funnel": [count._asdict() for count in self.funnel],
            "changes": [change._asdict() for change in self.changes],
            "documents_of_one_fate": self.same,
        }


def compare(old: FinishedBuild, new: FinishedBuild, first: int = 5) -> Difference:
    """Returns the differences of two builds, with the ids of the `first` documents of each change.

    Documents are the same by their ids, which come from source, file name and place in it. Memory:
    some 100 bytes a document.
    """
    changes, same = _changes(read_fates(old), read_fates(new), first)
    return Difference(
        tuple(differences(flat(old.manifest["recipe"]), flat(new.manifest["recipe"]))),
        tuple(differences(_inputs(old), _inputs(new))),
        tuple(_funnel(old, new)),
        changes,
        same,
    )


def _inputs(build: FinishedBuild) -> dict[str, int]:
    return {f"{f['source']} {f['name']}": f["size"] for f in build.manifest["inputs"]}


def _funnel(old: FinishedBuild, new: FinishedBuild) -> Iterator[Count]:
    for source in dict.fromkeys((*old.sources, *new.sources)):
        counts = [dict(_rows(build, source)) for build in (old, new)]
        for row in _in_order(list(counts[0]), list(counts[1])):
            yield Count(source, row, counts[0].get(row, 0), counts[1].get(row, 0))


def _in_order(old: list[str], new: list[str]) -> list[str]:
    """Returns the rows of both, those of one alone before what follows them there."""
    rows = list(old)
    for place, row in enumerate(new):
        if row not in rows:
            follows = (rows.index(name) for name in new[place + 1 :] if name in rows)
            rows.insert(next(follows, len(rows)), row)
    return rows


def _rows(build: FinishedBuild, source: str) -> Iterator[tuple[str, int]]:
    for stage in FILTERING:
        facts = build.facts(stage).get(source)
        if facts is None:
            return
        if stage == FILTERING[0]:
            yield "records", facts["records"]
        yield from ((reason, count) for reason, count in facts["dropped"].items() if count)
        if facts.get("errors"):
            yield "unreadable", facts["errors"]
        yield f"after {stage}", facts["kept"]


def _changes(old: Fates, new: Fates, first: int) -> tuple[tuple[Change, ...], int]:
    ids = np.union1d(old.ids, new.ids)
    before, after = _codes(old, ids), _codes(new, ids)
    pairs = before.astype(np.int64) * (len(new.names) + 1) + after
    same, changes = 0, []
    for pair in np.unique(pairs):
        code, other = divmod(int(pair), len(new.names) + 1)
        was = old.names[code] if code < len(old.names) else None
        now = new.names[other] if other < len(new.names) else None
        found = np.flatnonzero(pairs == pair)
        if was == now:
            same += len(found)
            continue
        source = (was or now or ("", ""))[0]
        some = tuple(hex_id(value) for value in ids[found[:first]].tolist())
        fates = (was[1] if was else ABSENT, now[1] if now else ABSENT)
        changes.append(Change(source, *fates, len(found), some))
    changes.sort(key=lambda c: (-c.documents, c.source, c.old, c.new))
    return tuple(changes), same


def _codes(fates: Fates, ids: NDArray[np.bytes_]) -> NDArray[np.uint16]:
    """Returns each id's code; one past the last name where the build has no such document."""
    codes = np.full(len(ids), len(fates.names), np.uint16)
    codes[np.searchsorted(ids, fates.ids)] = fates.codes
    return codes


def net_kept(changes: tuple[Change, ...]) -> tuple[int, int]:
    """Returns how many documents are kept only in the new build, and only in the old one."""
    gained = sum(change.documents for change in changes if change.new == KEPT)
    return gained, sum(change.documents for change in changes if change.old == KEPT)
