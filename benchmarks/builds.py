"""Whole builds: with and without kernels, and in two processes against one.

The first takes JSON lines, the fastest input there is; the second the real files of all six
sources, as many copies of them as make the text, since what a second core is worth depends on how
much of a build is work on parts.
"""

import ctypes
import hashlib
import os
import resource
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from benchmarks.copies import write_copies
from benchmarks.corpus import find_data, write_corpus
from benchmarks.encoding import Speed
from benchmarks.path import WITHOUT, kept_bytes
from benchmarks.stages import MODEL
from massivetext.paper import SOURCES

_PR_SET_CHILD_SUBREAPER = 36
REAL = Path(__file__).parents[1] / "tests/real.toml"
COPY_MEGABYTES = 21  # of text that is kept of one copy of the real files
RECIPE = """
parts.batch_bytes = {batch}
vocabulary.size = 8_000
vocabulary.sample_bytes = 2_000_000
sequences.tokens = "max"
sequences.shards = 4
sequences.default_max_passes = {passes}
language_model.path = "{model}"
"""


class Built(NamedTuple):
    """What a build took in seconds, the bytes of text it kept, and a digest of its shards."""

    processor: float
    wall: float
    text: int
    digest: str


def measure_build(folder: Path, megabytes: int) -> Speed:
    """Returns the row of a whole build in one process, per processor second."""
    recipe = write_lines(folder, megabytes)
    plain = run_build(recipe, folder / "plain", 1, WITHOUT)
    ours = run_build(recipe, folder / "ours", 1, {})
    speeds = (build.text / 1e6 / build.processor for build in (ours, plain))
    return Speed("whole build, one process", *speeds, ours.digest == plain.digest)


def measure_processes(folder: Path, recipe: Path) -> Speed:
    """Returns the row of a whole build in two processes against one, by the clock."""
    one = run_build(recipe, folder / "one", 1, {})
    two = run_build(recipe, folder / "two", 2, {})
    label = "whole build, two processes against one (clock)"
    speeds = (build.text / 1e6 / build.wall for build in (two, one))
    return Speed(label, *speeds, two.digest == one.digest)


def write_real_or_lines(folder: Path, megabytes: int) -> Path:
    """Writes `write_real` where there are real data, else `write_lines`; returns the recipe."""
    data = find_data()
    return write_lines(folder, megabytes) if data is None else write_real(folder, data, megabytes)


def write_lines(folder: Path, megabytes: int) -> Path:
    """Writes a corpus of JSON lines of one source; returns its recipe."""
    write_corpus(folder / "input", megabytes, 16)
    settings = RECIPE.format(batch=1, passes=1, model=MODEL)
    sources = f'mixture.web = 1.0\nsources.web.files = ["{folder / "input"}/*.json"]\n'
    return _write_recipe(folder, settings + sources)


def write_real(folder: Path, data: Path, megabytes: int) -> Path:
    """Writes copies of the real files of all sources; returns their recipe."""
    write_copies(REAL, data, -(-megabytes // COPY_MEGABYTES), folder / "input")
    settings = RECIPE.format(batch=16_000_000, passes=8, model=MODEL)
    lines = [f'sources.{name}.files = ["{folder / "input" / name}/*"]\n' for name in SOURCES]
    return _write_recipe(folder, settings + "".join(lines))


def _write_recipe(folder: Path, text: str) -> Path:
    recipe = folder / "recipe.toml"
    recipe.write_text(text)
    return recipe


def run_build(recipe: Path, output: Path, workers: int, setting: dict[str, str]) -> Built:
    """Builds in a process of its own."""
    words = [sys.executable, "-m", "massivetext", "build", str(recipe)]
    words += ["--output", str(output), "--workers", str(workers)]
    before, start = _children(), time.monotonic()
    _adopt_orphans()
    subprocess.run(words, env=os.environ | setting, check=True, capture_output=True)
    wall = time.monotonic() - start
    _await_orphans()
    seconds = _children() - before, wall
    found = hashlib.sha256()
    for path in sorted((output / "sequences").glob("*.tfrecord-*")):
        found.update(path.read_bytes())
    return Built(*seconds, kept_bytes(output / "documents"), found.hexdigest())


def _adopt_orphans() -> None:
    """Makes this process the parent of what a build leaves: the server that forks its workers."""
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1)


def _await_orphans() -> None:
    """Waits for them, for only then their time, and that of the workers, is told."""
    with suppress(ChildProcessError):
        while True:
            os.wait()


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
