"""``massivetext compare``."""

import argparse
import sys

from massivetext.storage.paths import local_path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the command's arguments."""
    parser.add_argument("models", nargs="+", help="the --output of each training run")
    parser.add_argument("-o", "--output", required=True, help="folder of scale.png and scale.json")
    data = "build to evaluate on what was not evaluated alike (the corpus of each run)"
    parser.add_argument("--data", help=data)


def main(arguments: argparse.Namespace) -> None:
    """Evaluates what is missing, writes the plot and prints the table."""
    from massivetext.train.compare import compare, format_points

    output = local_path(arguments.output)
    points = compare(arguments.models, output, arguments.data)
    sys.stdout.write(f"{format_points(points)}\nplot: {output / 'scale.png'}\n")
