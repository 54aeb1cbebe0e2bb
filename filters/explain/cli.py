"""``massivetext explain``: why one document is kept or dropped."""

import argparse
import glob
import sys

import orjson

from massivetext.cli.files import open_output
from massivetext.config.recipe import Recipe, load_recipe
from massivetext.document import Dropped
from massivetext.errors import ConfigError
from massivetext.filters.cli import add_rules, load_models, of_known_source, with_rules
from massivetext.filters.explain.explain import explain
from massivetext.filters.explain.explanation import Check, Explanation
from massivetext.filters.explain.one_document import read_document
from massivetext.filters.judge import Models
from massivetext.filters.safety.domains import load_domains

_RECIPE = "minimal.toml"  # its filters are the paper's


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the command's arguments."""
    parser.add_argument(
        "input", metavar="IN", help="a text, an HTML page, a JSON line, - for standard input, …"
    )
    parser.add_argument("--id", default="", help="which document, where the file holds several")
    parser.add_argument("--url", default="", help="of a text or page that does not say it")
    add_rules(parser)
    parser.add_argument(
        "--recipe", default=_RECIPE, help="whose filters hold; default: the paper's"
    )
    parser.add_argument(
        "--set", action="append", default=[], metavar="KEY=VALUE", help="override a recipe's value"
    )
    parser.add_argument("--json", action="store_true", help="one JSON object, for programs")


def main(arguments: argparse.Namespace) -> int:
    """Prints every measure of one document, its bound, and what was counted where it drops."""
    recipe = load_recipe(arguments.recipe, tuple(arguments.set))
    filters = with_rules(recipe.filters, arguments.rules)
    models = load_models(filters, arguments.language_model)
    _add_domains(models, recipe)
    found = read_document(arguments.input, arguments.source, arguments.url, arguments.id)
    if isinstance(found, Dropped):
        checks = tuple(Check(reason, "DROP") for reason in found.reasons)
        explained = Explanation(found.document, found.reasons, checks=checks)
    else:
        explained = explain(of_known_source(found, arguments.source), filters, models)
    with open_output("-", []) as out:
        if arguments.json:
            out.write(orjson.dumps(explained.as_json(), option=orjson.OPT_APPEND_NEWLINE))
        else:
            out.write(f"{explained}\n".encode("utf-8", "backslashreplace"))
    sys.stdout.flush()
    return 0


def _add_domains(models: Models, recipe: Recipe) -> None:
    for pattern in recipe.filters.safety.domain_lists:
        path = recipe.resolve(pattern)
        if "://" in path:
            raise ConfigError(
                f"filters.safety.domain_lists: explain reads lists of this machine, not {path};"
                " copy it, or use --set filters.safety.domain_lists=[]"
            )
        names = sorted(glob.glob(path))  # noqa: PTH207  (an absolute pattern)
        if not names:
            raise ConfigError(f"filters.safety.domain_lists: no file matches {path!r}")
        for name in names:
            with open(name, "rb") as file:  # noqa: PTH123
                load_domains(models.domains, file)
