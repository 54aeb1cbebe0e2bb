"""Why a job failed, in one line: the last cause in a Java trace, and what to do about it."""

import re

from massivetext.errors import MassiveTextError, StageError
from massivetext.pipelines.folder.failures import cause, explained
from massivetext.pipelines.folder.stage import Stage

_CAUSED = re.compile(r"^\s*Caused by: (.+)$", re.MULTILINE)
_CLASS = re.compile(r"^(?:[\w$]+\.)+[\w$]+(?:Exception|Error|Throwable)(?:: |$)")
_PYTHON = "Traceback (most recent call last):"
_RAISED = re.compile(r"^(?:\w+\.)*\w+(?:: .*)?$", re.MULTILINE)  # frames begin with spaces
_AGAIN = "finished parts are kept, rerun the same command to continue"
_ADVICE = (
    (
        "number of network buffers",
        "set taskmanager.network.sort-shuffle.min-buffers: 64 in Flink's configuration, or raise"
        " taskmanager.memory.network.min and .max (docs/flink.md)",
    ),
    (
        r"docker",
        "name an image that has massivetext with --environment_config, or use"
        " --environment_type=PROCESS (docs/flink.md)",
    ),
    (
        r"[Pp]rocess died|exit (?:code|value)|Cannot run program|error=2",
        "the worker command does not start there: install massivetext on every worker, or name its"
        " massivetext-worker in --environment_config",
    ),
    (
        r"no longer reachable|[Hh]eartbeat of TaskManager|RemoteTransportException|NoResource",
        "a worker machine was lost or there are too few slots; look into the cluster's log",
    ),
    (
        r"startup of environment|environment_config|worker pool",
        "no worker answers at --environment_config; start a worker pool for each TaskManager",
    ),
)


def failure(stage: Stage, number: str, state: str, errors: list[str]) -> Exception:
    """Returns the error of a stage whose job has ended without success.

    Args:
      stage: the stage.
      number: the job's id.
      state: its last state.
      errors: what the job said, often a trace of hundreds of lines.
    """
    if state == "CANCELLED":
        return StageError(f"{stage.name}: job {number} was cancelled; {_AGAIN}")
    text = "\n".join(errors)
    known = explained(stage, RuntimeError(text))
    if isinstance(known, MassiveTextError):
        return known
    said = last_cause(text) or "it left no message; look into the runner's log"
    advice = next((words for pattern, words in _ADVICE if re.search(pattern, said)), "")
    middle = f"; {advice}" if advice else ""
    return StageError(f"{stage.name}: job {number} {state.lower()}: {said}{middle}; {_AGAIN}")


def last_cause(text: str) -> str:
    r"""Returns the last cause that a trace names, without the classes before it.

    >>> last_cause("a.b.JobException: failed\n\tat x\nCaused by: java.io.IOException: no buffers\n")
    'no buffers'
    >>> last_cause("Traceback (most recent call last):\nValueError: wrong")
    'ValueError: wrong'
    """
    _, of_python, trace = text.rpartition(_PYTHON)
    raised = _RAISED.search(trace) if of_python else None
    caused = _CAUSED.findall(text)
    if raised:  # what a worker raised, inside the runner's own trace
        return raised.group().split(" [while running")[0]
    said = caused[-1] if caused else cause(text)
    while short := _CLASS.match(said):
        if len(short.group()) == len(said):
            break
        said = said[short.end() :]
    return " ".join(said.split())[:500]
