"""``massivetext rejudge``: what other thresholds would do to a build, from its stored measures."""

import argparse
import sys
from collections.abc import Iterator
from typing import Any

import orjson

from massivetext.corpus.report import Table, as_text
from massivetext.filters.rejudge.build import Rejudged, changed_recipe, rejudge
from massivetext.filters.rejudge.judge import gained_and_lost
from massivetext.finished.build import open_build


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the command's arguments."""
    parser.add_argument("output", metavar="DIR", help="the output of a build")
    parser.add_argument(
        "--set",
        action="append",
        required=True,
        metavar="KEY=VALUE",
        help="a threshold, such as filters.quality.min_words=30",
    )
    parser.add_argument("--json", action="store_true", help="one JSON object, for programs")


def main(arguments: argparse.Namespace) -> int:
    """Prints what would be gained and lost by source and reason; writes nothing."""
    build = open_build(arguments.output)
    found = list(rejudge(build, changed_recipe(build, tuple(arguments.set))))
    if arguments.json:
        out = orjson.dumps({"sources": [_as_json(f) for f in found]}, option=orjson.OPT_INDENT_2)
        sys.stdout.buffer.write(out + b"\n")
        return 0
    for table in _tables(found):
        sys.stdout.write(as_text(table) + "\n\n")
    sys.stdout.write(
        "After stage 1; duplicates and test sets come later. Nothing was written: build with the"
        " same --set and another --output, or --replace\n"
    )
    return 0


def _tables(found: list[Rejudged]) -> Iterator[Table]:
    rows = [[f.source, f"{f.kept:,}", f"{f.kept_then:,}"] for f in found]
    yield Table("Documents kept by stage 1", ["source", "now", "then"], rows)
    moved = [
        [f.source, which, reason, f"{count:,}"]
        for f in found
        for which, reason, count in gained_and_lost(f.changes)
    ]
    if moved:
        yield Table("Gained and lost", ["source", "", "reason", "documents"], moved)


def _as_json(found: Rejudged) -> dict[str, Any]:
    changes = [
        {"old": old, "new": new, "documents": count}
        for (old, new), count in sorted(found.changes.items())
    ]
    kept = {"kept": found.kept, "kept_then": found.kept_then}
    return {"source": found.source, **kept, "changes": changes}
