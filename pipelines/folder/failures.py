"""What went wrong in a pipeline, found in the text that a runner makes of a worker's error."""

import re

from massivetext.errors import ConfigError, DamagedFile, MassiveTextError, StageError
from massivetext.pipelines.folder.stage import Stage

_WHERE = " [while running"  # what the runner adds to a worker's message
_KNOWN = re.compile(r"(ConfigError|StageError|RecordError): (.+?)(?: \[while running|\n|$)")
_DAMAGED = re.compile(
    r"(?:DamagedFile: |^)([^\n]+?)(?: \[while running [^\n]*?\])* is damaged \(([^\n)]*)\); build"
)
_SYSTEM = re.compile(r"\[Errno \d+\] (.+?)(?: \[while running|\n|$)")
_GONE = re.compile(r"\[Errno 2\] .*?'((.+)/[^/']+)'")
_FULL = re.compile(r"No space left on device|Disk quota exceeded")
_RAISED = re.compile(r"^(?:\w+\.)*\w*(?:Error|Exception|Exit|Interrupt)\b.*$", re.MULTILINE)


def explained(stage: Stage, error: Exception) -> Exception:
    """Returns the error of a stage's failed pipeline as one of ours where its cause is known."""
    text = str(error)
    if damaged := _DAMAGED.search(text):
        return DamagedFile(damaged.group(1), damaged.group(2))
    if isinstance(error, MassiveTextError):
        return type(error)(text.split(_WHERE, 1)[0])
    return _known(stage, text) or error


def _known(stage: Stage, text: str) -> Exception | None:
    name = stage.name
    if _FULL.search(text):
        return StageError(
            f"{name}: the disk is full; free some space and run the same command again,"
            " finished parts are kept"
        )
    known, system = _KNOWN.search(text), _SYSTEM.findall(text)
    if known:
        is_config = known.group(1) == "ConfigError"
        return ConfigError(known.group(2)) if is_config else StageError(f"{name}: {known.group(2)}")
    gone = _GONE.search(text)
    if gone and gone.group(2) in earlier_folders(stage):
        return StageError(
            f"{name}: {gone.group(1)} of an earlier stage is gone; delete the folder"
            f" {gone.group(2)}, and the same command rebuilds it"
        )
    if system:
        return StageError(f"{name}: {system[-1]}; fix that and run the same command again")
    return None


def earlier_folders(stage: Stage) -> set[str]:
    """Returns the folders of the stages before a stage.

    >>> earlier_folders(Stage("overlap", "out/overlap", "", earlier=("documents",)))
    {'out/documents'}
    """
    output = stage.folder.rpartition("/")[0]
    return {f"{output}/{name}" for name in stage.earlier}


def cause(text: str) -> str:
    r"""Returns the one line of a worker's message that says what happened.

    >>> cause('Traceback (most recent call last):\n  File "x.py", line 1\nOSError: no such file')
    'OSError: no such file'
    >>> cause("Workflow failed. Causes: quota exceeded")
    'Workflow failed. Causes: quota exceeded'
    """
    known = _KNOWN.search(text)
    if known:
        return known.group(2).strip()
    raised = _RAISED.findall(text) if "Traceback" in text else []
    return str(raised[-1]).strip() if raised else " ".join(text.split())
