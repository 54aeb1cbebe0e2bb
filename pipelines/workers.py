"""Local worker processes that die: Beam's runner would wait for them for ever."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import grpc

from massivetext.errors import StageError

_THREAD = "run_worker"  # Beam's thread that waits for a worker process and raises when it dies
_INTERRUPTED = ("-2", "130")  # how a process ends that Ctrl-C reached, as it reaches us


@contextmanager
def watch_workers(stage: str) -> Iterator[None]:
    """Makes the death of a local worker process an error of the block.

    Beam hears of it in a thread of its own, which prints a traceback, and waits on. Here that
    thread interrupts the main thread, the only one that signals reach; elsewhere nothing changes.

    Raises:
      StageError: a worker process died, of a signal or for want of memory.
    """
    main, before = threading.main_thread(), threading.excepthook
    if threading.current_thread() is not main:
        yield
        return
    died: list[str] = []

    def note(error: Any) -> None:
        if isinstance(error.exc_value, grpc.RpcError):
            return  # a connection that broke: its cause is told otherwise
        if error.thread is None or error.thread.name != _THREAD:
            before(error)
            return
        died.append(str(error.exc_value).rsplit(" ", 1)[-1])
        if len(died) == 1 and died[0] not in _INTERRUPTED:
            signal.pthread_kill(main.ident or 0, signal.SIGINT)

    threading.excepthook = note
    try:
        yield
    except KeyboardInterrupt:
        if died and died[0] not in _INTERRUPTED:
            raise _death(stage, died[0]) from None
        raise
    finally:
        threading.excepthook = before


def _death(stage: str, code: str) -> StageError:
    return StageError(
        f"{stage}: a worker process died (exit code {code}; 137 or -9 often means that memory ran"
        " out); run the same command again, perhaps with fewer --workers: finished parts are kept"
    )
