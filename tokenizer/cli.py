"""``massivetext tokenize``: token ids of any text with a trained vocabulary."""

import argparse
from pathlib import Path

import orjson

from massivetext.cli.files import (
    NAME_KEY,
    add_row_keys,
    documents_of,
    named_fields,
    open_outputs,
    read_inputs,
)
from massivetext.errors import ConfigError
from massivetext.tokenizer.encode import Encoder
from massivetext.tokenizer.tokenizer import find_vocabulary


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the command's arguments."""
    parser.add_argument("inputs", nargs="+", metavar="IN", help="JSON lines, Parquet or WARC")
    parser.add_argument("-o", "--output", default="-", metavar="OUT.jsonl", help="default: stdout")
    parser.add_argument(
        "--vocabulary",
        required=True,
        metavar="MODEL",
        help="a .model file or a tokenizer.json, or its folder, or a build's",
    )
    parser.add_argument("--bare", action="store_true", help="no begin and end of document")
    add_row_keys(parser)


def main(arguments: argparse.Namespace) -> int:
    """Writes one JSON object a document: id and tokens."""
    try:
        encoder = Encoder.load(find_vocabulary(Path(arguments.vocabulary)))
    except ConfigError as error:
        raise ConfigError(f"--vocabulary: {error}") from error
    fields = named_fields(arguments)
    documents = documents_of(read_inputs(arguments.inputs, "web", fields, standard=True), NAME_KEY)
    with open_outputs({"-o": arguments.output}, arguments.inputs) as out:
        for document in documents:
            tokens = encoder.encode(document.text).tolist()
            whole = tokens if arguments.bare else [encoder.bos, *tokens, encoder.eos]
            line = {"id": document.id, "tokens": whole}
            out["-o"].write(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE))
    return 0
