"""``massivetext filter``: any documents through the filters, one verdict a line."""

import argparse
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson

from massivetext import paper
from massivetext.cli.files import open_output, read_inputs
from massivetext.config.recipe import Filters
from massivetext.document import Broken, Document, Dropped
from massivetext.errors import ConfigError
from massivetext.filters.judge import Models, Verdict, judge
from massivetext.filters.language.detect import LanguageModel
from massivetext.filters.safety.domains import DomainList
from massivetext.model_files import find_language_model

RULES = ("language", "safety", "quality", "repetition")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the command's arguments."""
    parser.add_argument("inputs", nargs="+", metavar="IN", help="JSON lines, Parquet or WARC")
    parser.add_argument("-o", "--output", default="-", metavar="OUT.jsonl", help="default: stdout")
    add_rules(parser)
    parser.add_argument(
        "--duplicates",
        choices=("later", "all"),
        default="later",
        help="copies that count as repeated",
    )


def add_rules(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments that say which filters hold."""
    parser.add_argument("--source", choices=paper.SOURCES, default="web", help="whose rules hold")
    parser.add_argument(
        "--rules",
        metavar="A,B",
        help=f"filters that hold, of {','.join(RULES)}; default: those of the source in the paper",
    )
    parser.add_argument(
        "--language-model", metavar="FILE", help="default: what `massivetext models` fetched"
    )


def main(arguments: argparse.Namespace) -> int:
    """Writes one JSON object a document: id, url, reason (null when kept), reasons and measures."""
    filters = make_filters(arguments.rules, arguments.duplicates)
    models = load_models(filters, arguments.language_model)
    records = read_inputs(arguments.inputs, arguments.source)
    counts: Counter[str] = Counter()
    with open_output(arguments.output, arguments.inputs) as out:
        for record in records:
            if isinstance(record, Broken):
                line: dict[str, Any] = {"id": None, "reason": "broken", "error": record.message}
                line |= {"path": record.path, "position": record.position}
            elif isinstance(record, Dropped):
                line = _line(Verdict(record.document, "", record.reasons))
            else:
                line = _line(_judge(record, arguments.source, filters, models))
            counts[line["reason"] or "kept"] += 1
            out.write(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE))
    by_reason = ", ".join(f"{count:,} {reason}" for reason, count in counts.most_common())
    sys.stderr.write(f"{counts.total():,} records: {by_reason}\n" if counts else "no records\n")
    return 0


def _judge(document: Document, source: str, filters: Filters, models: Models) -> Verdict:
    return judge(of_known_source(document, source), filters, models)


def of_known_source(document: Document, source: str) -> Document:
    """Returns the document, of `source` if its own is none of the six."""
    return document if document.source in paper.SOURCES else document._replace(source=source)


def make_filters(rules: str | None, duplicates: str) -> Filters:
    """Returns the filters with exactly the named rules in force, or with the paper's.

    Raises:
      ConfigError: a rule is unknown.
    """
    return with_rules(Filters(duplicates=_reading(duplicates)), rules)


def with_rules(filters: Filters, rules: str | None) -> Filters:
    """Returns the filters with exactly the named rules in force, for every source; None: as is.

    Raises:
      ConfigError: a rule is unknown.
    """
    if rules is None:
        return filters
    names = {name.strip() for name in rules.split(",") if name.strip()}
    unknown = names - set(RULES)
    if unknown:
        raise ConfigError(f"--rules: {sorted(unknown)[0]!r} is not one of {', '.join(RULES)}")
    sources = {name: paper.SOURCES if name in names else () for name in RULES}
    return replace(
        filters,
        language=replace(filters.language, sources=sources["language"]),
        safety=replace(filters.safety, sources=sources["safety"]),
        quality_sources=sources["quality"],
        repetition_sources=sources["repetition"],
    )


def _reading(name: str) -> Any:
    return name  # argparse has checked that it is one of the two readings


def load_models(filters: Filters, path: str | None) -> Models:
    """Returns the models that the filters need: the language model, if they ask for a language.

    Args:
      filters: the rules; their lists of domains are not loaded here.
      path: of the model; None: the one that ``massivetext models`` fetched.

    Raises:
      ConfigError: there is no such file, or it is no model.
    """
    if not filters.language.sources:
        return Models(None, DomainList())
    if path and not Path(path).is_file():
        raise ConfigError(f"--language-model: no file {path}; `massivetext models` fetches one")
    return Models(LanguageModel(path or find_language_model()), DomainList())


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
    line["measures"] = verdict.measures._asdict() if verdict.measures is not None else None
    return line
