"""``massivetext export-sequences``: the shards of a build as other trainers read them."""

import argparse
import sys

from massivetext.cli.export_text import count
from massivetext.errors import ConfigError
from massivetext.exports.sequences.plan import FORMATS, RECORDS
from massivetext.exports.sequences.run import SequencesExport, export_sequences
from massivetext.exports.sequences.source import open_source
from massivetext.extras import require
from massivetext.processes.pool import all_cores


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the command's arguments."""
    parser.add_argument(
        "build", metavar="DIR", help="a build, or its sequences/; local, gs://, s3://"
    )
    parser.add_argument(
        "-o", "--output", required=True, metavar="OUT", help="a folder; also gs:// and s3://"
    )
    parser.add_argument(
        "--format",
        required=True,
        choices=FORMATS,
        help="arrayrecord (grain, tfds), maxtext, megatron (.bin and .idx), npy, or bin (nanoGPT)",
    )
    parser.add_argument(
        "--shards", type=count, metavar="N", help="files of each split; default: as the build has"
    )
    parser.add_argument("--workers", type=count, metavar="N", help="processes; default: all cores")


def main(arguments: argparse.Namespace) -> int:
    """Writes the files that are missing, and prints what is there then."""
    folder = arguments.output.rstrip("/")
    if not folder:
        raise ConfigError(f"--output: {arguments.output!r} names no folder of its own; name one")
    if arguments.format in RECORDS:
        require("arrayrecord", f"--format {arguments.format}")
    workers = arguments.workers or all_cores()
    asked = SequencesExport(folder, arguments.format, arguments.shards, workers)
    counts = export_sequences(open_source(arguments.build), asked)
    for split, sequences in counts.items():
        sys.stdout.write(f"{split:<24}{sequences:>14,} sequences\n")
    sys.stdout.write(f"{'all':<24}{sum(counts.values()):>14,} sequences in {folder}\n")
    return 0
