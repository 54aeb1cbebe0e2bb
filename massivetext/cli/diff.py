"""``massivetext diff``: in what two builds differ, from the recipe to each document."""

import argparse
import sys
from collections.abc import Iterator
from typing import Any

import orjson

from massivetext.cli.export_text import count
from massivetext.comparison.compare import Change, Count, Difference, compare, net_kept
from massivetext.config.differences import UNSET, Value
from massivetext.corpus.report import Table, as_text
from massivetext.finished.build import open_build


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the command's arguments."""
    parser.add_argument("old", metavar="A", help="the output of a build; also gs:// and s3://")
    parser.add_argument("new", metavar="B", help="the output of another")
    parser.add_argument(
        "-n", type=count, default=5, help="ids of each change that are listed; default: 5"
    )
    parser.add_argument("--all", action="store_true", help="rows of the funnel that are equal too")
    parser.add_argument("--json", action="store_true", help="one JSON object, for programs")


def main(arguments: argparse.Namespace) -> int:
    """Prints what differs; exits with 0 whether anything does or not."""
    builds = open_build(arguments.old), open_build(arguments.new)
    found = compare(*builds, arguments.n)
    if arguments.json:
        out = orjson.dumps(found.as_json(), option=orjson.OPT_APPEND_NEWLINE)
        sys.stdout.buffer.write(out)
        return 0
    tables = _tables(found, arguments.all)
    text = "\n\n".join(as_text(table) for table in tables if table.rows)
    sys.stdout.write(f"{text}\n\n" if text else "")
    gained, lost = net_kept(found.changes)
    sys.stdout.write(
        f"{found.same:,} documents of one fate in both; kept in B alone {gained:,}, in A alone"
        f" {lost:,}; massivetext show DIR --id ID shows one\n"
    )
    return 0


def _tables(found: Difference, every: bool) -> Iterator[Table]:
    yield Table("Recipe", ["key", "A", "B"], [_value_row(value) for value in found.recipe])
    yield Table("Inputs: bytes", ["source, file", "A", "B"], [_value_row(v) for v in found.inputs])
    rows = [_count_row(count) for count in found.funnel if every or count.old != count.new]
    yield Table("Funnel: documents", ["source", "", "A", "B", "B - A"], rows)
    rows = [row for change in found.changes for row in _change_rows(change)]
    heads = ["source", "in A", "in B", "documents", "ids"]
    yield Table("Documents whose fate changed", heads, rows)


def _value_row(value: Value) -> list[str]:
    return [_plain(value.key), _shown(value.old), _shown(value.new)]


def _shown(value: Any) -> str:
    if value is None or value == UNSET:
        return "off" if value is None else "–"
    return _plain(value if isinstance(value, str) else orjson.dumps(value).decode())


def _plain(text: str) -> str:
    """Returns a text of the recipe or of a file's name, safe for a terminal."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def _count_row(row: Count) -> list[str]:
    difference = f"{row.new - row.old:+,}" if row.new != row.old else "0"
    return [row.source, row.row, f"{row.old:,}", f"{row.new:,}", difference]


def _change_rows(change: Change) -> Iterator[list[str]]:
    facts = [change.source, change.old, change.new, f"{change.documents:,}"]
    for place, name in enumerate(change.ids):
        yield [*(facts if place == 0 else [""] * len(facts)), name]
    rest = change.documents - len(change.ids)
    if rest:
        yield [""] * len(facts) + [f"and {rest:,} more"]
