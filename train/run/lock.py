"""One run per folder: the kernel holds the lock, and lets go of it however its owner ends."""

import errno
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager

import jax

from massivetext.errors import ConfigError
from massivetext.storage.paths import is_local, local_path

# What file systems say that lock no folders, as some network ones: a run goes on without.
_UNLOCKED = (errno.EBADF, errno.EINVAL, errno.ENOLCK, errno.ENOTSUP)


@contextmanager
def only_run(output: str) -> Iterator[None]:
    """Holds a local output folder while the block lasts; the folder is made.

    The folder itself is locked, so nothing is written into it. Of several hosts the first holds it.

    Raises:
      ConfigError: another run that is alive holds it.
    """
    if not is_local(output) or jax.process_index():
        yield
        return
    folder = local_path(output)
    folder.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        _take(descriptor, output)
        yield
    finally:
        os.close(descriptor)


def _take(descriptor: int, output: str) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise ConfigError(
            f"another run is writing to {output}; wait for its end, or name another --output"
        ) from error
    except OSError as error:
        if error.errno not in _UNLOCKED:
            raise
