"""The names that a stage gives to its files: what makes a part whole, and what a run may clear."""

import re
from functools import lru_cache
from typing import NamedTuple

from massivetext.corpus.origins import STEM

MANIFEST = "manifest.json"
FILES = "files.parquet"
INPUTS = "inputs.json"  # beside the stages' folders, as the build's own manifest
REPORT = "report/index.html"

_EVERY_STAGE = (STEM + r"\.json", r"manifest\.json", r"files\.parquet")


class FileNames(NamedTuple):
    """The names of a stage's files; ``{}`` is a part's stem, such as ``part-9bff1b0e2c24dfb8``.

    Every part also leaves its summary, ``part-….json``, and a summary may name a file itself.
    Whatever else lies in a stage's folder is not ours to delete.
    """

    of_part: tuple[str, ...] = ()  # besides its summary; a part without them is not done
    of_some_parts: tuple[str, ...] = ()
    others: tuple[str, ...] = ()  # regular expressions
    record: str = ""  # one of them, with checksums of more: they outlast a run of the same key
    halves: tuple[tuple[str, "FileNames"], ...] = ()  # of folders beside the stage's, by suffix

    def needed(self, stem: str) -> set[str]:
        """Returns the files without which a part is not done.

        >>> sorted(FileNames(("{}.parquet", "dropped-{}.parquet")).needed("part-00003"))
        ['dropped-part-00003.parquet', 'part-00003.parquet']
        """
        return {name.format(stem) for name in self.of_part}

    def kept(self, stem: str) -> set[str]:
        """Returns the files that a part may have, its summary among them."""
        names = (*self.of_part, *self.of_some_parts, "{}.json")
        return {name.format(stem) for name in names}

    def are_own(self, name: str) -> bool:
        r"""Returns whether a run of the stage gives this name, or gave it to a file not yet whole.

        >>> names = FileNames(("{}.parquet",), others=(r"table-\w+\.npy",))
        >>> [names.are_own(name) for name in ("part-00003.parquet", "table-keys.npy", "notes.txt")]
        [True, True, False]
        """
        return _pattern(self).fullmatch(name) is not None


@lru_cache
def _pattern(names: FileNames) -> re.Pattern[str]:
    of_parts = (
        re.escape(name).replace(re.escape("{}"), STEM)
        for name in (*names.of_part, *names.of_some_parts)
    )
    every = "|".join((*of_parts, *names.others, *_EVERY_STAGE))
    return re.compile(rf"({every})(\.tmp-\w+)?")
