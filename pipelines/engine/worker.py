"""What a local worker process is: it lives no longer than the build, and holds the build's lock.

Its parent is the fork server, not the build, so the kernel tells it of the server's death alone
(PR_SET_PDEATHSIG). Of the build's death a pipe tells, of which the build has the only other end: a
thread waits there and ends the process, whatever the process is doing.
"""

import ctypes
import multiprocessing
import os
import signal
import threading
from multiprocessing.connection import wait
from multiprocessing.sharedctypes import Synchronized

from massivetext.pipelines.folder.lock import HeldLock

_PR_SET_PDEATHSIG = 1
_ORPHANED = 3  # exit code; nobody is left to look at it


class _Here:
    """What this worker was given: its siblings' common counter, and a share of the lock."""

    turn: "Synchronized[int] | None" = None
    lock: HeldLock | None = None


def begin(turn: "Synchronized[int]", lock: HeldLock | None) -> None:
    """Readies a worker: leaves Ctrl-C to the build, holds its lock, and dies when it does.

    Args:
      turn: how many items this worker and its siblings have taken.
      lock: the build's lock, which stays held until the last worker has ended.
    """
    _Here.turn, _Here.lock = turn, lock
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    threading.Thread(target=_end_with_the_build, daemon=True).start()


def _end_with_the_build() -> None:
    build = multiprocessing.parent_process()
    assert build is not None, "only in a worker"
    wait([build.sentinel])
    os._exit(_ORPHANED)


def take_turn() -> int:
    """Returns the number of the next item, which no sibling takes."""
    assert _Here.turn is not None, "only in a worker"
    with _Here.turn.get_lock():
        place: int = _Here.turn.value
        _Here.turn.value += 1
    return place
