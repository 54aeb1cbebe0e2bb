"""``massivetext explain``: why one document is kept or dropped."""

import argparse
import sys

import orjson

from massivetext.cli.files import open_output
from massivetext.config.recipe import load_recipe
from massivetext.document import Dropped
from massivetext.filters.chosen import choose
from massivetext.filters.cli import add_rules
from massivetext.filters.explain.explain import explain
from massivetext.filters.explain.explanation import Check, Explanation
from massivetext.filters.explain.one_document import read_document


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the command's arguments."""
    parser.add_argument(
        "input", metavar="IN", help="a text, an HTML page, a JSON line, - for standard input, …"
    )
    parser.add_argument("--id", default="", help="which document, where the file holds several")
    parser.add_argument("--url", default="", help="of a text or page that does not say it")
    add_rules(parser)
    parser.add_argument("--json", action="store_true", help="one JSON object, for programs")


def main(arguments: argparse.Namespace) -> int:
    """Prints every measure of one document, its bound, and what was counted where it drops."""
    recipe = load_recipe(arguments.recipe, tuple(arguments.set))
    chosen = choose(recipe, arguments.source, arguments.rules)
    models = chosen.models(arguments.language_model)
    found = read_document(
        arguments.input, arguments.source, arguments.url, arguments.id, chosen.fields()
    )
    if isinstance(found, Dropped):
        checks = tuple(Check(reason, "DROP") for reason in found.reasons)
        explained = Explanation(found.document, found.reasons, checks=checks)
    else:
        document = chosen.of_known_source(found)
        explained = explain(document, chosen.filters[document.source], models)
    with open_output("-", []) as out:
        if arguments.json:
            out.write(orjson.dumps(explained.as_json(), option=orjson.OPT_APPEND_NEWLINE))
        else:
            out.write(f"{explained}\n".encode("utf-8", "backslashreplace"))
    sys.stdout.flush()
    return 0
