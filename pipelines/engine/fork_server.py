"""The process that local workers are forked from: it imports Beam once, beside its parent."""

import multiprocessing
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import forkserver, resource_tracker
from typing import Final

CONTEXT: Final = multiprocessing.get_context("forkserver")
_SAFE = "PYTHONSAFEPATH"


def start_server() -> None:
    """Starts the server, unless it runs; it imports what workers need while its parent does too."""
    CONTEXT.set_forkserver_preload(["massivetext.pipelines.cli.preload"])
    with _safe_path():
        resource_tracker.ensure_running()  # apart, for it unblocks what is blocked meanwhile
        with _no_interrupt():
            forkserver.ensure_running()


@contextmanager
def _safe_path() -> Iterator[None]:
    """Keeps the working folder off the path of Python programs that start while the block runs.

    The server and its resource tracker are started with ``python -c``, which puts it first: a
    user's own ``struct.py`` would run in them.
    """
    before = os.environ.get(_SAFE)
    os.environ[_SAFE] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ[_SAFE]
        else:
            os.environ[_SAFE] = before


@contextmanager
def _no_interrupt() -> Iterator[None]:
    """Blocks Ctrl-C in programs that start while the block runs; ours gets it at its end.

    The server ignores it, but only once it has imported how: until then it would end in a
    traceback.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
