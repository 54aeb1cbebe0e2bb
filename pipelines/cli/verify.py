"""``massivetext verify``: reads a build through, and derives some of its sequences anew."""

import argparse
import importlib
import sys

from massivetext.cli.export_text import count
from massivetext.pipelines.verify import verify_build


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of ``massivetext verify``."""
    parser.add_argument("output", metavar="DIR", help="the output of a build")
    parser.add_argument(
        "--rederive",
        type=count,
        default=0,
        metavar="N",
        help="derive N sequences, chosen by hash, from the raw inputs and compare them",
    )
    parser.add_argument("--seed", type=int, default=0, help="chooses other sequences")


def main(arguments: argparse.Namespace) -> int:
    """Prints what is damaged, or that nothing is; returns 1 where something is."""
    output = arguments.output.rstrip("/")
    found = verify_build(output)
    sys.stdout.writelines(f"{output}/{line}\n" for line in found.damaged)
    for stage in found.older:
        sys.stdout.write(f"{output}/{stage}: made by an older version, which kept no checksums\n")
    if found.damaged:
        count = len(found.damaged)
        sys.stdout.write(
            f"{count:,} file{'' if count == 1 else 's'} damaged;"
            " `massivetext build --verify` makes them again\n"
        )
        return 1
    sys.stdout.write(f"{output}: {found.files:,} files, {found.bytes:,} bytes, as written\n")
    if arguments.rederive > 0:
        audit = importlib.import_module("massivetext.pipelines.cli.rederive")
        return int(audit.main(output, arguments.rederive, arguments.seed))
    return 0
