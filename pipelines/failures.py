"""What went wrong in a pipeline, found in the text that a runner makes of a worker's error."""

import re

from massivetext.errors import StageError

_KNOWN = re.compile(r"(?:ConfigError|StageError|RecordError): (.+?)(?: \[while running|\n|$)")
_FULL = re.compile(r"No space left on device|Disk quota exceeded")
_RAISED = re.compile(r"^(?:\w+\.)*\w*(?:Error|Exception|Exit|Interrupt)\b.*$", re.MULTILINE)


def explained(name: str, error: Exception) -> Exception:
    """Returns the error of a failed pipeline as a `StageError` where its cause is known."""
    text = str(error)
    if _FULL.search(text):
        return StageError(
            f"{name}: the disk is full; free some space and run the same command again,"
            " finished parts are kept"
        )
    known = _KNOWN.search(text)
    return StageError(f"{name}: {known.group(1)}") if known else error


def cause(text: str) -> str:
    r"""Returns the one line of a worker's message that says what happened.

    >>> cause('Traceback (most recent call last):\n  File "x.py", line 1\nOSError: no such file')
    'OSError: no such file'
    >>> cause("Workflow failed. Causes: quota exceeded")
    'Workflow failed. Causes: quota exceeded'
    """
    known = _KNOWN.search(text)
    if known:
        return known.group(1).strip()
    raised = _RAISED.findall(text) if "Traceback" in text else []
    return str(raised[-1]).strip() if raised else " ".join(text.split())
