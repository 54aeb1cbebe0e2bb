"""``massivetext rejudge``: other thresholds on the stored measures of a build, told or built."""

import argparse
import importlib
import sys
import time
from collections.abc import Iterable, Iterator

import orjson

from massivetext.config.recipe import Recipe
from massivetext.errors import ConfigError
from massivetext.extras import require
from massivetext.filters.rejudge.build import Rejudged, by_source, rejudge_parts
from massivetext.filters.rejudge.recipe import changed_recipe
from massivetext.filters.rejudge.tell import all_missing, as_json, as_tables, told_missing
from massivetext.finished.build import FinishedBuild, open_build
from massivetext.pipelines.engine.arguments import add_local_arguments
from massivetext.processes.pool import all_cores

PASSES_FLAGS = True  # what argparse does not know is for Beam
_PLAIN_SECONDS = 10.0  # between lines of progress where they go to no terminal


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the command's arguments."""
    parser.add_argument("build", metavar="DIR", help="the output of a finished build")
    parser.add_argument(
        "--set",
        action="append",
        required=True,
        metavar="KEY=VALUE",
        help="a threshold, such as filters.quality.min_words=30",
    )
    parser.add_argument("--json", action="store_true", help="one JSON object, for programs")
    parser.add_argument(
        "-o",
        "--output",
        metavar="NEW",
        help="build there with these thresholds, the inputs not read",
    )
    parser.add_argument(
        "--only-tighter",
        action="store_true",
        help="with --output: take no document that was dropped before, drop more of those kept",
    )
    add_local_arguments(parser)
    parser.set_defaults(wait="true", shared_filesystem=False)


def main(arguments: argparse.Namespace) -> int:
    """Prints what would be gained and lost by source and reason; with an output, builds it."""
    _check_arguments(arguments)
    if arguments.flags:  # they may tell how to reach the store that the build is on
        run = importlib.import_module("massivetext.pipelines.cli.run")
        run.use(run.Execution(arguments.flags).settings())
    build = open_build(arguments.build)
    recipe = changed_recipe(build.recipe, tuple(arguments.set))
    parts = list(_shown(rejudge_parts(build, recipe), len(build.parts)))
    found = by_source(build, parts)
    _tell([f.tightened() for f in found] if arguments.only_tighter else found, arguments.json)
    if arguments.output is not None:
        return _build(build, recipe, parts, arguments)
    if not arguments.json:
        sys.stdout.write(
            "After stage 1; duplicates and test sets come later. Nothing was written: --output NEW"
            " builds it from what is stored, the inputs not read\n"
        )
    return 0


def _check_arguments(arguments: argparse.Namespace) -> None:
    without = [name for name in ("only_tighter", "replace") if getattr(arguments, name)]
    if arguments.output is None and without:
        raise ConfigError(f"--{without[0].replace('_', '-')} is for --output NEW; name one")
    if arguments.output is None and arguments.flags:
        raise ConfigError(f"unrecognized arguments: {' '.join(arguments.flags)}")


def _tell(found: list[Rejudged], json: bool) -> None:
    if json:
        sys.stdout.buffer.write(orjson.dumps(as_json(found), option=orjson.OPT_INDENT_2) + b"\n")
        return
    sys.stdout.write(as_tables(found) + "\n")
    missing = all_missing(found)
    if missing:
        sys.stdout.write(told_missing(missing) + "\n")


def _shown(parts: Iterable[Rejudged], total: int) -> Iterator[Rejudged]:
    """Yields the parts, and says how far it is on standard error where that takes long."""
    told, is_shown = time.monotonic(), False
    for done, part in enumerate(parts, 1):
        yield part
        if time.monotonic() - told > (1.0 if sys.stderr.isatty() else _PLAIN_SECONDS):
            told, is_shown = time.monotonic(), sys.stderr.isatty()
            line = f"rejudge     {100 * done // total:3} %  {done:,}/{total:,} parts"
            sys.stderr.write(f"\r\x1b[K{line}" if is_shown else line + "\n")
    if is_shown:
        sys.stderr.write("\n")


def _build(
    finished: FinishedBuild, recipe: Recipe, parts: list[Rejudged], arguments: argparse.Namespace
) -> int:
    """Builds by the recipe, stage 1 from what is stored; all after it as after any change."""
    require("beam", "rejudge --output")
    arguments.all_cores = arguments.workers is None
    is_elsewhere = any("runner" in flag.partition("=")[0] for flag in arguments.flags)
    arguments.workers = arguments.workers or (1 if is_elsewhere else all_cores())
    run = importlib.import_module("massivetext.pipelines.cli.run")
    plans = importlib.import_module("massivetext.pipelines.rejudge.plan")
    execution = run.Execution(arguments.flags, arguments.workers)
    output = run.ready(arguments, execution, recipe)
    left = parts if arguments.only_tighter else None
    plan = plans.plan_rejudged(finished.output, recipe, output, execution, left)
    missing = all_missing(parts)
    if missing and not arguments.only_tighter:
        raise ConfigError(
            f"{told_missing(missing)}; build from the inputs with the same --set, or give"
            " --only-tighter, which leaves all that was dropped as it was"
        )
    manifest = run.run_plan(plan, recipe, arguments)
    report = importlib.import_module("massivetext.pipelines.cli.report")
    if arguments.json:
        report.renew_report(plan.output, manifest)
    else:
        report.write_report(plan.output, manifest)
        report.tell_places(plan.output)
    return 0
