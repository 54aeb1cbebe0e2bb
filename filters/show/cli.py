"""``massivetext show``: documents of a build, dropped or kept, to be read."""

import argparse
import sys
from itertools import islice

import orjson

from massivetext.cli.export_text import count, names
from massivetext.errors import ConfigError
from massivetext.filters.explain.terminal import WIDTH
from massivetext.filters.show.shown import show
from massivetext.finished.build import FILTERING, FinishedBuild, check_sources, open_build
from massivetext.finished.dropped import (
    Place,
    count_dropped,
    find_document,
    find_dropped,
    find_kept,
    stages_of,
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the command's arguments."""
    parser.add_argument("build", metavar="DIR", help="the output of a build; also gs:// and s3://")
    parser.add_argument("--reason", default="", help="those dropped for it first, as in the report")
    parser.add_argument("--stage", choices=FILTERING, help="those that it dropped")
    parser.add_argument("--kept", action="store_true", help="those that survive all stages")
    parser.add_argument("--id", default="", help="the one with this id")
    parser.add_argument("--source", default="", metavar="A,B", help="default: all")
    parser.add_argument("-n", type=count, default=5, help="how many; default: 5")
    parser.add_argument("--skip", type=_number, default=0, metavar="N", help="pass over the first")
    parser.add_argument(
        "--characters", type=count, default=1_000, metavar="N", help="of a text; default: 1,000"
    )
    parser.add_argument("--json", action="store_true", help="JSON lines with whole texts")


def _number(text: str) -> int:
    return 0 if text == "0" else count(text)


def main(arguments: argparse.Namespace) -> int:
    """Prints some documents, and how to see the next ones."""
    build = open_build(arguments.build)
    sources = check_sources(build, names(arguments.source))
    stages = _stages(build, arguments)
    if arguments.id:
        total, places = 1, [find_document(build, arguments.id)]
        first = 0
    else:
        found = find_kept(build, sources)
        total = sum(part.count("all") for part in build.parts if part.source in sources)
        if not arguments.kept:
            found = find_dropped(build, stages, sources, arguments.reason)
            total = count_dropped(build, stages, sources, arguments.reason)
        first = arguments.skip
        places = list(islice(found, first, first + arguments.n))
    for number, place in enumerate(places, first + 1):
        _print(build, place, f"{number:,} of {total:,}", arguments)
    if not arguments.id:
        _tell_more(total, first, len(places))
    return 0


def _stages(build: FinishedBuild, arguments: argparse.Namespace) -> tuple[str, ...]:
    """Returns the stages whose documents are asked for.

    Raises:
      ConfigError: what is asked for excludes each other, or is no reason.
    """
    asked = [name for name in ("reason", "stage") if getattr(arguments, name)]
    if asked and (arguments.kept or arguments.id):
        other = "--kept" if arguments.kept else "--id"
        raise ConfigError(
            f"--{asked[0]} is of dropped documents; leave it out or leave {other} out"
        )
    if arguments.kept and arguments.id:
        raise ConfigError("--id names one document; leave --kept out")
    stages = stages_of(build, arguments.reason)
    if arguments.stage is None:
        return stages
    return tuple(stage for stage in stages if stage == arguments.stage)


def _print(build: FinishedBuild, place: Place, of: str, arguments: argparse.Namespace) -> None:
    shown = show(build, build.recipe, place)
    out = sys.stdout.buffer
    if arguments.json:
        out.write(orjson.dumps(shown.as_json(), option=orjson.OPT_APPEND_NEWLINE))
        return
    title = f"── {of} "
    lines = [title + "─" * (WIDTH - len(title)), *shown.lines(arguments.characters), ""]
    out.write(("\n".join(lines) + "\n").encode("utf-8", "backslashreplace"))


def _tell_more(total: int, first: int, shown: int) -> None:
    sys.stdout.flush()
    if not shown:
        sys.stderr.write(f"none: {total:,} documents, {min(first, total):,} passed over\n")
    elif first + shown < total:
        sys.stderr.write(f"{total - first - shown:,} more; continue with --skip {first + shown}\n")
