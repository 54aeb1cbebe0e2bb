"""``massivetext trace``: which bytes of which documents a training sequence is made of."""

import argparse
import json
import re
import sys
from typing import Any

from massivetext.errors import ConfigError
from massivetext.finished.taken_out import check_whole
from massivetext.pipelines.audit.finished_build import open_build
from massivetext.pipelines.audit.seen import sequences_with
from massivetext.pipelines.audit.trace import Trace, as_json, trace

_ID = re.compile(r"[0-9a-f]{32}")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of ``massivetext trace``."""
    parser.add_argument("output", metavar="DIR", help="the output of a build")
    parser.add_argument(
        "record",
        metavar="SHARD:RECORD|ID",
        help="a shard's file and a number from 0, or a document's id",
    )
    parser.add_argument("--json", action="store_true", help="print JSON")


def main(arguments: argparse.Namespace) -> int:
    """Prints the documents of a sequence; returns 1 where they do not give the sequence."""
    check_whole(arguments.output.rstrip("/"))
    if _ID.fullmatch(arguments.record):
        return _tell_document(arguments)
    shard, _, number = arguments.record.rpartition(":")
    if not shard or not number.isdecimal():
        raise ConfigError(f"{arguments.record}: expected SHARD:RECORD, a file and a number from 0")
    found = trace(open_build(arguments.output.rstrip("/")), shard, int(number))
    if arguments.json:
        sys.stdout.write(json.dumps(as_json(found), indent=1, ensure_ascii=False) + "\n")
    else:
        sys.stdout.writelines(f"{line}\n" for line in _lines(found))
    return int(not found.equal)


def _tell_document(arguments: argparse.Namespace) -> int:
    """Prints the sequences that have tokens of a document, or had them before it was taken out."""
    fate, sequences = sequences_with(open_build(arguments.output.rstrip("/")), arguments.record)
    if arguments.json:
        told = {"id": arguments.record, "fate": fate, "sequences": sequences}
        sys.stdout.write(json.dumps(told, indent=1) + "\n")
        return 0
    sys.stdout.write(f"{arguments.record}  {fate}, {len(sequences):,} sequences\n")
    sys.stdout.writelines(f"  {name}\n" for name in sequences)
    return 0


def _lines(found: Trace) -> list[str]:
    values = as_json(found)
    place = f"{values['shard']}:{values['record']}"
    head = f"{place}  {values['source']}, part {values['part']}, sequence {values['row']} of it"
    lines = [head, *(_line(document) for document in values["documents"])]
    if not found.equal:
        lines.append("these documents do not give the sequence: `massivetext verify` says more")
    return lines


def _line(document: dict[str, Any]) -> str:
    (first, last), (start, end) = document["tokens"], document["bytes"]
    names = ("file", "position", "url", "title")
    about = "  ".join(str(document[name]) for name in names if name in document)
    return (
        f"  tokens {first:,}-{last:,}  {document['id']}"
        f"  bytes {start:,}-{end:,} of {document['text_bytes']:,}  {about}".rstrip()
    )
