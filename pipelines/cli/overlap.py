"""``massivetext overlap``: stage 3 of a build, or the selftest of what it finds."""

import argparse
import sys

from massivetext.errors import ConfigError
from massivetext.pipelines.cli import build

PASSES_FLAGS = True  # what argparse does not know is for Beam


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of a build, and ``--selftest``, which needs no recipe."""
    build.add_arguments(parser, required=False)
    parser.add_argument(
        "--selftest",
        action="store_true",
        help="print what each rule finds of items of our own, and of the sets in --set FILE",
    )


def main(arguments: argparse.Namespace) -> int:
    """Runs the stage or the selftest.

    Raises:
      ConfigError: neither is asked for in full.
    """
    if not arguments.selftest:
        if arguments.recipe is None or arguments.output is None:
            raise ConfigError("overlap: give RECIPE and --output DIR, or --selftest")
        return build.main(arguments)
    from massivetext.decontaminate.selftest.cli import run_selftest

    names = ("recipe", "output", "flags", "until", "explain", "verify", "replace", "workers")
    if any(getattr(arguments, name, None) for name in names):
        raise ConfigError("overlap: --selftest takes nothing but --set FILE; leave the rest out")
    sys.stdout.write(run_selftest(arguments.set))
    return 0
