"""Imports that last: Beam brings a million objects, which no garbage collection need look at."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def lasting_imports() -> Iterator[None]:
    """Leaves what is imported inside out of all later collections, the one at exit among them.

    Saves half a second of every command's end, and copies of pages in forked processes.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
