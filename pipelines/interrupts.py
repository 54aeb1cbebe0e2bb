"""Ctrl-C during a build: it stops at once, or at the latest where the next stage would begin.

Python raises KeyboardInterrupt wherever the main thread happens to be, and some of what runs there,
such as a destructor or a library's callback, swallows it. So the request is remembered as well.
"""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class Interrupts:
    """Whether the user asked to stop."""

    requested = False

    def check(self) -> None:
        """Raises KeyboardInterrupt if the user asked to stop and that was swallowed."""
        if self.requested:
            raise KeyboardInterrupt


@contextmanager
def remembered_interrupts() -> Iterator[Interrupts]:
    """Yields what remembers Ctrl-C while the block lasts; in other threads it never happens."""
    interrupts = Interrupts()
    if threading.current_thread() is not threading.main_thread():
        yield interrupts
        return

    def stop(number: int, frame: FrameType | None) -> None:
        interrupts.requested = True
        signal.default_int_handler(number, frame)

    before = signal.signal(signal.SIGINT, stop)
    try:
        yield interrupts
    finally:
        signal.signal(signal.SIGINT, before)
