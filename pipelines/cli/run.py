"""Runs a build, or one stage, as the command line asks."""

import argparse
import sys
from pathlib import Path
from typing import Any

from massivetext.config.recipe import Recipe, load_recipe
from massivetext.errors import ConfigError
from massivetext.extras import require
from massivetext.pipelines.build import build, explain
from massivetext.pipelines.cli.report import tell_places, write_report
from massivetext.pipelines.engine.build_plan import Build
from massivetext.pipelines.engine.runner import Execution
from massivetext.pipelines.plan import plan_build
from massivetext.pipelines.replace import difference_of, is_replaced
from massivetext.pipelines.stage_list import STAGES
from massivetext.storage.paths import is_local
from massivetext.storage.settings import use
from massivetext.storage.stores import check_scheme


def _output(text: str) -> str:
    """Returns the output folder without a slash at its end.

    Raises:
      ConfigError: it names no folder, or one on a store that we do not know.
    """
    output = text.rstrip("/")
    if not output or output.endswith(":"):
        raise ConfigError(f"--output: {text!r} names no folder")
    if not is_local(output):
        try:
            check_scheme(output)
        except ConfigError as error:
            raise ConfigError(f"--output: {error}") from error
    elif Path(output).exists() and not Path(output).is_dir():
        raise ConfigError(f"--output: {output} is a file, not a folder")
    return output


def main(arguments: argparse.Namespace) -> int:
    """Runs a build, or the one stage that the command names.

    Raises:
      ConfigError: what is asked for cannot be; the message says why.
    """
    recipe = load_recipe(arguments.recipe, tuple(arguments.set))
    shared = arguments.shared_filesystem
    execution = Execution(arguments.flags, arguments.workers, arguments.wait == "true", shared)
    if arguments.until and arguments.command != "build":
        raise ConfigError(f"--until is for build; {arguments.command} runs that stage alone")
    output = ready(arguments, execution, recipe)
    plan = plan_build(recipe, output, execution)
    if arguments.explain:
        sys.stdout.write(explain(plan) + "\n")
        difference = "" if arguments.replace else difference_of(plan, recipe)
        if difference:
            sys.stderr.write(
                f"refused: a finished build of another recipe is there ({difference})\n"
            )
        return 0
    only = None if arguments.command == "build" else arguments.command
    manifest = run_plan(plan, recipe, arguments, only)
    if only is None:
        write_report(plan.output, manifest)
        tell_places(plan.output, shards=arguments.until in (None, STAGES[-1].name))
    return 0


def ready(arguments: argparse.Namespace, execution: Execution, recipe: Recipe) -> str:
    """Checks what the command line says of runner and output, and returns the output.

    Raises:
      ConfigError: the output is no folder, or the runner cannot have these flags or paths.
    """
    if execution.is_dataflow:
        require("dataflow", "--runner=DataflowRunner")
    output = _output(arguments.output)
    if execution.flags:
        from massivetext.pipelines.cli.flags import check_flags  # Beam: slow

        check_flags(execution.flags)
    if arguments.workers > 1 and not execution.is_local:
        sys.stderr.write("note: --workers is for local runs; the runner's own flags say how many\n")
    if not execution.wait and not execution.is_dataflow:
        sys.stderr.write("note: --wait=false is for Dataflow; this run waits\n")
    if execution.is_dataflow:
        from massivetext.pipelines.dataflow.checks import check_dataflow  # Google's packages

        check_dataflow(recipe, output, execution.flags)
    if execution.is_portable:
        from massivetext.pipelines.portable.checks import check_portable

        check_portable(recipe, output, execution.flags, execution.shared)
    use(execution.settings())
    return output


def run_plan(
    plan: Build, recipe: Recipe, arguments: argparse.Namespace, only: str | None = None
) -> dict[str, Any]:
    """Builds what is planned, unless another recipe's build is there; returns the manifest.

    Raises:
      ConfigError: one is, and nobody said `--replace`.
    """
    replacing = is_replaced(plan, recipe, arguments.replace)
    workers = plan.execution.processes
    if arguments.all_cores and workers > 1:  # nobody said how many
        sys.stderr.write(f"workers: {workers}, all cores; --workers N takes N\n")
    verify, last = getattr(arguments, "verify", False), getattr(arguments, "until", None)
    return build(plan, only, verify, replacing, last)
