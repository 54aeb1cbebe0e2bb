"""How far a record's way is: functions and files before the first, changes of file for one.

python -m tests.support.hops [--list]

Counted by `sys.setprofile` in one process that builds stage 1 of 60 pages of a web archive with one
worker: each call of a function of this project, and each resumption of a generator of it. Left out
are comprehensions and lambdas, what runs because a module is imported, and the tables of the
kernels, which are loaded before. A function is a file and a name.

* **before**: the functions, and the files they stand in, until the first record is cut out of the
  archive: arguments, recipe, inputs, plan, lock, worker, reader.
* **part**: those of them in a worker: from its setting up, which loads the models.
* **record**: how often the file changes from the call that takes one record to the next such call.
  Of a short page, which the extractor's rules read; and of a long one, which its model reads.
"""

import argparse
import contextlib
import gzip
import io
import json
import os
import random
import sys
import tempfile
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from types import FrameType
from typing import NamedTuple

import massivetext
from massivetext.cli.main import main as command
from massivetext.text.kernels import find_kernels

PAGES = 60
SEEN = 20  # the record that is looked at: caches are warm by then
SHORT, LONG = 8, 40  # paragraphs of a page
TOP = Path(massivetext.__path__[0]).resolve().parent
WORDS = """
the of and to in that is was with for be have river house garden morning bread letter window teacher
market bridge winter mountain harbor village paper story music kitchen doctor station summer water
evening friend school answer question corner picture silver yellow quiet little distant careful
ordinary walked opened carried followed remembered noticed
"""

WRITE = "pipelines/stages/documents/write.py"
Call = tuple[str, str]  # the file of a function, below the checkout, and its name


class Hops(NamedTuple):
    """The counts of one run."""

    functions: int
    files: int
    part_functions: int
    part_files: int
    switches: int
    record_files: int


def pages(paragraphs: int) -> bytes:
    """Returns a web archive of pages, each in a gzip member of its own."""
    return b"".join(gzip.compress(_record(number, paragraphs)) for number in range(PAGES))


def _record(number: int, paragraphs: int) -> bytes:
    chosen, words = random.Random(number), WORDS.split()
    lines = (" ".join(chosen.choices(words, k=24)) for _ in range(paragraphs))
    text = "".join(f"<p>{line.capitalize()}.</p>" for line in lines)
    body = f"<html><head><title>Page {number}</title></head><body><article>{text}</article></body>"
    http = (
        "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n"
        f"Content-Length: {len(body)}\r\n\r\n{body}"
    )
    head = (
        "WARC/1.0\r\nWARC-Type: response\r\nWARC-Date: 2024-01-01T00:00:00Z\r\n"
        f"WARC-Target-URI: http://example.org/{number}\r\nWARC-Record-ID: <urn:uuid:{number}>\r\n"
        f"Content-Type: application/http; msgtype=response\r\nContent-Length: {len(http)}\r\n\r\n"
    )
    return f"{head}{http}\r\n\r\n".encode()


def trace(paragraphs: int, model: str) -> list[Call]:
    """Returns the calls of a build's stage 1 on pages of so many paragraphs.

    Args:
      paragraphs: of each page.
      model: path of the language model.
    """
    find_kernels()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "pages.warc.gz").write_bytes(pages(paragraphs))
        recipe = folder / "recipe.toml"
        recipe.write_text(
            f'root = "{folder}"\nmixture = {{web = 1.0}}\n[sources.web]\nfiles = ["*.warc.gz"]\n'
            f'[language_model]\npath = "{model}"\n'
        )
        words = ["documents", str(recipe), "--output", str(folder / "out"), "--workers", "1"]
        with noted() as calls, contextlib.redirect_stderr(io.StringIO()) as told:
            code = command(words)
        if code:
            raise SystemExit(told.getvalue())
        return calls


@contextlib.contextmanager
def noted() -> Iterator[list[Call]]:
    """Yields the list in which calls are noted while the block lasts."""
    calls: list[Call] = []
    sys.setprofile(_notes(calls))
    try:
        yield calls
    finally:
        sys.setprofile(None)


def _notes(calls: list[Call]) -> Callable[[FrameType, str, object], None]:
    files: dict[str, str] = {}

    def note(frame: FrameType, event: str, _: object) -> None:
        code = frame.f_code
        if event != "call" or code.co_name.startswith("<"):
            return
        file = files.get(code.co_filename)
        if file is None:
            file = files[code.co_filename] = _ours(code.co_filename)
        if file and not _imports(frame):
            calls.append((file, code.co_name))

    return note


def _ours(path: str) -> str:
    """Returns a file's path below the checkout, "" if it is not ours."""
    real = os.path.realpath(path)
    inside = not path.startswith("<") and real.startswith(f"{TOP}/") and "site-packages" not in real
    return real[len(str(TOP)) + 1 :] if inside else ""


def _imports(frame: FrameType | None) -> bool:
    """Returns whether a call is made because a module is being imported."""
    while frame is not None:
        if frame.f_code.co_filename.startswith("<frozen importlib"):
            return True
        frame = frame.f_back
    return False


def count(calls: list[Call]) -> Hops:
    """Returns the counts of one run."""
    first = next(n for n, (_, name) in enumerate(calls) if name == "read_frames")
    ready = next(n for n, call in enumerate(calls) if call == (WRITE, "setup"))
    record = record_of(calls)
    switches = sum(one[0] != other[0] for one, other in pairwise(record))
    before, part = set(calls[:first]), set(calls[ready:first])
    return Hops(
        *(len(before), len({file for file, _ in before})),
        *(len(part), len({file for file, _ in part})),
        *(switches, len({file for file, _ in record})),
    )


def record_of(calls: list[Call]) -> list[Call]:
    """Returns the calls of one record: from the one that takes it to the one of the next."""
    marks = [n for n, call in enumerate(calls) if call == (WRITE, "add")]
    return calls[marks[SEEN] : marks[SEEN + 1]]


def print_list(calls: list[Call]) -> None:
    """Prints the functions of a run by file: before the first record, then in a record's order."""
    first = next(n for n, (_, name) in enumerate(calls) if name == "read_frames")
    by_file: dict[str, dict[str, None]] = {}
    for file, name in calls[:first]:
        by_file.setdefault(file, {})[name] = None
    for file, names in by_file.items():
        print(f"{file}: {', '.join(names)}")
    last = ""
    for file, name in record_of(calls):
        print(f"\n> {file}: {name}" if file != last else f", {name}", end="")
        last = file
    print()


def main() -> None:
    """Prints the counts as JSON, or the list of what is counted."""
    parser = argparse.ArgumentParser(prog="python -m tests.support.hops", description=__doc__)
    parser.add_argument("--list", action="store_true", help="say which functions are counted")
    parser.add_argument("--paragraphs", type=int, default=SHORT, help="of a page")
    parser.add_argument("--language-model", default="", help="lid.176.ftz")
    chosen = parser.parse_args()
    calls = trace(chosen.paragraphs, chosen.language_model)
    if chosen.list:
        print_list(calls)
    print(json.dumps(count(calls)._asdict()))


if __name__ == "__main__":
    main()
