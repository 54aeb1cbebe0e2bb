"""Ctrl-C and SIGTERM during a build: a signal is remembered, and obeyed where the build looks.

Python would raise KeyboardInterrupt wherever the main thread happens to be. In a destructor, a
callback of a weak reference or a module that is being imported, that is printed and swallowed. So
the handler only takes a note; `check_interrupt` stands in every loop over records, blocks or waits.
"""

import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM)
STOPPED = 3  # the exit code of a run that can be resumed
_AGAIN = "massivetext: stopped; rerun the same command to continue\n"


class Note:
    """Whether this process was asked to stop; loops over records look at it without a call."""

    requested = False


def check_interrupt() -> None:
    """Raises KeyboardInterrupt if the user asked to stop; costs nothing in other processes."""
    if Note.requested:
        raise KeyboardInterrupt


def sleep_or_stop(seconds: float) -> None:
    """Sleeps, but raises KeyboardInterrupt within a tenth of a second if the user asks to stop."""
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        check_interrupt()
        time.sleep(min(left, 0.1))
    check_interrupt()


@contextmanager
def remembered_interrupts() -> Iterator[None]:
    """Takes note of signals to stop while the block lasts; in other threads it does nothing.

    A second signal ends the process at once: every stage can be resumed after any kill. Blocks may
    be nested; the outermost one forgets the note.
    """
    ours = signal.getsignal(signal.SIGINT) is _take_note
    if ours or threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, _take_note) for number in SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        Note.requested = False


def _take_note(number: int, frame: FrameType | None) -> None:
    if Note.requested:
        os.write(sys.__stderr__.fileno() if sys.__stderr__ else 2, _AGAIN.encode())
        os._exit(STOPPED)
    Note.requested = True
