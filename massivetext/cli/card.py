"""``massivetext card``: a data card of a build, for people, authorities or programs."""

import argparse
import json
import sys

from massivetext.card.croissant import as_croissant
from massivetext.card.eu import as_eu_summary
from massivetext.card.facts import read_facts
from massivetext.card.markdown import as_markdown
from massivetext.cli.export_text import count
from massivetext.cli.files import open_output
from massivetext.errors import ConfigError
from massivetext.finished.build import EVERY, open_build


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the command's arguments."""
    parser.add_argument("build", metavar="DIR", help="the output of a build; also gs:// and s3://")
    parser.add_argument("-o", "--output", default="-", metavar="FILE", help="default: stdout")
    kind = parser.add_mutually_exclusive_group()
    kind.add_argument(
        "--eu", action="store_true", help="the EU's public summary of training content"
    )
    kind.add_argument("--croissant", action="store_true", help="Croissant 1.0 metadata, JSON-LD")
    parser.add_argument(
        "--text", default="", metavar="OUT", help="with --croissant: describe this export-text"
    )
    parser.add_argument(
        "--top", type=count, default=20, metavar="N", help="hosts of a source; default: 20"
    )


def main(arguments: argparse.Namespace) -> int:
    """Writes one card."""
    if arguments.text and not arguments.croissant:
        raise ConfigError("--text says what --croissant describes; give both")
    facts = read_facts(open_build(arguments.build, EVERY), _tell)
    if arguments.croissant:
        value = as_croissant(facts, arguments.text.rstrip("/"))
        text = json.dumps(value, indent=1, ensure_ascii=False) + "\n"
    elif arguments.eu:
        text = as_eu_summary(facts)
    else:
        text = as_markdown(facts, arguments.top)
    with open_output(arguments.output, []) as out:
        out.write(text.encode("utf-8", "backslashreplace"))
    return 0


def _tell(done: int, parts: int) -> None:
    if sys.stderr.isatty():
        sys.stderr.write(f"\rcard  {done:,}/{parts:,} parts" + "\n" * (done == parts))
