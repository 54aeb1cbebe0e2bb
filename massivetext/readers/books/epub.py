"""Books as EPUB: the chapters of the spine, in order, as text."""

import posixpath
import re
from collections.abc import Iterator
from html.entities import html5
from typing import BinaryIO, NamedTuple
from xml.etree.ElementTree import Element, ParseError, TreeBuilder

import defusedxml
from defusedxml.ElementTree import DefusedXMLParser

from massivetext.document import Document, Dropped, Origin, Record
from massivetext.errors import RecordError
from massivetext.limits import (
    MAX_ARCHIVE_BYTES,
    MAX_ARCHIVE_INDEX_BYTES,
    MAX_DOCUMENT_BYTES,
    MAX_HTML_BYTES,
    MAX_XML_NESTING,
)
from massivetext.readers.books.epub_archive import Archive, resolve
from massivetext.readers.books.gutenberg import strip_gutenberg
from massivetext.readers.books.read import decode_book
from massivetext.readers.books.xhtml import xhtml_text
from massivetext.readers.bytes.charset import meta_charset
from massivetext.readers.bytes.decompress import RawStream
from massivetext.readers.rows.rows import judge_text
from massivetext.reasons import Reason
from massivetext.text.newlines import unix_newlines

CONTAINER = "META-INF/container.xml"
ENCRYPTION = "META-INF/encryption.xml"
_PAGES = frozenset({"application/xhtml+xml", "text/html", "text/x-oeb1-document"})


_PICTURES = frozenset({"image/svg+xml"})
_SUFFIXES = (".xhtml", ".html", ".htm", ".xht")  # of pages whose media type is none of EPUB's
_MAX_FALLBACKS = 10
_SVG_TEXT = re.compile(r"<(?:svg:)?text\b[^<>]*+>(.*?)</(?:svg:)?text\s*>", re.I | re.S)
# In titles as authors' tools write them.
_AMPERSAND = re.compile(
    rb"&(?!(?:amp|lt|gt|quot|apos|#\d{1,7}|#x[0-9a-fA-F]{1,6});)([a-zA-Z][a-zA-Z0-9]{0,30};)?"
)
_XML_ERRORS = (defusedxml.DefusedXmlException, LookupError, ValueError)


class Package(NamedTuple):
    """What the package file says: the book's title, and its chapters' members in order."""

    title: str
    chapters: list[str]


def read_epub(
    file: BinaryIO, origin: Origin, start: int = 0, end: int | None = None
) -> Iterator[Record]:
    """Yields the one record of an EPUB file, at position 0; none for an empty file.

    The chapters follow each other by a blank line; those that the archive lacks are left out.
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
            yield judge_text(_read(data, document))
        except RecordError as error:
            yield origin.broken(0, str(error))


def _read(data: bytes, document: Document) -> Document:
    archive = Archive(data)
    package = read_package(archive)
    locked = _locked(archive)
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
    return document._replace(text=book.text, title=package.title or book.title)


def _chapter_text(name: str, data: bytes) -> str:
    """Returns the text of a page, in the character set that it declares, or a picture's labels."""
    encoding = meta_charset(data)
    try:
        markup = decode_book(data) if encoding in ("", "utf-8") else data.decode(encoding)
    except UnicodeDecodeError:
        markup = decode_book(data)
    if name.lower().endswith(".svg"):
        return "\n".join(map(xhtml_text, _SVG_TEXT.findall(markup)))
    return xhtml_text(unix_newlines(markup))


def read_package(archive: Archive) -> Package:
    """Returns the package of an EPUB's archive: without its table of contents.

    Raises:
      RecordError: if the container or package file is missing, is no XML, or names no chapters.
    """
    path = _package_path(archive)
    package = _parse(archive, path)
    items = {e.get("id", ""): e for e in package.iter() if _is(e, "item")}
    spine = [items.get(e.get("idref", "").strip()) for e in package.iter() if _is(e, "itemref")]
    listed = [item for item in spine if item is not None] or list(items.values())
    if not listed:
        raise RecordError("package file names no chapters")
    found = (_chapter_of(item, items) for item in listed)
    folder = posixpath.dirname(path)
    chapters = [resolve(folder, item.get("href", "")) for item in found if item is not None]
    titles = [" ".join("".join(e.itertext()).split()) for e in package.iter() if _is(e, "title")]
    return Package(next(filter(None, titles), ""), list(dict.fromkeys(chapters)))


def _package_path(archive: Archive) -> str:
    """Returns the package file: the first of the container's that is there, or the only one."""
    if CONTAINER not in archive:
        packages = archive.names_ending(".opf")
        if len(packages) != 1:
            raise RecordError(f"no member {CONTAINER!r}")
        return packages[0]
    roots = _parse(archive, CONTAINER).iter()
    paths = [path for e in roots if _is(e, "rootfile") and (path := e.get("full-path", ""))]
    if not paths:
        raise RecordError("no package file named")
    names = [resolve("", path) for path in paths]
    return next((name for name in names if name in archive), names[0])


def _chapter_of(item: Element, items: dict[str, Element]) -> Element | None:
    """Returns the item itself if it is a page, else the first page among its fallbacks.

    A picture that can hold text is its own last fallback; any other has none.
    """
    at: Element | None = item
    for _ in range(_MAX_FALLBACKS):
        if at is None or "nav" in at.get("properties", "").split():
            break
        if _is_page(at):
            return at
        at = items.get(at.get("fallback", ""))
    return item if _media_type(item) in _PICTURES else None


def _is_page(item: Element) -> bool:
    media_type = _media_type(item)
    if media_type in _PAGES:
        return True
    named = item.get("href", "").partition("#")[0].lower().endswith(_SUFFIXES)
    return named and not media_type.startswith(("image/", "audio/", "video/", "font/"))


def _media_type(item: Element) -> str:
    return item.get("media-type", "").partition(";")[0].strip().lower()


def _is(element: Element, name: str) -> bool:
    """Returns whether an element has this name, in whatever namespace."""
    return isinstance(element.tag, str) and element.tag.rpartition("}")[2] == name


def _locked(archive: Archive) -> set[str]:
    """Returns the members that the archive says are encrypted; often only its fonts."""
    if ENCRYPTION not in archive:
        return set()
    references = [e for e in _parse(archive, ENCRYPTION).iter() if _is(e, "CipherReference")]
    return {resolve("", reference.get("URI", "")) for reference in references}


def _parse(archive: Archive, name: str) -> Element:
    data = archive.read(name, MAX_ARCHIVE_INDEX_BYTES).lstrip()
    try:
        return _parse_xml(data)
    except ParseError:
        data = _AMPERSAND.sub(_character_reference, data)
    except _XML_ERRORS as error:
        raise RecordError(f"invalid XML in {name!r}: {error}") from error
    try:
        return _parse_xml(data)
    except (ParseError, *_XML_ERRORS) as error:
        raise RecordError(f"invalid XML in {name!r}: {error}") from error


def _parse_xml(data: bytes) -> Element:
    parser = DefusedXMLParser(target=_Bounded())  # declared and outer entities are refused
    parser.feed(data)
    root: Element = parser.close()
    return root


class _Bounded:
    """Builds a tree of the elements down to `MAX_XML_NESTING`; what nests deeper is left out.

    Each open element costs memory, and 300,000 in each other five times the time of flat ones.
    """

    def __init__(self) -> None:
        self._tree, self._depth = TreeBuilder(), 0
        self.data, self.close = self._tree.data, self._tree.close

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth <= MAX_XML_NESTING:
            self._tree.start(tag, attributes)

    def end(self, tag: str) -> None:
        if self._depth <= MAX_XML_NESTING:
            self._tree.end(tag)
        self._depth -= 1


def _character_reference(match: re.Match[bytes]) -> bytes:
    """Returns a name of HTML's, which XML does not know, as numbers; a bare "&" as XML has it."""
    characters = html5.get((match[1] or b"").decode("ascii"), "")
    numbers = b"".join(b"&#%d;" % ord(character) for character in characters)
    return numbers or b"&amp;" + (match[1] or b"")
