"""A worker process lives no longer than the process that it works for."""

import multiprocessing
import os
import signal
import threading
from multiprocessing.connection import wait
from typing import Final

_ORPHANED: Final = 3  # exit code; nobody is left to look at it


def end_with_the_parent() -> None:
    """Leaves Ctrl-C to the process that started this one, and ends as soon as that has ended.

    A pipe tells of its death, of which it has the only other end: a thread waits there and ends
    this process, whatever it is doing.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_wait_for_the_end, daemon=True).start()


def _wait_for_the_end() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None, "only in a worker"
    wait([parent.sentinel])
    os._exit(_ORPHANED)
