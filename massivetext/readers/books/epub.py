"""Books as EPUB: the chapters of the spine, in order, as text."""

import re
from collections.abc import Iterator
from typing import BinaryIO

from massivetext.document import Document, Dropped, Origin, Record
from massivetext.errors import RecordError
from massivetext.limits import (
    MAX_ARCHIVE_BYTES,
    MAX_DOCUMENT_BYTES,
    MAX_HTML_BYTES,
)
from massivetext.readers.books.epub_archive import Archive
from massivetext.readers.books.gutenberg import strip_gutenberg
from massivetext.readers.books.package import members_locked, read_package
from massivetext.readers.books.read import decode_markup
from massivetext.readers.books.xhtml import xhtml_text
from massivetext.readers.bytes.decompress import RawStream
from massivetext.readers.rows.rows import judge_text
from massivetext.reasons import Reason
from massivetext.text.newlines import unix_newlines

_NAMED = 3  # chapters that are missing
_SVG_TEXT = re.compile(r"<(?:svg:)?text\b[^<>]*+>(.*?)</(?:svg:)?text\s*>", re.I | re.S)


def read_epub(
    file: BinaryIO, origin: Origin, start: int = 0, end: int | None = None
) -> Iterator[Record]:
    """Yields the one document of an EPUB file, at position 0; none for an empty file.

    The chapters follow each other by a blank line; those that the archive lacks are left out, and
    one `Broken` at position 1 names them.
    Archives that are damaged, encrypted, without a package file or any chapter, with members that
    lead out of them or expand beyond `MAX_ARCHIVE_BYTES` are `Broken`. A slice that does not start
    at 0 has no record.
    """
    if start:
        return
    data = RawStream(file).read(MAX_ARCHIVE_BYTES + 1)
    document = Document(origin.document_id(0), origin.source, "")
    if len(data) > MAX_ARCHIVE_BYTES:
        yield Dropped(document, (Reason.TOO_LARGE,))
    elif data:
        try:
            book, missing = _read(data, document)
        except RecordError as error:
            yield origin.broken(0, str(error))
            return
        yield judge_text(book)
        if missing:
            names = ", ".join(map(repr, missing[:_NAMED]))
            yield origin.broken(1, f"{len(missing)} chapters missing: {names}")


def _read(data: bytes, document: Document) -> tuple[Document, list[str]]:
    """Returns the book, and the members that it lacks."""
    archive = Archive(data)
    package = read_package(archive)
    locked = members_locked(archive)
    present = [chapter for chapter in package.chapters if chapter in archive]
    if package.chapters and not present:
        raise RecordError(f"no member {package.chapters[0]!r}, nor any other chapter")
    texts, size = [], 0
    for chapter in present:
        if chapter in locked:
            raise RecordError(f"member {chapter!r} is encrypted")
        texts.append(_chapter_text(chapter, archive.read(chapter, MAX_HTML_BYTES)))
        size += len(texts[-1])
        if size > MAX_DOCUMENT_BYTES:
            break  # too large already
    book = strip_gutenberg("\n\n".join(text for text in texts if text))
    missing = [chapter for chapter in package.chapters if chapter not in archive]
    return document._replace(text=book.text, title=package.title or book.title), missing


def _chapter_text(name: str, data: bytes) -> str:
    """Returns the text of a page, in the character set that it declares, or a picture's labels."""
    markup = decode_markup(data)
    if name.lower().endswith(".svg"):
        return "\n".join(map(xhtml_text, _SVG_TEXT.findall(markup)))
    return xhtml_text(unix_newlines(markup))
