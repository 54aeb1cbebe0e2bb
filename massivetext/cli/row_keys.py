"""The options of commands that read rows of which a user names the keys."""

import argparse

from massivetext.readers.rows.rows import COMMAND, Fields


def add_text_key(parser: argparse._ActionsContainer) -> None:
    """Adds ``--text-key``."""
    parser.add_argument(
        "--text-key",
        default="text",
        metavar="KEY",
        help="of rows, as in content or data.text; default: text",
    )


def add_row_keys(parser: argparse.ArgumentParser) -> None:
    """Adds ``--text-key`` and ``--id-key``."""
    add_text_key(parser)
    parser.add_argument("--id-key", default="id", metavar="KEY", help="of rows; default: id")


def named_fields(arguments: argparse.Namespace, fields: Fields = COMMAND) -> Fields:
    """Returns `fields` with the keys that the command line names; an id that it names must be."""
    required = (arguments.id_key,) if arguments.id_key != "id" else ()
    return fields._replace(text=arguments.text_key, id=arguments.id_key, required=required)
