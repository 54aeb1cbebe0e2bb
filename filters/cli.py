"""``massivetext filter``: any documents through the filters: rows kept and dropped, verdicts."""

import argparse
import sys
from collections import Counter
from contextlib import redirect_stdout
from typing import IO, Any, NamedTuple

import orjson

from massivetext.cli.files import (
    INPUTS,
    named_outputs,
    none_readable,
    open_outputs,
    read_inputs,
)
from massivetext.config.recipe import load_recipe
from massivetext.document import Broken, Document, Dropped, Record, place_of
from massivetext.errors import RecordError
from massivetext.filters.chosen import RULES, Chosen, choose
from massivetext.filters.judge import Models, Verdict, judge
from massivetext.readers.rows.rows import Fields
from massivetext.readers.rows.whole import row_of, with_kept_keys

PAPER = "minimal.toml"  # a shipped recipe whose filters are the paper's


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the command's arguments."""
    parser.add_argument("inputs", nargs="+", metavar="IN", help=INPUTS)
    parser.add_argument("--kept", metavar="FILE", help="rows that are kept, as they were read")
    parser.add_argument("--dropped", metavar="FILE", help="rows that are dropped, with reasons")
    verdicts = parser.add_mutually_exclusive_group()
    verdicts.add_argument("--verdicts", metavar="FILE", help="reasons and measures, without text")
    verdicts.add_argument(
        "-o",
        "--output",
        metavar="OUT.jsonl",
        help="the same; standard output where no file is named",
    )
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
    told = "override a recipe's value, as in sources.web.text_key=content"
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help=told)


class _Judged(NamedTuple):
    """What a record turned out to be."""

    line: dict[str, Any]  # the verdict as JSON values
    document: Document | None  # as it was judged; None: the record cannot be read


def main(arguments: argparse.Namespace) -> int:
    """Writes the rows kept, the rows dropped with their reasons, and the verdicts, as asked.

    A verdict has id, url, reason (null when kept), reasons and measures.

    Raises:
      ConfigError: no record can be read; what was written of them stays.
    """
    recipe = load_recipe(arguments.recipe, tuple(arguments.set))
    chosen = choose(recipe, arguments.source, arguments.rules, arguments.duplicates)
    models = chosen.models(arguments.language_model)
    outputs = named_outputs(arguments, {"--verdicts": arguments.verdicts})
    fields = chosen.fields()._replace(whole=not outputs.keys().isdisjoint(("--kept", "--dropped")))
    records = read_inputs(arguments.inputs, arguments.source, fields, standard=True)
    counts: Counter[str] = Counter()
    first = ""
    # What a function of the user's prints must not get among the rows.
    with open_outputs(outputs, arguments.inputs) as out, redirect_stdout(sys.stderr):
        for record in records:
            judged = _judge_record(record, chosen, models, fields)
            line = judged.line
            counts[line["reason"] or "kept"] += 1
            if line["reason"] == "broken" and not first:
                first = f"{line['path']} at {line['position']}: {line['error']}"
            _write(judged, fields, out)
    _say(counts, first, models)
    if counts.keys() == {"broken"}:
        raise none_readable(counts.total(), first)
    return 0


def _say(counts: Counter[str], first: str, models: Models) -> None:
    by_reason = ", ".join(f"{count:,} {reason}" for reason, count in counts.most_common())
    sys.stderr.write(f"{counts.total():,} records: {by_reason}\n" if counts else "no records\n")
    if first:
        sys.stderr.write(f"the first that is broken: {' '.join(first.split())}\n")
    for own in models.own.values():
        spent = own.nanoseconds / 1_000 / max(own.calls, 1)
        sys.stderr.write(f"{own.name}: {own.calls:,} documents, {spent:,.1f} µs each\n")


def _write(judged: _Judged, fields: Fields, out: dict[str, IO[bytes]]) -> None:
    """Writes a record to each output that it belongs to."""
    for option in ("--verdicts", "-o"):
        if option in out:
            out[option].write(_json(judged.line))
    dropped = judged.line["reason"] is not None
    file = out.get("--dropped" if dropped else "--kept")
    if file is None:
        return
    row = {} if judged.document is None else row_of(judged.document, fields)
    file.write(_json(row | _why(judged) if dropped else row))


def _json(value: dict[str, Any]) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_APPEND_NEWLINE)


def _why(judged: _Judged) -> dict[str, Any]:
    """Returns what is added to the row of a document that is dropped."""
    line = judged.line
    if line["reason"] == "broken":
        return {key: line[key] for key in ("reason", "error", "path", "position")}
    return {key: line[key] for key in ("reason", "reasons")}


def _judge_record(record: Record, chosen: Chosen, models: Models, fields: Fields) -> _Judged:
    """Judges a document as a build would, whose rules see the kept keys of its row alone."""
    if isinstance(record, Dropped):
        return _Judged(_line(Verdict(record.document, "", record.reasons)), record.document)
    document = None
    if isinstance(record, Document):
        document = chosen.of_known_source(record)
        try:
            asked = with_kept_keys(document, fields)
            verdict = judge(asked, chosen.filters[document.source], models)
            return _Judged(_line(verdict), verdict.document._replace(extra=document.extra))
        except RecordError as error:  # of a rule of the user's own
            record = Broken(*(place_of(document.id) or (document.id, 0)), str(error))
    line: dict[str, Any] = {"id": None, "reason": "broken", "error": record.message}
    return _Judged(line | {"path": record.path, "position": record.position}, document)


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
