"""What a local worker process is: it lives no longer than the build, and holds the build's lock.

Its parent is the fork server, not the build, so the kernel tells it of the server's death alone
(PR_SET_PDEATHSIG). Of the build's death a pipe tells, of which the build has the only other end: a
thread waits there and ends the process, whatever the process is doing.
"""

import ctypes
import os
import signal
import tempfile
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from multiprocessing.reduction import DupFd
from typing import Any, Final

from massivetext.errors import MassiveTextError
from massivetext.pipelines.folder.lock import HeldLock
from massivetext.processes.lifetime import end_with_the_parent

_PR_SET_PDEATHSIG = 1
_PLACE: Final = 8  # bytes of a place in the file of places


class Turns:
    """Places from 0 on that workers share, each of which one of them takes.

    A file of the places in order, whose position the kernel moves for all who hold it open.
    Python's shared counters need named semaphores: one stays locked when a worker dies that holds
    it, and the tracker of their names is one more process to die.
    """

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def take(self) -> int | None:
        """Returns the next place, which no sibling takes; None when all are taken."""
        place = os.read(self._descriptor, _PLACE)
        return int.from_bytes(place, "little") if place else None

    def __reduce__(self) -> tuple[Any, ...]:
        """Sends a duplicate of the descriptor; only possible while a process is started."""
        return _receive, (DupFd(self._descriptor),)


def _receive(duplicate: Any) -> Turns:
    return Turns(duplicate.detach())


@contextmanager
def shared_turns(count: int) -> Iterator[Turns]:
    """Yields the turns of so many items; the file has no name and lasts as long as its users."""
    with tempfile.TemporaryFile() as file:
        file.write(b"".join(place.to_bytes(_PLACE, "little") for place in range(count)))
        file.seek(0)
        yield Turns(file.fileno())


class _Here:
    """What this worker was given: turns that it shares with its siblings, a share of the lock."""

    turns: Turns | None = None
    lock: HeldLock | None = None


def work(job: Callable[[], None], answer: Connection, turns: Turns, lock: HeldLock | None) -> None:
    """Is a worker: leaves Ctrl-C to the build, holds its lock, and dies when it does.

    Args:
      job: what it does.
      answer: takes None when that is done, or the error that ended it.
      turns: what `take_turn` takes.
      lock: the build's lock, which stays held until the last worker has ended.
    """
    _Here.turns, _Here.lock = turns, lock
    end_with_the_parent()
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    try:
        job()
    except Exception as error:  # noqa: BLE001  (all are the parent's to raise)
        if not isinstance(error, MassiveTextError):  # those say all in their line
            error.add_note("in a worker process:\n" + traceback.format_exc())
        try:
            answer.send(error)
        except Exception:  # noqa: BLE001  (it cannot be sent, for whatever reason)
            answer.send(RuntimeError(traceback.format_exc()))
    else:
        answer.send(None)


def take_turn() -> int | None:
    """Returns the place of the next item, which no sibling takes; None when none is left."""
    assert _Here.turns is not None, "only in a worker"
    return _Here.turns.take()
