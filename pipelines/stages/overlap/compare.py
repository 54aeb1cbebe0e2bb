"""Stage 3, second half: which surviving documents are, or hold, held-out items.

What is shared was found before, and how many documents share it; text is not read again.
"""

from collections import Counter
from operator import itemgetter
from typing import Any, NamedTuple

import pyarrow as pa

from massivetext.corpus.parts import Part
from massivetext.decontaminate.detect import HALF, RULES, Guard, Hit, Verdict, judge_found
from massivetext.decontaminate.overlap import Match
from massivetext.finished.taken_out import REASON, read_taken_out
from massivetext.mixture.quotas import to_fraction
from massivetext.pipelines.engine.run_parts import summary_of
from massivetext.pipelines.flow import flow
from massivetext.pipelines.folder.sums import Written
from massivetext.pipelines.stages.overlap.common import load_guard
from massivetext.pipelines.stages.overlap.match import read_matches
from massivetext.pipelines.stages.overlap.table import HeldOut, load_held_out
from massivetext.pipelines.stages.overlap.work import OverlapWork, count_rows
from massivetext.pipelines.stages.survivors import (
    ROWS,
    count_survivors,
    digest_of_rows,
    dropped_rows,
)
from massivetext.reasons import Reason
from massivetext.shards.parquet_files import write_parquet

SCHEMA = pa.schema(
    [
        ("row", pa.uint32()),
        ("kind", pa.string()),
        ("set", pa.string()),
        ("item", pa.string()),
        ("jaccard", pa.float64()),  # of the paper's rule
        ("containment", pa.float64()),  # of the rule's n-grams, of the item or a form of it
        ("rules", pa.list_(pa.string())),  # that would drop the document
    ]
)


class Known(NamedTuple):
    """What a worker knows of all sets and of all documents."""

    held_out: HeldOut
    guard: Guard


def load_known(work: OverlapWork) -> Known:
    """Returns what the first half of the stage left."""
    held_out = load_held_out(work.matches)
    return Known(held_out, load_guard(work, held_out.lookup))


def add_overlap(parts: flow.Elements, work: OverlapWork) -> None:
    """Adds the second half to the pipeline of a collection of parts."""
    _ = parts | "write overlap" >> flow.do(_WriteOverlap(work))


class _WriteOverlap:
    def __init__(self, work: OverlapWork) -> None:
        self._work = work
        reasons = (Reason.OVERLAP, Reason.TEST_TITLE)
        self._dropped = {str(reason): flow.Counter("dropped", str(reason)) for reason in reasons}

    def setup(self) -> None:
        self._known = load_known(self._work)

    def process(self, part: Part) -> None:
        summary = write_overlap(part, self._work, self._known)
        for reason, counter in self._dropped.items():  # those taken out are none of this run's
            counter.inc(summary["dropped"].get(reason, 0))


Listed = list[dict[str, Any]]


def write_overlap(part: Part, work: OverlapWork, known: Known) -> dict[str, Any]:
    """Writes the two lists and the summary of one part; returns the summary.

    ``part-….parquet`` lists dropped documents; ``contained-part-….parquet`` those that
    stay although they hold half of an item, or another rule would drop them.
    """
    return write_lists(part, work, *_compare(part, work, known))


def write_lists(
    part: Part, work: OverlapWork, dropped: Listed, contained: Listed
) -> dict[str, Any]:
    """Writes the lists of one part, given by row, and its summary; returns the summary.

    Survivors of stage 2 that were taken out of the build are among the dropped ones.
    """
    stage, taken = work.stage, read_taken_out(work.output, part.stem)
    gone = dropped_rows(work.output, part.stem, ("duplicates",))
    records = count_rows(work.documents(part.stem)) - len(gone)
    out = taken.rows - gone - {row["row"] for row in dropped}
    nothing = dict.fromkeys(SCHEMA.names) | {"kind": REASON, "rules": []}
    dropped = sorted([*dropped, *(nothing | {"row": row} for row in out)], key=itemgetter("row"))
    contained = [row for row in contained if row["row"] not in taken.rows]
    written = Written()
    _write_list(written, stage.path(f"{part.stem}.parquet"), dropped)
    _write_list(written, stage.path(f"contained-{part.stem}.parquet"), contained)
    summary = summary_of(stage, part)
    summary[ROWS] = digest_of_rows(row["row"] for row in dropped)
    summary |= {"records": records, "kept": records - len(dropped)}
    summary["dropped"] = _counts(dropped, "kind")
    of_sets = [row for row in dropped if row["set"] is not None]
    summary |= {"contained": len(contained), "sets": _counts(of_sets, "set")}
    rules = Counter(rule for row in dropped + contained for rule in row["rules"])
    summary["rules"] = {rule: rules[rule] for rule in RULES}
    gone.update(row["row"] for row in dropped)
    summary |= count_survivors(work.output, part.stem, gone, work.split)
    summary |= {REASON: dict(taken.counts)} if taken.counts else {}
    written.write_summary(stage.path(f"{part.stem}.json"), summary)
    return summary


def _counts(listed: Listed, column: str) -> dict[str, int]:
    return dict(sorted(Counter(row[column] for row in listed).items()))


def _compare(part: Part, work: OverlapWork, known: Known) -> tuple[Listed, Listed]:
    dropped, contained = Listed(), Listed()
    held_out, most = known.held_out, work.rules.max_containment
    least = HALF if most is None else to_fraction(most)
    for row, title, found in read_matches(work, part.stem):
        verdict = judge_found(found, held_out.lookup, known.guard, least)
        if verdict.hit is not None:
            dropped.append(_listed(row, verdict, verdict.hit, found.paper, held_out))
        elif title is not None:
            about = (str(Reason.TEST_TITLE), *held_out.titles[title])
            titled: tuple[Any, ...] = (row, *about, None, None, [])
            dropped.append(dict(zip(SCHEMA.names, titled, strict=True)))
        elif found.reported is not None:
            hit = Hit(found.reported.item, found.reported.shared, found.reported.size)
            contained.append(_listed(row, verdict, hit, found.reported, held_out))
        elif verdict.hits:
            contained.append(_listed(row, verdict, _first(verdict), None, held_out))
    return dropped, contained


def _first(verdict: Verdict) -> Hit:
    return next(verdict.hits[rule] for rule in RULES if rule in verdict.hits)


def _listed(
    row: int, verdict: Verdict, hit: Hit, match: Match | None, held_out: HeldOut
) -> dict[str, Any]:
    number, item = held_out.lookup.names[hit.item]
    same = match is not None and match.item == hit.item
    jaccard = match.jaccard if match is not None and same else None
    about = (str(Reason.OVERLAP), held_out.lookup.sets[number].name, item)
    rules = [rule for rule in RULES if rule in verdict.hits]
    values = (row, *about, jaccard, hit.shared / hit.size, rules)
    return dict(zip(SCHEMA.names, values, strict=True))


def _write_list(written: Written, path: str, rows: Listed) -> None:
    with written.new_file(path) as file:
        write_parquet(pa.Table.from_pylist(rows, schema=SCHEMA), file)
