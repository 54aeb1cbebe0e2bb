"""The archive of an EPUB, checked before anything is expanded; nothing is written to disk."""

import io
import posixpath
import re
import unicodedata
import zipfile
import zlib
from urllib.parse import unquote

from massivetext.errors import RecordError
from massivetext.limits import MAX_ARCHIVE_BYTES, MAX_ARCHIVE_MEMBERS

_ENTRY = b"PK\x01\x02"  # starts each entry of a ZIP file's directory
_ENCRYPTED = 0x1  # flag of a member
_UNSEEN = re.compile(r"[\t\r\n]")  # in URLs
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_DAMAGE = (
    zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, OSError, ValueError, KeyError,
    OverflowError,
)  # fmt: skip


class Archive:
    """A ZIP file in memory, all of whose members are harmless."""

    def __init__(self, data: bytes) -> None:
        """Opens and checks the archive.

        Raises:
          RecordError: if it is no archive, has too many members, expands too far, or a member's
            name leads out of it.
        """
        if data.count(_ENTRY) > MAX_ARCHIVE_MEMBERS:
            raise RecordError(f"archive of more than {MAX_ARCHIVE_MEMBERS} members")
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
        except _DAMAGE as error:
            raise RecordError(f"no readable archive: {error}") from error
        members = self._zip.infolist()
        size = sum(member.file_size for member in members)
        if size > MAX_ARCHIVE_BYTES:
            raise RecordError(f"archive expands to {size} bytes, more than {MAX_ARCHIVE_BYTES}")
        for member in members:
            _check_name(member.orig_filename)
        self._members = {_key(member.filename): member for member in reversed(members)}
        self._members |= {member.filename: member for member in members}

    def read(self, name: str, limit: int) -> bytes:
        """Returns a member's bytes.

        Raises:
          RecordError: if there is none, or it is encrypted, damaged or larger than `limit`.
        """
        member = self._members.get(name) or self._members.get(_key(name))
        if member is None:
            raise RecordError(f"no member {name!r}")
        if member.flag_bits & _ENCRYPTED or member.compress_type not in _METHODS:
            raise RecordError(f"member {name!r} is encrypted, or compressed in another way")
        if member.file_size > limit:
            raise RecordError(f"member {name!r} of {member.file_size} bytes, more than {limit}")
        try:
            return self._zip.read(member)
        except _DAMAGE as error:
            raise RecordError(f"damaged member {name!r}: {error}") from error

    def names_ending(self, ending: str) -> list[str]:
        """Returns the members whose names end so, in lower case."""
        return [
            member.filename
            for member in self._zip.infolist()
            if member.filename.lower().endswith(ending)
        ]

    def __contains__(self, name: str) -> bool:
        return name in self._members or _key(name) in self._members


def _key(name: str) -> str:
    """Returns what names have in common that differ by case, Unicode form, escapes or slashes.

    Authors' systems do not tell such names apart; readers of books find the file.
    """
    plain = unquote(name).replace("\\", "/").removeprefix("./")
    return "\0" + unicodedata.normalize("NFC", unicodedata.normalize("NFC", plain).casefold())


def _check_name(name: str) -> None:
    parts = name.replace("\\", "/").split("/")
    if ".." in parts or name.startswith(("/", "\\")) or ":" in parts[0] or "\0" in name:
        raise RecordError(f"member {name!r} leads out of the archive")


def resolve(folder: str, href: str) -> str:
    """Returns the member that `href` in a file of `folder` points to.

    >>> resolve("OEBPS/package", "../text/a%20b.xhtml#c")
    'OEBPS/text/a b.xhtml'

    Above the archive's root there is nothing: a link that leads out of it begins there, as in URLs
    (EPUB 3.3, "the container root URL"; WHATWG URL drops such ".." and all tabs and newlines).
    """
    path = unquote(_UNSEEN.sub("", href.partition("#")[0]).strip()).replace("\\", "/")
    return posixpath.normpath(posixpath.join("/", folder, path)).lstrip("/")
