"""How far the processes of this machine have read their inputs, inside the parts at work.

Linux tells for each process where it stands in each of its open files, so neither readers nor
workers have to report, and nothing is written. Elsewhere nothing is known until a part is done.
"""

import os
from collections.abc import Iterable, Sequence

import psutil

from massivetext.corpus.parts import Part, Slice
from massivetext.storage.paths import is_local

_JUMPING = ("parquet",)  # formats that are not read from beginning to end


def shares_read(parts: Iterable[Part]) -> dict[str, float]:
    """Returns how much of each part's input was read, by stem; parts not at work are left out."""
    open_files = _positions()
    shares = {}
    for part in parts if open_files else ():
        read = 0 if part.format in _JUMPING else bytes_read(part.slices, open_files)
        if read:
            shares[part.stem] = min(1.0, read / max(1, part.bytes))
    return shares


def bytes_read(slices: Sequence[Slice], positions: dict[str, list[int]]) -> int:
    """Returns how many bytes of slices, read one after another, were read.

    Args:
      slices: of a part.
      positions: of open files, by path; a file may be open more than once.

    >>> first, last = Slice("a", "/a", 10, 50), Slice("b", "/b", 0, None, 30)
    >>> bytes_read([first, last], {"/a": [5, 30]}), bytes_read([first, last], {"/b": [7]})
    (20, 47)
    """
    read = before = 0
    for piece in slices:
        end = piece.size if piece.end is None else piece.end
        found = positions.get(os.path.realpath(piece.path), ()) if is_local(piece.path) else ()
        inside = [at - piece.start for at in found if piece.start < at <= end]
        if inside:
            read = before + max(inside)
        before += end - piece.start
    return read


def _positions() -> dict[str, list[int]]:
    """Returns where this process and those that it started stand in their files, by path."""
    found: dict[str, list[int]] = {}
    own = psutil.Process()
    for process in (own, *own.children(recursive=True)):
        try:
            files = process.open_files()
        except psutil.Error:  # it has ended by now
            continue
        for file in files:
            found.setdefault(file.path, []).append(getattr(file, "position", 0))
    return found
