"""Ctrl-C is not lost where something swallows the exception."""

import contextlib
import os
import signal
import threading

import pytest

from pipelines.interrupts import remembered_interrupts


def test_a_swallowed_interrupt_is_remembered() -> None:
    with remembered_interrupts() as interrupts:
        interrupts.check()
        with contextlib.suppress(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)
        with pytest.raises(KeyboardInterrupt):
            interrupts.check()


def test_the_handler_of_before_comes_back() -> None:
    before = signal.getsignal(signal.SIGINT)
    with remembered_interrupts():
        assert signal.getsignal(signal.SIGINT) is not before
    assert signal.getsignal(signal.SIGINT) is before


def test_other_threads_leave_signals_alone() -> None:
    found: list[bool] = []

    def work() -> None:
        before = signal.getsignal(signal.SIGINT)
        with remembered_interrupts() as interrupts:
            found.append(signal.getsignal(signal.SIGINT) is before and not interrupts.requested)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert found == [True]
