"""``massivetext verify DIR --rederive N``: what came out of it, line by line."""

import sys

from massivetext.pipelines.audit.finished_build import open_build
from massivetext.pipelines.audit.rederive import rederive


def main(output: str, count: int, seed: int) -> int:
    """Prints the sequences that differ, and how many are equal; returns 1 where one differs."""
    equal = stored = total = 0
    gone: dict[str, None] = {}
    for found in rederive(open_build(output), count, seed):
        total, equal, stored = total + 1, equal + found.equal, stored + bool(found.gone)
        gone |= dict.fromkeys(found.gone)
        if not found.equal:
            where = f"{output}/sequences/{found.shard}:{found.record}"
            sys.stdout.write(f"{where} ({found.source}) is not what its documents give\n")
    if gone:
        more = f" and {len(gone) - 1:,} more" if len(gone) > 1 else ""
        sys.stdout.write(
            f"{stored:,} sequences derived from documents/ alone: the raw input"
            f" {next(iter(gone))}{more} is not there\n"
        )
    sys.stdout.write(f"{equal:,} of {total:,} sequences derived anew are equal\n")
    return int(equal < total)
