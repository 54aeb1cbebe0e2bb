"""``massivetext dedup``: which documents are copies, without writing a corpus."""

import argparse
import sys
from collections import Counter

import orjson

from massivetext.cli.files import documents_of, open_output, read_inputs
from massivetext.dedup.in_memory import dedup


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the command's arguments."""
    parser.add_argument("inputs", nargs="+", metavar="IN", help="JSON lines, Parquet or WARC")
    parser.add_argument("-o", "--output", default="-", metavar="OUT.jsonl", help="default: stdout")
    parser.add_argument("--seed", type=int, default=0, help="decides which of two copies stays")


def main(arguments: argparse.Namespace) -> int:
    """Writes one JSON object a removed document: id, twin, jaccard, kind (exact or near)."""
    documents = documents_of(read_inputs(arguments.inputs, "web"))
    with open_output(arguments.output, arguments.inputs) as out:
        kinds: Counter[str] = Counter()
        for removed in dedup(documents, arguments.seed):
            kinds[removed["kind"]] += 1
            out.write(orjson.dumps(removed, option=orjson.OPT_APPEND_NEWLINE))
    sys.stderr.write(f"to remove: {kinds['exact']:,} exact copies, {kinds['near']:,} near ones\n")
    return 0
