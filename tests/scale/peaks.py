"""Peak memory of a command and of its workers, from the kernel's own high-water marks."""

import subprocess
import time
from pathlib import Path
from typing import NamedTuple

import psutil

PAUSE = 0.2  # seconds; marks only rise, so few are missed


class Peaks(NamedTuple):
    """Peak resident memory in bytes, and processor seconds of all processes."""

    parent: int
    worker: int  # of the largest child, 0 without children
    seconds: float


def run_measured(words: list[str], folder: Path) -> Peaks:
    """Runs a command in a folder to its end; returns its peaks."""
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE}
    process = subprocess.Popen(words, cwd=folder, text=True, **quiet)
    marks: dict[int, int] = {}
    times: dict[int, float] = {}
    while process.poll() is None:
        for pid in _family(process.pid):
            marks[pid] = max(marks.get(pid, 0), high_water(pid))
            times[pid] = max(times.get(pid, 0), seconds_of(pid))
        time.sleep(PAUSE)
    assert process.stderr is not None
    errors = process.stderr.read()
    assert process.returncode == 0, errors[-3000:]
    workers = [mark for pid, mark in marks.items() if pid != process.pid]
    return Peaks(marks.get(process.pid, 0), max(workers, default=0), sum(times.values()))


def _family(pid: int) -> list[int]:
    try:
        return [pid, *(child.pid for child in psutil.Process(pid).children(recursive=True))]
    except psutil.NoSuchProcess:
        return []


def high_water(pid: int) -> int:
    """Returns the peak resident memory of a process in bytes, 0 of one that is gone."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    found = [line.split()[1] for line in status.splitlines() if line.startswith("VmHWM:")]
    return int(found[0]) * 1024 if found else 0


def seconds_of(pid: int) -> float:
    """Returns the processor seconds of a process, 0 of one that is gone."""
    try:
        times = psutil.Process(pid).cpu_times()
    except psutil.NoSuchProcess:
        return 0.0
    return float(times.user + times.system)
