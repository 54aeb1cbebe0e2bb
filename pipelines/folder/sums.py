"""Files of a stage with their checksums: written with them, and checked when they are read.

The checksums of a part's files stand in its summary, ``part-….json``, under `SUMS`.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any, BinaryIO, cast

from massivetext.corpus.origins import STEM
from massivetext.errors import ConfigError, DamagedFile
from massivetext.storage.checked_file import CheckedFile
from massivetext.storage.checksums import (
    BLOCK_BYTES,
    FileSum,
    SummingFile,
    as_json,
    sums_of,
)
from massivetext.storage.files import delete_files, new_file, open_file
from massivetext.storage.json_files import read_json, write_summed_json

SUMS = "checksums"
_STEM = re.compile(STEM)


class Written:
    """The files that a part, shard or stage has written, with their sums."""

    def __init__(self) -> None:
        """Starts with none."""
        self._sums: list[FileSum] = []

    @contextmanager
    def new_file(self, path: str, block: int = BLOCK_BYTES) -> Iterator[IO[bytes]]:
        """Yields a file to be written in order, which appears and is summed at the block's end."""
        with new_file(path) as file:
            summing = SummingFile(file, block)
            yield cast("IO[bytes]", summing)
        self._sums.append(summing.sum(path.rpartition("/")[2]))

    def keep(self, found: FileSum) -> None:
        """Takes over the sum of a file that stays as it was."""
        self._sums.append(found)

    def delete(self, path: str) -> None:
        """Deletes a file that was written, for it holds nothing."""
        delete_files([path])
        name = path.rpartition("/")[2]
        self._sums = [found for found in self._sums if found.name != name]

    def write_summary(self, path: str, summary: dict[str, Any]) -> None:
        """Writes a summary, with the sums of all files that were written."""
        write_summed_json(path, summary | {SUMS: as_json(self._sums)})


def summed_files(summary: dict[str, Any]) -> list[FileSum]:
    """Returns the sums that a summary or manifest holds; none of an older version's."""
    return sums_of(summary.get(SUMS, ()))


def part_stem(name: str) -> str:
    """Returns the stem of the part that a file belongs to, empty for none.

    >>> part_stem("validation-part-00003.tokens"), part_stem("shuffled.json")
    ('part-00003', '')
    """
    found = _STEM.search(name)
    return found.group() if found else ""


def open_part_file(path: str) -> BinaryIO:
    """Returns an open file of a part; what is read of it is checked against the part's summary.

    A file of which no summary tells is read as it is: a stage may keep no sums.

    Raises:
      FileNotFoundError: it is not there.
      DamagedFile: it, or the summary, is not what was written; reading raises that too.
    """
    folder, _, name = path.rpartition("/")
    return open_summed(path, f"{folder}/{part_stem(name)}.json")


def open_summed(path: str, summary: str) -> BinaryIO:
    """Returns an open file that is checked against the sums in the summary at another path."""
    name = path.rpartition("/")[2]
    try:
        known = {found.name: found for found in summed_files(read_json(summary) or {})}
    except ConfigError as error:
        raise DamagedFile(summary, "not JSON") from error
    file = open_file(path)
    if name not in known:
        return file
    try:
        checked = CheckedFile(file, known[name], path)
    except DamagedFile:
        file.close()
        raise
    return cast("BinaryIO", checked)
