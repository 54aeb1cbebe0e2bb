"""``massivetext check-sample``: a build of the embedded sample against its planted truth."""

import argparse
import sys
from pathlib import Path

from massivetext.sample.check.checks import check_sample

_SHOWN = 10  # failures of one check


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the command's arguments."""
    parser.add_argument("output", metavar="DIR", help="folder of the finished build")
    parser.add_argument("truth", metavar="TRUTH", help="truth.json of the sample")


def main(arguments: argparse.Namespace) -> int:
    """Prints a line for each check, and its first failures; returns 0 if all passed, else 1."""
    checks = check_sample(Path(arguments.output), Path(arguments.truth))
    lines = []
    for check in checks:
        lines.append(str(check))
        lines += [f"    {failure}" for failure in check.failures[:_SHOWN]]
        if len(check.failures) > _SHOWN:
            lines.append(f"    and {len(check.failures) - _SHOWN} more")
    failed = sum(bool(check.failures) for check in checks)
    verdict = f"{failed} of {len(checks)} checks FAILED" if failed else "all checks passed"
    sys.stdout.write("\n".join([*lines, f"self-check: {verdict}", ""]))
    return int(failed > 0)
