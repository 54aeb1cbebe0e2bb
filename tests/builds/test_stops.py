"""Builds that are stopped, starved of disk or started twice: nothing is lost."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from tests.faults.building import digests
from tests.support.commands import (
    json_lines,
    one_line,
    run,
    stage,
)

pytestmark = pytest.mark.xdist_group("stops")


@contextmanager
def small_disk(folder: Path, size: str, *options: str) -> Iterator[Path]:
    """Yields a folder on a disk of its own."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", ",".join((f"size={size}", *options)), "tmpfs", folder]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("mounting a small disk needs the rights of root")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


HEAVY = pytest.mark.heavy


@pytest.mark.parametrize(
    "size",
    [
        pytest.param("40k", marks=HEAVY),
        "300k",
        *(pytest.param(s, marks=HEAVY) for s in ("650k", "800k")),
    ],
)
def test_a_full_disk_is_said_in_one_line_and_resumed(
    recipe: Path, done: Path, tmp_path: Path, size: str
) -> None:
    with small_disk(tmp_path / "disk", size) as disk:
        finished = run("build", recipe, "--output", disk / "out")
        assert finished.code == 1
        assert "disk is full" in one_line(finished) or "No space left" in one_line(finished)
        assert not list(disk.rglob("*.tmp-*"))
        subprocess.run(["mount", "-o", "remount,size=100m", disk], check=True)
        finished = run("build", recipe, "--output", disk / "out")
        assert finished.code == 0, finished.err
        assert digests(disk / "out") == digests(done)


def test_a_read_only_output_is_said_in_one_line(recipe: Path, tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", "1m", "ro") as disk:
        finished = run("build", recipe, "--output", disk / "out")
    assert finished.code == 1
    assert one_line(finished).endswith("disk/out: Read-only file system")


def started(recipe: Path, output: Path, *more: str) -> "subprocess.Popen[str]":
    words = [sys.executable, "-m", "massivetext", "build", recipe, "--output", output, *more]
    return subprocess.Popen(
        words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )


def wait_for(path: Path, process: "subprocess.Popen[str]") -> None:
    while not path.exists():
        assert process.poll() is None, process.communicate()
        time.sleep(0.01)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize(
    "before", [pytest.param("run.lock", marks=HEAVY), "documents/manifest.json"]
)
def test_interrupted_runs_go_on(
    recipe: Path, done: Path, tmp_path: Path, before: str, number: signal.Signals
) -> None:
    process = started(recipe, tmp_path / "out")
    wait_for(tmp_path / "out" / before, process)
    process.send_signal(number)
    _, err = process.communicate()
    assert process.returncode == 3
    assert err.splitlines()[-1] == "massivetext: stopped; rerun the same command to continue"
    assert "Traceback" not in err
    assert run("build", recipe, "--output", tmp_path / "out").code == 0
    assert digests(tmp_path / "out") == digests(done)


@pytest.mark.parametrize("workers", [1, 2])
def test_an_interrupt_in_the_middle_of_a_part(recipe: Path, tmp_path: Path, workers: int) -> None:
    """Beam turns it into an error of its own where the step runs in the parent."""
    (tmp_path / "long.jsonl").write_bytes(json_lines(*range(4_000)))
    (tmp_path / "longer.jsonl").write_bytes(json_lines(*range(4_000, 8_000)))
    output = tmp_path / "out"
    words = ("--set", f'sources.c4.files=["{tmp_path}/*.jsonl"]', "--workers", str(workers))
    process = started(recipe, output, *words)
    while not list(output.glob("documents/part-*.tmp-*")):
        assert process.poll() is None, process.communicate()
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 3, err
    assert err.splitlines()[-1] == "massivetext: stopped; rerun the same command to continue"
    assert "Traceback" not in err


def test_an_early_interrupt_reaches_the_processes_of_workers_too(
    recipe: Path, tmp_path: Path
) -> None:
    """As a terminal sends it: to all processes, while the workers' server imports."""
    process = started(recipe, tmp_path / "out", "--workers", "2")
    while not psutil.Process(process.pid).children():  # the server is the first of them
        assert process.poll() is None, process.communicate()
        time.sleep(0.01)
    time.sleep(0.2)
    os.killpg(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 3, err
    assert "Traceback" not in err


@pytest.mark.heavy
def test_a_dead_worker_process_ends_the_run_which_goes_on(recipe: Path, tmp_path: Path) -> None:
    (tmp_path / "c4").mkdir()
    for part in range(4):
        lines = json_lines(*range(2_000 * part, 2_000 * part + 2_000))
        (tmp_path / "c4" / f"{part}.jsonl").write_bytes(lines)
    output = tmp_path / "out"
    words = ("--set", f'sources.c4.files=["{tmp_path}/c4/*"]', "--workers", "2")
    process = started(recipe, output, *words)
    while not list(output.glob("documents/part-*.tmp-*")):
        assert process.poll() is None, process.communicate()
        time.sleep(0.01)
    family = psutil.Process(process.pid).children(recursive=True)
    next(child for child in reversed(family) if child.name().startswith("python")).kill()
    _, err = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "documents: a worker process died, " in err.splitlines()[-1]
    assert "Traceback" not in err
    assert run("documents", recipe, "--output", output, *words).code == 0
    assert stage(output, "documents")["sources"]["c4"]["kept"] == 8_000
    assert not list(output.rglob("*.tmp-*"))


def test_the_second_of_two_runs_is_refused_and_a_dead_owner_is_not(
    recipe: Path, done: Path, tmp_path: Path
) -> None:
    output = tmp_path / "out"
    process = started(recipe, output)
    wait_for(output / "documents", process)
    second = run("build", recipe, "--output", output)
    process.kill()
    process.communicate()
    assert second.code == 2
    assert one_line(second).startswith(f"massivetext: another run is writing to {output} (process ")
    assert str(process.pid) in one_line(second)
    assert run("build", recipe, "--output", output).code == 0
    assert digests(output) == digests(done)
    assert not list(output.rglob("*.tmp-*"))
