"""``massivetext take-out``: removes documents from a finished build, and nothing else."""

import argparse
import importlib
import sys
from pathlib import Path
from typing import Any

from massivetext.cli.export_text import count
from massivetext.errors import ConfigError
from massivetext.finished.taken_out import FOLDER, read_record
from massivetext.pipelines.audit.finished_build import open_build
from massivetext.pipelines.audit.named import COLUMNS, By, read_list
from massivetext.pipelines.build import write_manifest
from massivetext.pipelines.engine.build_plan import Build
from massivetext.pipelines.engine.runner import Execution
from massivetext.pipelines.folder.file_names import REPORT
from massivetext.pipelines.folder.interrupts import remembered_interrupts
from massivetext.pipelines.folder.lock import only_run
from massivetext.pipelines.folder.stage import stage_facts
from massivetext.pipelines.take_out.record import digest_of, finish_record, plan_take_out
from massivetext.pipelines.take_out.restamp import as_it_stands
from massivetext.pipelines.take_out.rewrite import rewrite
from massivetext.storage.files import exists
from massivetext.storage.paths import join


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of ``massivetext take-out``."""
    parser.add_argument("output", metavar="DIR", help="the output of a finished build")
    chosen = parser.add_mutually_exclusive_group(required=True)
    for by, column in COLUMNS.items():
        text = f"a file of what stands in the documents' {column}, one a line; -: standard input"
        chosen.add_argument(f"--{by}", metavar="FILE", help=text)
    text = "finish a stopped take-out, whose list may be gone"
    chosen.add_argument("--continue", action="store_true", dest="unfinished", help=text)
    parser.add_argument("--workers", type=count, default=1, help="local processes; default: 1")


def main(arguments: argparse.Namespace) -> int:
    """Takes documents out; prints what was changed, and what the user should look at."""
    asked = None if arguments.unfinished else _list(arguments)
    build = open_build(arguments.output.rstrip("/"))
    build = build._replace(execution=Execution((), arguments.workers))
    with only_run(build.output), remembered_interrupts():
        record = _record(build, *asked) if asked else _stopped(build.output)
        build = rewrite(_as_it_stands(build), record["work"])
        manifest = write_manifest(build)
        finish_record(build.output, record)
    if exists(join(build.output, REPORT)):
        report = importlib.import_module("massivetext.pipelines.cli.report")
        report.renew_report(build.output, manifest)
    _tell(build.output, record["takeouts"])
    return 0


def _list(arguments: argparse.Namespace) -> tuple[By, frozenset[str]]:
    for by in COLUMNS:
        value = getattr(arguments, by)
        if value is not None:
            try:
                data = sys.stdin.buffer.read() if value == "-" else Path(value).read_bytes()
            except OSError as error:
                why = (error.strerror or "cannot be read").lower()
                raise ConfigError(f"--{by}: {value}: {why}; name a file of names") from error
            return by, read_list(data, "standard input" if value == "-" else value)
    raise AssertionError("argparse asks for one of them")


def _record(build: Build, by: By, names: frozenset[str]) -> dict[str, Any]:
    """Returns the record of what is to be done: of a stopped run, or of this one.

    Raises:
      ConfigError: a run with another list has not finished.
    """
    record = read_record(build.output)
    if record is None or not record.get("pending"):
        for stage in build.stages.values():
            stage_facts(stage)  # all are whole
        return plan_take_out(_as_it_stands(build), by, names)
    if record["pending"] != digest_of(by, names):
        raise ConfigError(
            f"{build.output}: a take-out with another list was stopped; run that one again first,"
            " or give --continue for a list"
        )
    return record


def _stopped(output: str) -> dict[str, Any]:
    """Returns the record of a stopped run, which says all that is left to do.

    Raises:
      ConfigError: none was stopped.
    """
    record = read_record(output)
    if record is None or not record.get("pending"):
        raise ConfigError(f"{output}: no take-out was stopped; name a list of what is to go")
    return record


def _as_it_stands(build: Build) -> Build:
    stages = {name: as_it_stands(stage) for name, stage in build.stages.items()}
    return build._replace(stages=stages)


def _tell(output: str, runs: list[dict[str, Any]]) -> None:
    about, number = runs[-1], len(runs)
    if about.get("unknown"):
        sys.stdout.write(
            f"{about['unknown']:,} of {about['names']:,} {about['by']} name nothing in it\n"
        )
    sys.stdout.write(
        f"{about['documents']:,} documents taken out, {about['copies']:,} dropped copies of them"
        f" too; {about['sequences']:,} sequences had held some of their tokens,"
        f" {len(about['shards']):,} shards rewritten\n"
    )
    sys.stdout.writelines(f"  {name}\n" for name in about["shards"])
    sys.stdout.write(f"{about['near_copies']:,} near copies of them stay: look at them in\n")
    sys.stdout.write(f"  {join(output, FOLDER, f'{number:04d}-documents.jsonl')}\n")
