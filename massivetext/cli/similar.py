"""``massivetext similar``: the documents of a build that are nearest to a text."""

import argparse
import sys
from pathlib import Path

import orjson

from massivetext.cli.export_text import count
from massivetext.errors import ConfigError
from massivetext.finished.build import open_build
from massivetext.similar.index import make_index
from massivetext.similar.search import Near, find_similar


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the command's arguments."""
    parser.add_argument("text", metavar="TEXT", help="a file of plain text; - for standard input")
    parser.add_argument("output", metavar="DIR", help="the output of a build; also gs:// and s3://")
    parser.add_argument("-n", type=count, default=10, help="documents at most; default: 10")
    parser.add_argument("--json", action="store_true", help="one JSON object a line, for programs")


def main(arguments: argparse.Namespace) -> int:
    """Prints the nearest documents, nearest first; none is no failure."""
    build, text = open_build(arguments.output), _read(arguments.text)
    made = make_index(build)
    if made:
        sys.stderr.write(f"indexed {made:,} part{'' if made == 1 else 's'} of {build.output}\n")
    found = find_similar(build, text, arguments.n)
    for near in found:
        if arguments.json:
            line = {"jaccard": near.jaccard, "fate": near.fate, **near.about}
            sys.stdout.buffer.write(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE))
        else:
            sys.stdout.write(f"{_line(near)}\n")
    if not found:
        sys.stderr.write("no document shares a shingle and a band of its signature with it\n")
    return 0


def _read(name: str) -> str:
    try:
        return sys.stdin.buffer.read().decode() if name == "-" else Path(name).read_text("utf-8")
    except OSError as error:
        why = (error.strerror or "cannot be read").lower()
        raise ConfigError(f"{name}: {why}; name a file of plain text, or - for input") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{name}: not UTF-8 text; convert it first") from error


def _line(near: Near) -> str:
    names = " ".join(str(near.about[n]) for n in ("source", "url", "title") if near.about.get(n))
    return f"{near.jaccard:.3f}  {near.fate:<10}  {near.id}  {' '.join(names.split())}".rstrip()
