"""``massivetext build`` and the commands of single stages: their arguments, without Beam."""

import argparse
import importlib

from massivetext.pipelines.engine.arguments import add_local_arguments
from massivetext.pipelines.engine.fork_server import start_server
from massivetext.pipelines.engine.imports import lasting_imports
from massivetext.pipelines.folder.interrupts import check_interrupt, remembered_interrupts
from massivetext.pipelines.stage_list import STAGES
from massivetext.processes.pool import all_cores
from massivetext.text.kernels import find_kernels

PASSES_FLAGS = True  # what argparse does not know is for Beam
EXTRA = "beam"  # without which it cannot run


def add_arguments(parser: argparse.ArgumentParser, required: bool = True) -> None:
    """Adds the arguments of a build; all others are Beam's own flags."""
    parser.add_argument(
        "recipe",
        metavar="RECIPE",
        nargs=None if required else "?",
        help="a TOML file, or a shipped recipe's name",
    )
    parser.add_argument(
        "-o", "--output", required=required, metavar="DIR", help="a folder; may be gs:// or s3://"
    )
    parser.add_argument(
        "--set", action="append", default=[], metavar="KEY=VALUE", help="override a recipe value"
    )
    parser.add_argument(
        "--until",
        choices=[spec.name for spec in STAGES],
        help="of a build: leave the stages after this one for later",
    )
    parser.add_argument("--explain", action="store_true", help="say why each stage runs or not")
    parser.add_argument(
        "--verify", action="store_true", help="read all that is done first; damaged parts run again"
    )
    add_local_arguments(parser)
    parser.add_argument(
        "--shared-filesystem",
        action="store_true",
        help="workers of another runner see the local paths that the recipe and --output name",
    )
    parser.add_argument(
        "--wait",
        choices=("true", "false"),
        default="true",
        help="for a Dataflow job; false submits one and leaves, rerun the same command to continue",
    )


def _default_workers(arguments: argparse.Namespace) -> int:
    """Returns all cores where work may be done in processes of this machine, else one."""
    elsewhere = any("runner" in flag.partition("=")[0] for flag in arguments.flags)
    return 1 if elsewhere or arguments.explain else all_cores()


def main(arguments: argparse.Namespace) -> int:
    """Runs a build, or the one stage that the command names."""
    find_kernels()  # here, so that it is said once, for all processes, where there are none
    with remembered_interrupts():
        arguments.all_cores = arguments.workers is None
        if arguments.workers is None:
            arguments.workers = _default_workers(arguments)
        if arguments.workers > 1:
            start_server()
        with lasting_imports():
            module = importlib.import_module("massivetext.pipelines.cli.run")
        check_interrupt()
        return int(module.main(arguments))
