"""``massivetext export-text``: the surviving documents of a build as JSON lines or Parquet."""

import argparse
import sys

from massivetext.errors import ConfigError
from massivetext.exports.run import Export, export_text
from massivetext.finished.build import FILTERING, SPLITS, open_build
from massivetext.processes.pool import all_cores

_COMPRESSED = {"none": "", "gz": ".gz", "zst": ".zst"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the command's arguments."""
    parser.add_argument("build", metavar="DIR", help="the output of a build; also gs:// and s3://")
    parser.add_argument(
        "-o", "--output", required=True, metavar="OUT", help="a folder; also gs:// and s3://"
    )
    parser.add_argument("--format", choices=("jsonl", "parquet"), default="jsonl")
    parser.add_argument(
        "--compress", choices=tuple(_COMPRESSED), help="JSON lines; default: gz (Parquet: zstd)"
    )
    parser.add_argument(
        "--shards", type=count, metavar="N", help="files; default: one for each part of the build"
    )
    parser.add_argument("--sources", default="", metavar="A,B", help="default: all")
    parser.add_argument("--split", choices=SPLITS, default="all", help="default: all")
    parser.add_argument("--workers", type=count, metavar="N", help="processes; default: all cores")


def count(text: str) -> int:
    """Returns a positive number.

    Raises:
      argparse.ArgumentTypeError: it is none.
    """
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1")
    return int(text)


def names(text: str) -> tuple[str, ...]:
    """Returns the names of a list with commas.

    >>> names("web, c4")
    ('web', 'c4')
    """
    return tuple(filter(None, (name.strip() for name in text.split(","))))


def main(arguments: argparse.Namespace) -> int:
    """Writes the shards that are missing, and prints what is there then."""
    if not arguments.output.rstrip("/"):
        raise ConfigError(f"--output: {arguments.output!r} names no folder of its own; name one")
    if arguments.format == "parquet" and arguments.compress:
        raise ConfigError("--compress is for JSON lines; Parquet compresses its columns itself")
    suffix = arguments.format
    if arguments.format == "jsonl":
        suffix += _COMPRESSED[arguments.compress or "gz"]
    asked = Export(
        arguments.output.rstrip("/"),
        arguments.format,
        suffix,
        arguments.split,
        names(arguments.sources),
        arguments.shards,
        arguments.workers or all_cores(),
    )
    stages = (*FILTERING, "tokens") if asked.split == "validation" else FILTERING
    counts = export_text(open_build(arguments.build, stages), asked)
    for source, documents in counts.items():
        sys.stdout.write(f"{source:<12}{documents:>14,} documents\n")
    total = sum(counts.values())
    sys.stdout.write(f"{'all':<12}{total:>14,} documents in {asked.folder}/text-*.{suffix}\n")
    return 0
