"""One run per output directory.

Locally the kernel holds the lock and lets go of it when its owner dies, however it dies.
"""

import fcntl
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from massivetext.errors import ConfigError
from pipelines.files import is_local

LOCK = "run.lock"


@contextmanager
def only_run(output: str) -> Iterator[None]:
    """Holds the output directory for this run while the block lasts.

    Raises:
      ConfigError: another run that is alive holds it.
    """
    if not is_local(output):
        yield
        return
    path = Path(output) / LOCK
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            owner = file.read(200).strip() or "unknown"
            raise ConfigError(f"another run is writing to {output} ({owner})") from None
        file.truncate(0)
        file.write(f"process {os.getpid()} on {socket.gethostname()}\n")
        file.flush()
        yield
