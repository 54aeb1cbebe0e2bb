"""Processes of an export end with it, however it ends."""

import os
import signal
import subprocess
import sys
import time

import psutil
import pytest

from massivetext.processes.pool import each_written

_WAITING = """
import time
from massivetext.processes.pool import each_written
if __name__ == "__main__":
    list(each_written(time.sleep, [60, 60, 60], 2))
"""
_SECONDS = 20  # on a busy machine; the processes end at once


def workers_of(process: "subprocess.Popen[bytes]") -> list[psutil.Process]:
    """Returns the two workers, once both are at work (Python's tracker of semaphores apart)."""
    deadline = time.monotonic() + _SECONDS
    while time.monotonic() < deadline:
        children = psutil.Process(process.pid).children()
        found = [one for one in children if "spawn_main" in " ".join(one.cmdline())]
        if len(found) == 2 and all(one.num_threads() > 1 for one in found):
            return found
        time.sleep(0.05)
    raise AssertionError("no workers")


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_no_worker_outlives_its_parent(number: signal.Signals) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", _WAITING], stderr=subprocess.DEVNULL, start_new_session=True
    )
    try:
        workers = workers_of(process)
        process.send_signal(number)
        process.wait()
        gone, alive = psutil.wait_procs(workers, timeout=_SECONDS)
        assert (len(gone), alive) == (2, [])
    finally:
        for one in psutil.process_iter():
            if one.pid != process.pid and os.getsid(one.pid) == process.pid:
                one.kill()


def test_what_each_returns() -> None:
    assert list(each_written(abs, [-3, 2], 1)) == [3, 2]
    assert sorted(each_written(abs, [-3, 2, -1], 2)) == [1, 2, 3]
