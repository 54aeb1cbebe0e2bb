"""Builds that are killed at random moments, one process or all: none continues, none is left over.

`MASSIVETEXT_KILLS` says how many kills; each has its own seed, so a failure can be run again.
"""

import json
import os
import random
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import psutil
import pytest

from tests.faults.building import build, command, digests, leftovers

pytestmark = [pytest.mark.heavy, pytest.mark.timeout(1800)]
KILLS = int(os.environ.get("MASSIVETEXT_KILLS", "40"))
REAL_EVERY = 5  # one kill in so many is of a build of the real data
GONE_WITHIN = 2.0  # seconds after which nothing of a dead build is left
TIMES = {
    "seconds",
    "written",
    "redone_parts",
    "crc32c",
}  # of a manifest: what a resumed run has otherwise


class Corpus(NamedTuple):
    """A recipe with its words, and a finished build of it."""

    recipe: str
    words: list[str]
    done: Path
    seconds: float


@pytest.fixture(scope="module")
def corpora(tmp_path_factory: pytest.TempPathFactory, sample: Path) -> list[Corpus]:
    made = [Corpus("sample.toml", ["--set", f"root={sample}/input"], sample, 7.0)]
    root = Path(os.environ.get("MASSIVETEXT_REAL_DATA", "../shared/data")).resolve()
    if root.is_dir():
        output = tmp_path_factory.mktemp("real")
        words = ["--set", f"root={root}"]
        began = time.monotonic()
        build("tests/real.toml", output, *words)
        made.append(Corpus("tests/real.toml", words, output, time.monotonic() - began))
    return made


def family(session: int) -> list[psutil.Process]:
    """Returns all living processes of a session, the oldest first."""
    found = []
    for process in psutil.process_iter(["status"]):
        try:
            if os.getsid(process.pid) == session and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except (ProcessLookupError, psutil.NoSuchProcess):
            continue
    return found


def victims(session: int, draw: random.Random) -> tuple[str, Iterator[int]]:
    """Returns whom to kill: the build alone, a worker, the fork server, or the whole group."""
    others = [process.pid for process in family(session) if process.pid != session]
    kind = draw.choice(["build", "build", "worker", "server", "group"])
    if kind == "group" or (kind != "build" and not others):
        return "group", iter([-session])
    if kind == "build":
        return kind, iter([session])
    return kind, iter([others[-1] if kind == "worker" else others[0]])


def kill_once(corpus: Corpus, output: Path, draw: random.Random) -> str:
    """Starts a build, sends one signal, and waits until nothing of it is left; says what it did."""
    workers = draw.choice(["1", "2", "2"])
    process = subprocess.Popen(
        [*command(corpus.recipe, output, *corpus.words), "--workers", workers],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True,
    )  # fmt: skip
    time.sleep(draw.uniform(0.3, corpus.seconds))
    kind, pids = victims(process.pid, draw)
    number = draw.choice([signal.SIGKILL, signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
    for pid in pids:
        try:
            os.killpg(-pid, number) if pid < 0 else os.kill(pid, number)
        except ProcessLookupError:
            break
    out, _ = process.communicate(timeout=120)  # the pipe ends: nobody holds its other side
    text = out.decode(errors="replace")
    described = f"{number.name} to {kind}, {workers} workers, exit {process.returncode}: {text}"
    assert "Traceback" not in text, described
    if kind == "build" and number != signal.SIGKILL:
        assert process.returncode in (0, 3), described
    deadline = time.monotonic() + GONE_WITHIN
    while (left := family(process.pid)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not left, (described, [one.cmdline() for one in left])
    return described


def without_times(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: without_times(one) for key, one in value.items() if key not in TIMES}
    return [without_times(one) for one in value] if isinstance(value, list) else value


def manifest(output: Path) -> Any:
    return without_times(json.loads((output / "manifest.json").read_text()))


@pytest.mark.parametrize("seed", range(KILLS))
def test_killed_at_random_and_resumed(corpora: list[Corpus], tmp_path: Path, seed: int) -> None:
    draw = random.Random(seed)
    corpus = corpora[-1 if seed % REAL_EVERY == 0 else 0]
    described = [kill_once(corpus, tmp_path, draw) for _ in range(draw.randint(1, 2))]
    build(corpus.recipe, tmp_path, *corpus.words, "--workers", draw.choice(["1", "2"]))
    assert digests(tmp_path) == digests(corpus.done), described
    assert manifest(tmp_path) == manifest(corpus.done), described
    assert leftovers(tmp_path) == [], described
