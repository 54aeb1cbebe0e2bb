"""Which versions of the inputs the finished parts were made from, so that a touch costs nothing.

``inputs.json`` in the build's folder lists the inputs as they were when stage 1 last began, after
what no longer fitted was deleted: where a file still has that version, what summaries say of its
content holds. Where it has another one and the same size, it is read and summed.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from massivetext.config.recipe import short_digest
from massivetext.corpus.origins import CONTENT, MadeFrom
from massivetext.corpus.parts import InputFile, Part, Slice
from massivetext.pipelines.folder.file_names import INPUTS
from massivetext.pipelines.folder.interrupts import check_interrupt
from massivetext.pipelines.folder.stage import sound_json
from massivetext.storage.checksums import crc32c
from massivetext.storage.files import open_file
from massivetext.storage.json_files import write_summed_json
from massivetext.storage.paths import FileInfo, is_local, join

TIGHTENED = " tightened "  # in what stands for the rules of a part that has less than they keep
_CHUNK = 1 << 20

Contents = list[tuple[str, int, str]]  # of slices: name, start, and what stands for the content


class Versions(NamedTuple):
    """What is known of the inputs, and of lists of domains."""

    files: Mapping[tuple[str, str], tuple[int, str]] = {}  # size and version by source and name
    lists: Mapping[str, tuple[int, str, str]] = {}  # size, version and checksum by path

    def has(self, file: InputFile) -> bool:
        """Returns whether a file is still what it was."""
        return self.files.get((file.source, file.name)) == (file.size, file.version)


def read_versions(output: str) -> Versions:
    """Returns the record of a build's folder; an empty one where there is none that is sound."""
    found = sound_json(join(output, INPUTS), summed=True) or {}
    files = {(source, name): (size, seen) for source, name, size, seen in found.get("files", ())}
    return Versions(files, {path: tuple(rest) for path, *rest in found.get("lists", ())})


def write_versions(output: str, files: Iterable[InputFile], lists: Iterable[FileInfo]) -> None:
    """Writes the record, unless it says so already; the finished parts are all of these inputs."""
    known = read_versions(output)
    now = Versions(
        {(f.source, f.name): (f.size, f.version) for f in files},
        {f.path: (f.size, f.version, content_of_list(f, known)) for f in lists},
    )
    if now != known:
        rows = [[*name, *found] for name, found in now.files.items()]
        listed = [[path, *found] for path, found in now.lists.items()]
        write_summed_json(join(output, INPUTS), {"files": rows, "lists": listed})


def content_of_list(file: FileInfo, known: Versions) -> str:
    """Returns what stands for the content of a list; it is read where the record does not say."""
    size, version, content = known.lists.get(file.path, (-1, "", ""))
    if (size, version) == (file.size, file.version):
        return content
    return content_of_file(file)


def content_of_file(file: FileInfo) -> str:
    """Returns what stands for the content of a whole file, which is read."""
    return content_of_slice(Slice("", file.path, 0, None, file.size, file.version))


def content_of_slice(piece: Slice) -> str:
    """Returns what stands for the content of a slice of a file: its size and CRC-32C.

    Of an object in a store it is the version, which another content does not share.
    """
    if not is_local(piece.path):
        return piece.version
    end = piece.size if piece.end is None else piece.end
    left, crc = end - piece.start, 0
    with open_file(piece.path) as file:
        file.seek(piece.start)
        while left > 0 and (data := file.read(min(left, _CHUNK))):
            check_interrupt()
            left, crc = left - len(data), crc32c(data, crc)
    return f"{end - piece.start - left}-{crc:08x}"


def made_from(rules: str, part: Part, contents: Contents | None) -> MadeFrom:
    """Returns what a part is made from; without the contents, of what is not known yet."""
    sizes = [[piece.name, piece.start, piece.end, piece.size] for piece in part.slices]
    content = short_digest(contents) if contents is not None else ""
    return {"recipe": rules, "sizes": short_digest(sizes), CONTENT: content}


def contents_of(part: Part) -> Contents:
    """Returns the contents of a part's slices, which are read."""
    return [(piece.name, piece.start, content_of_slice(piece)) for piece in part.slices]


def tightened(rules: str, before: str) -> str:
    """Returns what stands for rules in a part of which `rejudge --only-tighter` left documents out.

    Args:
      rules: that hold, and keep more than the part has.
      before: what stood for those by which it had been made.
    """
    return f"{rules}{TIGHTENED}{short_digest(before)}"
