"""``massivetext filter``: any documents through the filters, one verdict a line."""

import argparse
import sys
from collections import Counter
from typing import Any

import orjson

from massivetext.cli.files import open_output, read_inputs
from massivetext.config.recipe import load_recipe
from massivetext.document import Broken, Document, Dropped, Record, place_of
from massivetext.errors import RecordError
from massivetext.filters.chosen import RULES, Chosen, choose
from massivetext.filters.judge import Models, Verdict, judge

PAPER = "minimal.toml"  # a shipped recipe whose filters are the paper's


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the command's arguments."""
    parser.add_argument("inputs", nargs="+", metavar="IN", help="JSON lines, Parquet or WARC")
    parser.add_argument("-o", "--output", default="-", metavar="OUT.jsonl", help="default: stdout")
    add_rules(parser)
    parser.add_argument(
        "--duplicates",
        choices=("later", "all"),
        help="copies that count as repeated; default: the recipe's, which is later",
    )


def add_rules(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments that say which filters hold."""
    parser.add_argument("--source", default="web", metavar="NAME", help="whose rules hold (web)")
    parser.add_argument(
        "--rules",
        metavar="A,B",
        help=f"filters that hold, of {','.join(RULES)}; default: those of the source in the paper",
    )
    parser.add_argument(
        "--language-model", metavar="FILE", help="default: what `massivetext models` fetched"
    )
    parser.add_argument("--recipe", default=PAPER, help="whose filters hold; default: the paper's")
    parser.add_argument(
        "--set", action="append", default=[], metavar="KEY=VALUE", help="override a recipe's value"
    )


def main(arguments: argparse.Namespace) -> int:
    """Writes one JSON object a document: id, url, reason (null when kept), reasons and measures."""
    recipe = load_recipe(arguments.recipe, tuple(arguments.set))
    chosen = choose(recipe, arguments.source, arguments.rules, arguments.duplicates)
    models = chosen.models(arguments.language_model)
    records = read_inputs(arguments.inputs, arguments.source, chosen.fields())
    counts: Counter[str] = Counter()
    with open_output(arguments.output, arguments.inputs) as out:
        for record in records:
            line = _line_of(record, chosen, models)
            counts[line["reason"] or "kept"] += 1
            out.write(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE))
    by_reason = ", ".join(f"{count:,} {reason}" for reason, count in counts.most_common())
    sys.stderr.write(f"{counts.total():,} records: {by_reason}\n" if counts else "no records\n")
    for own in models.own.values():
        spent = own.nanoseconds / 1_000 / max(own.calls, 1)
        sys.stderr.write(f"{own.name}: {own.calls:,} documents, {spent:,.1f} µs each\n")
    return 0


def _line_of(record: Record, chosen: Chosen, models: Models) -> dict[str, Any]:
    if isinstance(record, Dropped):
        return _line(Verdict(record.document, "", record.reasons))
    if isinstance(record, Document):
        document = chosen.of_known_source(record)
        try:
            return _line(judge(document, chosen.filters[document.source], models))
        except RecordError as error:  # of a rule of the user's own
            record = Broken(*(place_of(document.id) or (document.id, 0)), str(error))
    line: dict[str, Any] = {"id": None, "reason": "broken", "error": record.message}
    return line | {"path": record.path, "position": record.position}


def _line(verdict: Verdict) -> dict[str, Any]:
    reasons = [str(reason) for reason in verdict.reasons]
    line: dict[str, Any] = {
        "id": verdict.document.id,
        "url": verdict.document.url,
        "reason": reasons[0] if reasons else None,
        "reasons": reasons,
    }
    if verdict.language is not None:
        line["language"] = verdict.language._asdict()
    if verdict.explicit is not None:
        line["explicit_probability"] = verdict.explicit
    if verdict.masked is not None:
        line["masked"] = verdict.masked._asdict()
    line["measures"] = verdict.measures._asdict() if verdict.measures is not None else None
    return line
