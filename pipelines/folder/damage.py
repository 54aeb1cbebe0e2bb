"""What in a stage's folder is not as it was written."""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple, Protocol

from massivetext.errors import ConfigError, DamagedFile, StageError
from massivetext.pipelines.folder.file_names import FILES, MANIFEST, FileNames
from massivetext.pipelines.folder.file_table import read_file_table
from massivetext.pipelines.folder.interrupts import check_interrupt
from massivetext.pipelines.folder.sums import SUMS, part_stem, summed_files
from massivetext.storage.checksums import FileSum, sum_bytes, sum_file
from massivetext.storage.files import (
    delete_files,
    exists,
    list_names,
    list_sizes,
    open_file,
    read_bytes,
)
from massivetext.storage.json_files import is_summed, parse_json
from massivetext.storage.local import TEMPORARY

GONE, SIZE, CHECKSUM, OTHER = "gone", "size", "checksum", "another run's"
EXTRA, FOLDER = "not of this build", "a folder"
_AT_ONCE = 4  # files that are read


class Folder(Protocol):
    """What is asked of a stage here."""

    @property
    def folder(self) -> str:
        """Returns where it writes."""

    @property
    def key(self) -> str:
        """Returns the key of what it should produce."""

    @property
    def names(self) -> FileNames:
        """Returns the names of its files."""

    def path(self, name: str) -> str:
        """Returns the path of a file of the stage."""


class Damage(NamedTuple):
    """A file that is not as it was written."""

    name: str
    how: str


class Written(NamedTuple):
    """What a stage's own records say of its files, and which of the records are damaged."""

    files: list[FileSum]
    damaged: list[Damage]
    are_all: bool = False  # a file of which they do not tell is none of this build's


def own_names(stage: Folder) -> list[str]:
    """Returns the names of the files in a stage's folder that runs of it left there, sorted."""
    return [name for name in list_names(stage.folder) if stage.names.are_own(name)]


def find_damage(stage: Folder, read: bool = False) -> list[Damage]:
    """Returns the files of a stage that are not as they were written, sorted; each once.

    Args:
      stage: the stage; files made under another key than its own count for nothing, unless that
        is empty.
      read: whether to read every file through; otherwise sizes are compared, and the keys in
        summaries: a remote job that was left at work may have written over a finished part.
    """
    written = _written(stage)
    there = list_sizes(stage.folder)
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        hows = pool.map(lambda file: _compare(stage, file, there, read), written.files)
        found = [Damage(f.name, h) for f, h in zip(written.files, hows, strict=True) if h]
        found += _extra(stage, written, there) if written.are_all else []
        if stage.key and MANIFEST in there and written.files:
            summaries = [n for n in there if n.endswith(".json") and stage.names.are_own(n)]
            hows = pool.map(lambda name: _compare_summary(stage, name), summaries)
            found += [Damage(n, how) for n, how in zip(summaries, hows, strict=True) if how]
    return sorted({damage.name: damage for damage in (*found, *written.damaged)}.values())


def _compare(stage: Folder, file: FileSum, there: dict[str, int], read: bool) -> str:
    check_interrupt()
    if file.name not in there:
        return GONE
    if there[file.name] != file.size:
        return SIZE
    if read:
        with open_file(stage.path(file.name)) as data:
            return "" if sum_file(file.name, data).crc32c == file.crc32c else CHECKSUM
    return ""


def _extra(stage: Folder, written: Written, there: Iterable[str]) -> list[Damage]:
    """Returns the files with a name of the stage's that no record of a complete stage lists."""
    known = {MANIFEST, *(file.name for file in written.files)}
    names = (name for name in there if name not in known and TEMPORARY not in name)
    return [Damage(name, EXTRA) for name in names if stage.names.are_own(name)]


def _compare_summary(stage: Folder, name: str) -> str:
    """Returns what is wrong with a part's summary, if only that a job left at work wrote it."""
    summary, how = _record(stage, name)
    if summary is not None and summary.get("key", stage.key) != stage.key:
        return OTHER
    return how


def files_written(stage: Folder) -> list[FileSum]:
    """Returns what a stage's records say of its files."""
    return _written(stage).files


def _written(stage: Folder) -> Written:
    manifest, how = _record(stage, MANIFEST)
    if manifest is None:
        found = _from_summaries(stage)
        return found._replace(damaged=[*found.damaged, *([Damage(MANIFEST, how)] if how else [])])
    if stage.key not in ("", manifest.get("key")) or SUMS not in manifest:
        return Written([], [])
    others = summed_files(manifest)
    try:
        data = read_bytes(stage.path(FILES))
    except (FileNotFoundError, IsADirectoryError):
        data, how = b"", GONE
    else:
        if sum_bytes(FILES, data) in others:
            return Written([*others, *read_file_table(data)], [], are_all=True)
        how = SIZE if len(data) not in {found.size for found in others} else CHECKSUM
    found = _from_summaries(stage)
    return Written([*others, *found.files], [*found.damaged, Damage(FILES, how)])


def _record(stage: Folder, name: str) -> tuple[dict[str, Any] | None, str]:
    """Returns a JSON object of the stage, or None and, if it is there, what is wrong with it."""
    try:
        data = read_bytes(stage.path(name))
        found = parse_json(data, name)
    except FileNotFoundError:
        return None, ""
    except IsADirectoryError:
        return None, FOLDER
    except (DamagedFile, ConfigError):
        return None, CHECKSUM
    if is_summed(data) or not _has_sums(stage, name, found):
        return found, ""
    return None, CHECKSUM


def _has_sums(stage: Folder, name: str, found: dict[str, Any]) -> bool:
    """Returns whether the version that wrote a record gave it a checksum of its own."""
    return SUMS in found or (name == MANIFEST and exists(stage.path(FILES)))


def _from_summaries(stage: Folder) -> Written:
    """Without a manifest: what the summaries say that are there."""
    names = [n for n in own_names(stage) if n.endswith(".json") and n != MANIFEST]
    records = [(name, *_record(stage, name)) for name in names]
    damaged = [Damage(name, how) for name, _, how in records if how]
    sound = [found for _, found, _ in records if found is not None]
    ours = [found for found in sound if stage.key in ("", found.get("key", stage.key))]
    return Written([file.brief() for found in ours for file in summed_files(found)], damaged)


def remove_damaged(stage: Folder, read: bool = False) -> list[Damage]:
    """Deletes what of a stage is damaged, so that a run rebuilds it; returns what that was.

    Raises:
      StageError: in the place of a file is a folder, which is not ours to delete.
    """
    damaged = find_damage(stage, read)
    folders = [stage.path(found.name) for found in damaged if found.how == FOLDER]
    if folders:
        raise StageError(f"{folders[0]} is a folder, where there was a file; move it away")
    delete_files([stage.path(found.name) for found in damaged])
    return damaged


def describe(stage: str, damaged: list[Damage], most: int = 3) -> str:
    """Returns the damaged files of the stage of a name and how they are damaged, the first few.

    >>> describe("tokens", [Damage("part-00003.tokens", "size")])
    'tokens/part-00003.tokens: size'
    """
    words = [f"{stage}/{found.name}: {found.how}" for found in damaged[:most]]
    more = len(damaged) - len(words)
    return ", ".join([*words, *([f"{more:,} more"] if more else [])])


def remark(stage: str, damaged: list[Damage]) -> str:
    """Returns the line about what of a stage is damaged and made again.

    >>> remark("tokens", [Damage("part-00003.tokens", "size")])
    'tokens: 1 part damaged (tokens/part-00003.tokens: size), made again'
    """
    stems = [part_stem(found.name) for found in damaged]
    unit, count = ("part", len(set(stems))) if all(stems) else ("file", len(damaged))
    plural = "" if count == 1 else "s"
    return f"{stage}: {count:,} {unit}{plural} damaged ({describe(stage, damaged)}), made again"
