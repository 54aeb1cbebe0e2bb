"""Books as EPUB: the chapters of the spine, in order, as text."""

import posixpath
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple
from xml.etree.ElementTree import Element, ParseError

import defusedxml
from defusedxml.ElementTree import fromstring

from massivetext.document import Document, Dropped, Origin, Record
from massivetext.errors import RecordError
from massivetext.limits import MAX_ARCHIVE_BYTES, MAX_ARCHIVE_INDEX_BYTES, MAX_HTML_BYTES
from massivetext.readers.books.epub_archive import Archive, resolve
from massivetext.readers.books.gutenberg import strip_gutenberg
from massivetext.readers.books.read import decode_book
from massivetext.readers.books.xhtml import xhtml_text
from massivetext.readers.bytes.decompress import RawStream
from massivetext.readers.rows.rows import judge_text
from massivetext.reasons import Reason

CONTAINER = "META-INF/container.xml"
ENCRYPTION = "META-INF/encryption.xml"
_PAGES = frozenset({"application/xhtml+xml", "text/html", "text/x-oeb1-document"})


class Package(NamedTuple):
    """What the package file says: the book's title, and its chapters' members in order."""

    title: str
    chapters: list[str]


def read_epub(
    file: BinaryIO, origin: Origin, start: int = 0, end: int | None = None
) -> Iterator[Record]:
    """Returns the one record of an EPUB file, at position 0; none for an empty file.

    The chapters follow each other by a blank line. Archives that are damaged, encrypted, without a
    package file, with members that lead out of them or expand beyond `MAX_ARCHIVE_BYTES` are
    `Broken`. A slice that does not start at 0 has no record.
    """
    if start:
        return
    data = RawStream(file).read(MAX_ARCHIVE_BYTES + 1)
    document = Document(origin.document_id(0), origin.source, "")
    if len(data) > MAX_ARCHIVE_BYTES:
        yield Dropped(document, (Reason.TOO_LARGE,))
    elif data:
        try:
            yield judge_text(_read(data, document))
        except RecordError as error:
            yield origin.broken(0, str(error))


def _read(data: bytes, document: Document) -> Document:
    archive = Archive(data)
    package = read_package(archive)
    locked = _locked(archive)
    texts = []
    for chapter in package.chapters:
        if chapter in locked:
            raise RecordError(f"member {chapter!r} is encrypted")
        texts.append(xhtml_text(decode_book(archive.read(chapter, MAX_HTML_BYTES))))
    book = strip_gutenberg("\n\n".join(text for text in texts if text))
    return document._replace(text=book.text, title=package.title or book.title)


def read_package(archive: Archive) -> Package:
    """Returns the package of an EPUB's archive: without its table of contents.

    Raises:
        RecordError: if the container or package file is missing, is no XML, or names no chapters.
    """
    paths = [
        e.get("full-path", "") for e in _parse(archive, CONTAINER).iter() if _is(e, "rootfile")
    ]
    if not paths:
        raise RecordError("no package file named")
    path = resolve("", paths[0])
    package = _parse(archive, path)
    items = {e.get("id", ""): e for e in package.iter() if _is(e, "item")}
    spine = [items.get(e.get("idref", "")) for e in package.iter() if _is(e, "itemref")]
    chapters = [
        resolve(posixpath.dirname(path), item.get("href", ""))
        for item in spine
        if item is not None and _is_chapter(item)
    ]
    if not chapters:
        raise RecordError("package file names no chapters")
    titles = [" ".join("".join(e.itertext()).split()) for e in package.iter() if _is(e, "title")]
    return Package(next(filter(None, titles), ""), list(dict.fromkeys(chapters)))


def _is(element: Element, name: str) -> bool:
    """Returns whether an element has this name, in whatever namespace."""
    return isinstance(element.tag, str) and element.tag.rpartition("}")[2] == name


def _is_chapter(item: Element) -> bool:
    return item.get("media-type") in _PAGES and "nav" not in item.get("properties", "").split()


def _locked(archive: Archive) -> set[str]:
    """Returns the members that the archive says are encrypted; often only its fonts."""
    if ENCRYPTION not in archive:
        return set()
    references = [e for e in _parse(archive, ENCRYPTION).iter() if _is(e, "CipherReference")]
    return {resolve("", reference.get("URI", "")) for reference in references}


def _parse(archive: Archive, name: str) -> Element:
    data = archive.read(name, MAX_ARCHIVE_INDEX_BYTES)
    try:
        root: Element = fromstring(data)  # with declared or outer entities refused
    except (ParseError, defusedxml.DefusedXmlException, LookupError, ValueError) as error:
        raise RecordError(f"invalid XML in {name!r}: {error}") from error
    return root
