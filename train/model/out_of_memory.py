"""A device's memory that does not suffice is one line, with what to do."""

from collections.abc import Iterator
from contextlib import contextmanager

import jax

from massivetext.errors import StageError

_TOLD = ("RESOURCE_EXHAUSTED", "Out of memory")


@contextmanager
def fitting(what: str, advice: str) -> Iterator[None]:
    """Says in one line that what the block computes does not fit.

    Raises:
      StageError: it does not; `what` is its name, `advice` what would make it smaller.
    """
    try:
        yield
    except MemoryError as error:
        raise StageError(f"{what} does not fit the memory: {advice}") from error
    except jax.errors.JaxRuntimeError as error:
        if not any(word in str(error) for word in _TOLD):
            raise
        why = str(error).partition("\n")[0][:200]
        raise StageError(f"{what} does not fit the device: {advice} ({why})") from error
