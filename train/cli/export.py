"""``massivetext export``."""

import argparse
import sys

from massivetext.storage.files import exists, read_bytes
from massivetext.storage.paths import join, local_path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the command's arguments."""
    parser.add_argument("model", help="the --output of a training run")
    parser.add_argument("-o", "--output", required=True, help="a new or empty folder")
    kinds = "plain: arrays by our names; transformers: a folder for from_pretrained (%(default)s)"
    parser.add_argument("--format", choices=["plain", "transformers"], default="plain", help=kinds)


def main(arguments: argparse.Namespace) -> None:
    """Writes the export and prints its path."""
    from massivetext.train.inference.export import check_export, export_model
    from massivetext.train.inference.hugging_face import export_transformers
    from massivetext.train.inference.model_folder import load_model

    output = local_path(arguments.output)
    check_export(output)  # before the model is loaded
    model = load_model(arguments.model)
    if arguments.format == "plain":
        path = export_model(model, output)
    else:
        card = join(arguments.model, "model-card.md")
        text = read_bytes(card).decode() if exists(card) else ""
        path = export_transformers(model, output, text)
    sys.stdout.write(f"{path}\n")
