"""Crops waiting to be packed: their tokens in a file, 16 bytes of memory each."""

import tempfile
from array import array
from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

MEMORY_BYTES: Final = 32 << 20  # of tokens; more go to a temporary file


class Spool:
    """Arrays of tokens, given back in the order of the 64-bit hashes that they came with.

    The file has no name, so nothing is left behind by a process that is killed.
    """

    def __init__(self, folder: str | None = None, memory_bytes: int = MEMORY_BYTES) -> None:
        """Starts empty; the file goes to `folder`, or where temporary files go."""
        self._file = tempfile.SpooledTemporaryFile(memory_bytes, dir=folder)  # noqa: SIM115
        self._orders = array("Q")
        self._ends = array("Q")
        self._size = 0

    def add(self, order: int, tokens: NDArray[np.uint16]) -> None:
        """Takes the tokens of one crop."""
        self._file.write(tokens.tobytes())
        self._size += tokens.nbytes
        self._orders.append(order)
        self._ends.append(self._size)

    def orders(self) -> list[int]:
        """Returns the hashes of all arrays, the smallest first."""
        return sorted(self._orders)

    def ordered(self) -> Iterator[NDArray[np.uint16]]:
        """Yields all tokens, those of the smallest hash first, and empties the spool."""
        ends = np.frombuffer(self._ends, np.uint64).astype(np.int64)
        starts = np.concatenate([[0], ends[:-1]]) if len(ends) else ends
        for place in np.argsort(np.frombuffer(self._orders, np.uint64), kind="stable").tolist():
            self._file.seek(int(starts[place]))
            data = self._file.read(int(ends[place] - starts[place]))
            yield np.frombuffer(data, np.uint16)
        self.close()

    def close(self) -> None:
        """Lets go of everything."""
        self._file.close()
        self._orders, self._ends, self._size = array("Q"), array("Q"), 0
