"""Rejudging a finished build, part by part: what changes in each source. Nothing is written."""

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from massivetext.config.recipe import Recipe, filters_of
from massivetext.filters.rejudge.judge import KEPT, Fates, rejudge, used_columns
from massivetext.filters.rejudge.thresholds import Thresholds, thresholds_of
from massivetext.finished.build import FinishedBuild
from massivetext.shards.parquet_files import read_table
from massivetext.storage.files import open_file


class Rejudged(NamedTuple):
    """What other thresholds would do to the documents of a part, or of a source."""

    source: str
    kept: int  # before
    changes: Counter[tuple[str, str]]  # by old and new fate
    missing: Counter[str]  # what is stored too little of to tell or to keep, by cause
    stem: str = ""  # of the part

    @property
    def kept_then(self) -> int:
        """How many would be kept, where all of them can be."""
        moved = ((new == KEPT) - (old == KEPT) for old, new in self.changes.elements())
        return self.kept + sum(moved)

    @property
    def is_tighter(self) -> bool:
        """Whether no document comes back, and of each it is known what becomes of it."""
        return not self.missing and not any(new == KEPT for _, new in self.changes)

    def tightened(self) -> "Rejudged":
        """Returns what comes of it where all that was dropped stays as it was."""
        lost = {fates: n for fates, n in self.changes.items() if fates[0] == KEPT}
        return self._replace(changes=Counter(lost))


def rejudge_parts(build: FinishedBuild, recipe: Recipe) -> Iterator[Rejudged]:
    """Yields what a recipe's thresholds would do, part by part."""
    before = build.recipe
    moved = {
        source: thresholds_of(source, filters_of(before, source), filters_of(recipe, source))
        for source in build.sources
    }
    for part in build.parts:
        kept, changes, missing = 0, Counter[tuple[str, str]](), Counter[str]()
        for fates in _of_part(build, part.stem, moved[part.source]):
            kept += int((fates.old == KEPT).sum())
            changes += fates.changes()
            missing += fates.causes()
        yield Rejudged(part.source, kept, changes, missing, part.stem)


def by_source(build: FinishedBuild, parts: list[Rejudged]) -> list[Rejudged]:
    """Returns the sums of parts, source by source."""
    found = {s: Rejudged(s, 0, Counter(), Counter()) for s in build.sources}
    for part in parts:
        so_far = found[part.source]
        found[part.source] = so_far._replace(
            kept=so_far.kept + part.kept,
            changes=so_far.changes + part.changes,
            missing=so_far.missing + part.missing,
        )
    return list(found.values())


def _of_part(build: FinishedBuild, stem: str, thresholds: Thresholds) -> Iterator[Fates]:
    columns = used_columns(thresholds)
    with open_file(build.path("documents", f"{stem}.parquet")) as file:
        yield rejudge(read_table(file, columns), thresholds)
    with open_file(build.path("documents", f"dropped-{stem}.parquet")) as file:
        yield rejudge(read_table(file, ["reasons", "text_bytes", *columns]), thresholds)
