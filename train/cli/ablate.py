"""``massivetext ablate``."""

import argparse
import sys

from massivetext.storage.paths import local_path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the command's arguments."""
    parser.add_argument("plan", help="a TOML file: recipes, seeds, held-out text; docs/ablation.md")
    parser.add_argument("-o", "--output", required=True, help="for builds, models, table and plot")


def main(arguments: argparse.Namespace) -> None:
    """Builds, trains, scores and prints the answers; continues where an earlier run stopped."""
    from massivetext.train.laboratory.plan import read_plan

    plan, output = read_plan(arguments.plan), local_path(arguments.output)
    from massivetext.train.laboratory.ablate import ablate
    from massivetext.train.run.environment import keep_compiled

    keep_compiled(output / "compiled")
    text = ablate(plan, output.absolute())
    sys.stdout.write(f"{text}\nplot: {output / 'ablation.png'}\n")
