"""``massivetext dedup``: which documents are copies: rows kept and dropped, or a list."""

import argparse
import gc
import sys
from collections import Counter
from collections.abc import Collection
from typing import Any

import orjson

from massivetext.cli.files import (
    INPUTS,
    NAME_KEY,
    add_row_keys,
    documents_of,
    named_fields,
    named_outputs,
    open_outputs,
    read_inputs,
)
from massivetext.dedup.in_memory import find_duplicates
from massivetext.document import Document
from massivetext.readers.rows.rows import Fields
from massivetext.readers.rows.whole import row_of

# Of a row as a document no more is asked for; rows that are written are carried whole.
_READ = Fields(id="id", url=(), timestamp=(), title="", source_id=())


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the command's arguments."""
    parser.add_argument("inputs", nargs="+", metavar="IN", help=INPUTS)
    parser.add_argument("--kept", metavar="FILE", help="rows that stay, as they were read")
    parser.add_argument(
        "--dropped", metavar="FILE", help="rows that go, with their twins' ids and Jaccard"
    )
    parser.add_argument(
        "-o",
        "--output",
        metavar="OUT.jsonl",
        help="ids that go, their twins' and Jaccard; standard output where no file is named",
    )
    parser.add_argument("--seed", type=int, default=0, help="decides which of two copies stays")
    add_row_keys(parser)


def main(arguments: argparse.Namespace) -> int:
    """Writes the rows that stay, those that go, and of these id, twin, jaccard, kind, as asked.

    The kind is exact or near.
    """
    gc.disable()  # rows make no circles; the collector would look through all of them again
    try:
        return _dedup(arguments)
    finally:
        gc.enable()


def _dedup(arguments: argparse.Namespace) -> int:
    outputs = named_outputs(arguments, {})
    fields = named_fields(arguments, _READ._replace(whole=outputs.keys() != {"-o"}))
    records = read_inputs(arguments.inputs, "web", fields, standard=True)
    with open_outputs(outputs, arguments.inputs) as out:
        documents = list(documents_of(records, NAME_KEY))
        gone = _gone(documents, arguments.seed)
        for place, document in enumerate(documents):
            found = gone.get(place)
            if found is not None and "-o" in out:
                out["-o"].write(_json({"id": document.id} | found))
            file = out.get("--kept" if found is None else "--dropped")
            if file is not None:
                file.write(_json(row_of(document, fields) | (found or {})))
    kinds = Counter(found["kind"] for found in gone.values())
    sys.stderr.write(f"to remove: {kinds['exact']:,} exact copies, {kinds['near']:,} near ones\n")
    if "-o" in out:
        _warn_of_ids(documents, gone)
    return 0


def _warn_of_ids(documents: list[Document], gone: Collection[int]) -> None:
    """Says that the list of ids names documents that stay too, where their ids are the same."""
    removed = {documents[place].id for place in gone}
    stay = sum(d.id in removed for place, d in enumerate(documents) if place not in gone)
    if stay:
        sys.stderr.write(
            f"ids to remove are also those of {stay:,} that stay; --kept FILE writes the rows that"
            " stay, whatever their ids\n"
        )


def _gone(documents: list[Document], seed: int) -> dict[int, dict[str, Any]]:
    """Returns twin, jaccard and kind of each document to remove, by its place."""
    return {
        found.dropped: {
            "twin": documents[found.twin].id,
            "jaccard": found.jaccard,
            "kind": found.kind,
        }
        for found in find_duplicates(documents, seed=seed)
    }


def _json(value: dict[str, Any]) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_APPEND_NEWLINE)
