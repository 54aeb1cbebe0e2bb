"""A signal to stop is noted, never raised where it lands, and obeyed where the build looks."""

import os
import signal
import subprocess
import sys
import threading

import pytest

from massivetext.pipelines.folder.interrupts import SIGNALS, check_interrupt, remembered_interrupts


@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_is_obeyed_where_the_build_looks(number: signal.Signals) -> None:
    with remembered_interrupts():
        check_interrupt()
        os.kill(os.getpid(), number)
        with pytest.raises(KeyboardInterrupt):
            check_interrupt()
    check_interrupt()  # the note is forgotten with the block


def test_a_signal_in_a_destructor_is_not_lost_and_prints_nothing() -> None:
    class Falling:
        def __del__(self) -> None:
            os.kill(os.getpid(), signal.SIGINT)
            "a handler runs before this".upper()

    with remembered_interrupts():
        falling = Falling()
        del falling
        with pytest.raises(KeyboardInterrupt):
            check_interrupt()


def test_the_handlers_of_before_come_back_from_nested_blocks() -> None:
    before = [signal.getsignal(number) for number in SIGNALS]
    with remembered_interrupts():
        with remembered_interrupts():
            os.kill(os.getpid(), signal.SIGINT)
        with pytest.raises(KeyboardInterrupt):
            check_interrupt()  # an inner block forgets nothing
        assert [signal.getsignal(number) for number in SIGNALS] != before
    assert [signal.getsignal(number) for number in SIGNALS] == before


def test_a_second_signal_ends_the_process_at_once() -> None:
    program = (
        "import os, signal\n"
        "from massivetext.pipelines.folder.interrupts import remembered_interrupts\n"
        "with remembered_interrupts():\n"
        "    os.kill(os.getpid(), signal.SIGINT)\n"
        "    print('noted', flush=True)\n"
        "    os.kill(os.getpid(), signal.SIGTERM)\n"
        "    print('not here')\n"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert ended.returncode == 3
    assert ended.stdout == "noted\n"
    assert ended.stderr == "massivetext: stopped; rerun the same command to continue\n"


def test_other_threads_leave_signals_alone() -> None:
    found: list[bool] = []

    def work() -> None:
        before = signal.getsignal(signal.SIGINT)
        with remembered_interrupts():
            found.append(signal.getsignal(signal.SIGINT) is before)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert found == [True]
