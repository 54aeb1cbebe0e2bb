"""How local processes take parts, and what becomes of work that fails there."""

import os
import signal
import sys
import threading
import time
import warnings
from functools import partial
from pathlib import Path
from typing import Any

import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st

from massivetext.corpus.parts import Part
from massivetext.errors import ConfigError, StageError
from massivetext.pipelines.engine.processes import run_spread
from massivetext.pipelines.engine.run_parts import largest_first
from massivetext.pipelines.engine.runner import Execution
from massivetext.pipelines.flow import flow
from massivetext.pipelines.folder.stage import Stage


def parts_of(sizes: list[int], form: str = "jsonl") -> list[Part]:
    return [Part(n, "web", form, (), size) for n, size in enumerate(sizes)]


@given(st.lists(st.integers(0, 100)))
def test_large_parts_go_first(sizes: list[int]) -> None:
    ordered = largest_first(parts_of(sizes))
    assert sorted(part.number for part in ordered) == list(range(len(sizes)))
    assert [part.bytes for part in ordered] == sorted(sizes, reverse=True)


@pytest.mark.parametrize(("size", "first"), [(25, 0), (26, 1)])
def test_a_byte_of_a_dump_counts_as_four(size: int, first: int) -> None:
    plain = Part(0, "web", "jsonl", (), 100)
    dump = Part(1, "wikipedia", "wiki-xml", (), size)
    assert largest_first([dump, plain])[0].number == first


def add_writing(parts: Any, folder: str) -> None:
    _ = parts | flow.mapped(write_process, folder)


def write_process(part: Part, folder: str) -> None:
    """Writes, for a part, the process that it was for; each part is taken once."""
    with (Path(folder) / str(part.number)).open("x") as file:
        file.write(str(os.getpid()))


class UnsendableError(Exception):
    """Holds what no pipe takes."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.lock = threading.Lock()


def add_failing(parts: Any, how: str) -> None:
    _ = parts | flow.mapped(fail, how)


def fail(part: Part, how: str) -> None:
    if part.number == 2 and how == "dies":
        os.kill(os.getpid(), signal.SIGKILL)
    if part.number == 2 and how == "cannot be sent":
        raise UnsendableError("part 2")
    if part.number == 2 and how == "leaves":
        sys.exit(1)
    if part.number == 2:
        raise ConfigError("part 2 is wrong")


def test_parts_run_in_other_processes(tmp_path: Path) -> None:
    stage, parts = Stage("documents", str(tmp_path), "k"), parts_of([1] * 5)
    run_spread(stage, partial(add_writing, folder=str(tmp_path)), parts, Execution(workers=2))
    found = {path.name: path.read_text() for path in tmp_path.iterdir()}
    assert sorted(found) == ["0", "1", "2", "3", "4"]
    assert str(os.getpid()) not in found.values()


def add_meeting(parts: Any, folder: str) -> None:
    _ = parts | flow.mapped(meet, folder)


def meet(part: Part, folder: str) -> None:
    """Part 0 ends only when all others have: one process must do all these meanwhile."""
    others = [Path(folder) / str(number) for number in range(1, 20)]
    while part.number == 0 and not all(path.exists() for path in others):
        time.sleep(0.01)
    write_process(part, folder)


def test_whoever_is_free_takes_the_next_part(tmp_path: Path) -> None:
    stage, parts = Stage("documents", str(tmp_path), "k"), parts_of([1] * 20)
    run_spread(stage, partial(add_meeting, folder=str(tmp_path)), parts, Execution(workers=2))
    assert len({path.read_text() for path in tmp_path.iterdir()}) == 2


@pytest.mark.parametrize(
    ("how", "error", "message"),
    [
        ("dies", StageError, "documents: a worker process died"),
        ("raises", ConfigError, "^part 2 is wrong$"),
        ("cannot be sent", RuntimeError, "UnsendableError: part 2"),
        ("leaves", StageError, "documents: a worker process died"),
    ],
)
def test_failures_are_errors_of_the_stage(
    tmp_path: Path, how: str, error: type[Exception], message: str
) -> None:
    stage, parts = Stage("documents", str(tmp_path), "k"), parts_of([1] * 4)
    with pytest.raises(error, match=message):
        run_spread(stage, partial(add_failing, how=how), parts, Execution(workers=2))


def test_the_death_of_the_server_while_it_starts_workers(tmp_path: Path) -> None:
    stage, parts = Stage("documents", str(tmp_path), "k"), parts_of([1] * 5)
    add = partial(add_writing, folder=str(tmp_path))
    run_spread(stage, add, parts, Execution(workers=2))
    started = psutil.Process().children()
    server = next(one for one in started if "forkserver" in " ".join(one.cmdline()))
    server.suspend()  # it takes the order for a worker, and never answers
    killing = threading.Timer(0.5, server.kill)
    killing.start()
    with pytest.raises(StageError, match="documents: a worker process died"):
        run_spread(stage, add, parts, Execution(workers=2))
    killing.join()
    # Its pipes close, and it is called a zombie, before its last thread has ended.
    os.waitid(os.P_PID, server.pid, os.WEXITED | os.WNOWAIT)
    for path in tmp_path.iterdir():
        path.unlink()
    run_spread(stage, add, parts, Execution(workers=2))  # by another server
    assert len(list(tmp_path.iterdir())) == 5


def add_killing_the_tracker(parts: Any, folder: str) -> None:
    _ = parts | flow.mapped(kill_the_tracker, folder)


def kill_the_tracker(part: Part, folder: str) -> None:
    """Kills, with the first part, the process in which Python tracks names of semaphores."""
    if part.number == 0:
        server = psutil.Process(os.getppid())
        siblings = server.parent().children() if server.parent() else []
        found = [one for one in siblings if any("resource_tracker" in w for w in one.cmdline())]
        assert found
        found[0].kill()
    write_process(part, folder)


def test_the_death_of_pythons_tracker_is_not_noticed(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    stage, parts = Stage("documents", str(tmp_path), "k"), parts_of([1] * 5)
    add = partial(add_killing_the_tracker, folder=str(tmp_path))
    run_spread(stage, add, parts, Execution(workers=2))
    assert len(list(tmp_path.iterdir())) == 5
    with warnings.catch_warnings():
        # Python starts another with a warning of its own, once, when the next worker is started.
        warnings.filterwarnings("ignore", "resource_tracker: process died", UserWarning)
        again = tmp_path / "again"
        again.mkdir()
        run_spread(stage, partial(add_writing, folder=str(again)), parts, Execution(workers=2))
    assert len(list(again.iterdir())) == 5
    assert capfd.readouterr().err == ""
