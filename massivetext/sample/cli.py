"""``massivetext sample``: the embedded sample."""

import argparse
import sys
from pathlib import Path

from massivetext.sample.write import write_sample


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the command's arguments."""
    parser.add_argument("folder", metavar="DIR", help="where to write the sample")
    parser.add_argument("--seed", type=int, default=0, help="(%(default)s)")


def main(arguments: argparse.Namespace) -> int:
    """Writes the six sources, the lists and ``truth.json`` below the folder."""
    if arguments.command == "demo":
        sys.stderr.write("massivetext: `demo` is called `sample` now\n")
    write_sample(Path(arguments.folder), arguments.seed)
    return 0
