"""Arguments of all commands that build."""

import argparse


def add_local_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds what each command has that builds: whether it may replace, and with how many workers."""
    parser.add_argument(
        "--replace",
        action="store_true",
        help="build in the place of a finished build of another recipe",
    )
    parser.add_argument(
        "--workers", type=_workers, metavar="N", help="local processes; default: all cores"
    )


def _workers(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of processes")
    return int(text)
