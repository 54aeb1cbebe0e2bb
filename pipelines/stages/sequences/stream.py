"""Token files read as one stream, of which sequences are stretches."""

from bisect import bisect_right
from itertools import accumulate
from typing import BinaryIO, NamedTuple

import numpy as np
from numpy.typing import NDArray

from massivetext.pipelines.folder.sums import open_part_file

_TOKEN_BYTES = 2


class TokenStream(NamedTuple):
    """Token files end to end; sequence n begins at token n x step."""

    paths: tuple[str, ...]
    tokens: tuple[int, ...]  # of each file
    step: int

    def read(self, rows: NDArray[np.uint32], length: int) -> NDArray[np.uint16]:
        """Returns the sequences of the given numbers, (rows, length + 1), checked.

        Raises:
          DamagedFile: a file is not what was written.
        """
        found = np.empty((len(rows), length + 1), "<u2")
        reader = _Reader(self)
        try:
            for place in np.argsort(rows, kind="stable").tolist():
                found[place] = reader.read(int(rows[place]) * self.step, length + 1)
        finally:
            reader.close()
        return found

    def files_of(self, row: int, length: int) -> tuple[int, int, int]:
        """Returns the first file that a sequence is in, the one after the last, and its beginning.

        The beginning is counted from that of the first file.

        >>> TokenStream(("a", "b", "c"), (10, 3, 9), 4).files_of(2, 4)
        (0, 2, 8)
        >>> TokenStream(("a", "b", "c"), (10, 3, 9), 4).files_of(3, 4)
        (1, 3, 2)
        """
        ends = list(accumulate(self.tokens))
        begin, end = row * self.step, row * self.step + length + 1
        first = bisect_right(ends, begin)
        return first, bisect_right(ends, end - 1) + 1, begin - (ends[first - 1] if first else 0)


class _Reader:
    """Reads stretches of a stream; one file is open at a time."""

    def __init__(self, stream: TokenStream) -> None:
        self._stream = stream
        self._ends = list(accumulate(stream.tokens))
        self._open: tuple[int, BinaryIO] | None = None

    def read(self, start: int, count: int) -> NDArray[np.uint16]:
        pieces = []
        while count:
            number = bisect_right(self._ends, start)
            here = min(count, self._ends[number] - start)
            first = self._ends[number - 1] if number else 0
            pieces.append(self._read_file(number, start - first, here))
            start, count = start + here, count - here
        return np.concatenate(pieces)

    def _read_file(self, number: int, start: int, count: int) -> NDArray[np.uint16]:
        if self._open is None or self._open[0] != number:
            self.close()
            self._open = number, open_part_file(self._stream.paths[number])
        file = self._open[1]
        file.seek(start * _TOKEN_BYTES)
        return np.frombuffer(file.read(count * _TOKEN_BYTES), "<u2")

    def close(self) -> None:
        if self._open is not None:
            self._open[1].close()
            self._open = None
