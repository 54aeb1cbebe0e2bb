"""Ctrl-C and SIGTERM before a command has begun, while it imports, and when it is done."""

import signal
import subprocess
import sys

import pytest

# The program as it is started, with a signal to itself at one moment.
_PROGRAM = """
import atexit, os, sys
number, moment = int(sys.argv[1]), sys.argv[2]
sys.argv[1:] = sys.argv[3:]

class AtImport:
    def find_spec(self, name, path=None, target=None):
        if name == moment:
            os.kill(os.getpid(), number)

if moment == "end":
    atexit.register(os.kill, os.getpid(), number)
else:
    sys.meta_path.insert(0, AtImport())
from massivetext.__main__ import run
sys.exit(run())
"""


def program(number: int, moment: str, *words: str) -> tuple[int, str, str]:
    """Returns how the program ended: its exit code, what it wrote and what it complained of."""
    command = [sys.executable, "-c", _PROGRAM, str(int(number)), moment, *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    return done.returncode, done.stdout, done.stderr


@pytest.fixture(params=[signal.SIGINT, signal.SIGTERM])
def number(request: pytest.FixtureRequest) -> int:
    return int(request.param)


def test_before_it_began(number: int) -> None:
    stopped = (3, "", "massivetext: stopped before it began\n")
    assert program(number, "massivetext.cli.main", "--version") == stopped


@pytest.mark.parametrize(
    ("command", "module", "ended"),
    [
        ("build", "pipelines.cli.build", (3, "stopped; rerun the same command to continue")),
        ("filter", "filters.cli", (1, "stopped; nothing was saved")),
    ],
)
def test_while_it_imports(number: int, command: str, module: str, ended: tuple[int, str]) -> None:
    code, said = ended
    stopped = (code, "", f"massivetext: {said}\n")
    assert program(number, f"massivetext.{module}", command, "--help") == stopped


def test_when_it_is_done(number: int) -> None:
    code, out, err = program(number, "end", "--version")
    assert (code, err) == (0, "")
    assert out
    assert program(number, "end", "build", "no-such-recipe.toml", "--output", "x")[0] == 2


def test_ctrl_c_of_another_command_is_left_alone() -> None:
    """A shell starts commands in the background with SIGINT ignored: it stays so."""
    ignored = "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)\n" + _PROGRAM
    command = [sys.executable, "-c", ignored, str(int(signal.SIGINT)), "massivetext.cli.main"]
    done = subprocess.run([*command, "--version"], capture_output=True, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (0, b"")
