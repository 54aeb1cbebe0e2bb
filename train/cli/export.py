"""``massivetext export``."""

import argparse
import sys

from massivetext.storage.paths import local_path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the command's arguments."""
    parser.add_argument("model", help="the --output of a training run")
    parser.add_argument("--output", required=True, help="a new folder")


def main(arguments: argparse.Namespace) -> None:
    """Writes the export and prints its path."""
    from massivetext.train.inference.export import export_model
    from massivetext.train.inference.model_folder import load_model

    output = local_path(arguments.output)
    path = export_model(load_model(arguments.model), output)
    sys.stdout.write(f"{path}\n")
