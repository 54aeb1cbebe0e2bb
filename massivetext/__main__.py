"""The program ``massivetext``, also as ``python -m massivetext``: a command, and its signals."""

import sys

from massivetext.cli.import_path import leave_working_folder

if __name__ == "__main__":
    leave_working_folder()

import gc
import os
import signal
from collections.abc import Callable
from contextlib import suppress
from types import FrameType

_Handler = Callable[[int, FrameType | None], None]
_NOT_BEGUN = b"massivetext: stopped before it began\n"
_STOPPED = 3  # exit code: the same command can be run again
_NEW_OBJECTS = 10_000  # between two looks for circles; Python's 700 cost a start 20 ms


def run() -> int:
    """Runs the command of `sys.argv`; returns its exit code.

    Ctrl-C and SIGTERM do the same at any time. Before the command has begun there is nothing to
    lose, and once it is done nothing to stop: Python would print a traceback among its imports, and
    take the exit code of a build that is complete.
    """
    _answer_signals(_leave)
    gc.set_threshold(_NEW_OBJECTS)
    from massivetext.cli.main import main

    _answer_signals(signal.default_int_handler)
    try:
        code = main()
    except SystemExit as ended:  # argparse: help, or words that it does not know
        code = int(ended.code or 0)
        with suppress(OSError):  # a reader that has gone
            sys.stdout.flush()
    _answer_signals(lambda number, frame: os._exit(code))
    return code


def _answer_signals(handler: _Handler) -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        if signal.getsignal(number) != signal.SIG_IGN:  # as of a command in the background
            signal.signal(number, handler)


def _leave(number: int, frame: FrameType | None) -> None:
    os.write(2, _NOT_BEGUN)
    os._exit(_STOPPED)


if __name__ == "__main__":
    sys.exit(run())
