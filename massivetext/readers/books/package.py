"""The package file of an EPUB: which chapters the book has, in order, and its title."""

import posixpath
import re
from html.entities import html5
from typing import NamedTuple
from xml.etree.ElementTree import Element, ParseError, TreeBuilder

import defusedxml
from defusedxml.ElementTree import DefusedXMLParser

from massivetext.errors import RecordError
from massivetext.limits import MAX_ARCHIVE_INDEX_BYTES, MAX_XML_NESTING
from massivetext.readers.books.epub_archive import Archive, resolve
from massivetext.readers.books.read import decode_markup
from massivetext.readers.bytes.charset import is_utf_8, meta_charset

CONTAINER = "META-INF/container.xml"
ENCRYPTION = "META-INF/encryption.xml"
_PAGES = frozenset({"application/xhtml+xml", "text/html", "text/x-oeb1-document"})
_PICTURES = frozenset({"image/svg+xml"})
_SUFFIXES = (".xhtml", ".html", ".htm", ".xht")  # of pages whose media type is none of EPUB's
_MAX_FALLBACKS = 10

# What is no XML, but written by authors' tools.
_AMPERSAND = re.compile(
    r"&(?!(?:amp|lt|gt|quot|apos|#\d{1,7}|#x[0-9a-fA-F]{1,6});)([a-zA-Z][a-zA-Z0-9]{0,30};)?"
)
_NO_CHARACTER = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_DECLARATION = re.compile(r"<\?xml\s[^<>]{0,500}>")
_PREFIX = re.compile(r"<(/?)[\w.-]{1,40}:(?=\w)")
_ATTRIBUTE_PREFIX = re.compile(r"(?<=\s)([\w.-]{1,40}):(?=[\w.-]{1,40}\s?=)")


class Package(NamedTuple):
    """What the package file says: the book's title, and its chapters' members in order."""

    title: str
    chapters: list[str]


def read_package(archive: Archive) -> Package:
    """Returns the package of an EPUB's archive: without its table of contents.

    Raises:
      RecordError: if the container or package file is missing, is no XML, or names no chapters.
    """
    path = _package_path(archive)
    package = _parse(archive, path)
    items = {e.get("id", "").strip(): e for e in package.iter() if _is(e, "item")}
    spine = [items.get(e.get("idref", "").strip()) for e in package.iter() if _is(e, "itemref")]
    listed = [item for item in spine if item is not None] or list(items.values())
    if not listed:
        raise RecordError("package file names no chapters")
    found = (_chapter_of(item, items) for item in listed)
    folder = posixpath.dirname(path.replace("\\", "/"))
    chapters = [_member(archive, folder, e.get("href", "")) for e in found if e is not None]
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
    packages = archive.names_ending(".opf")
    other = packages[0] if len(packages) == 1 else names[0]
    return next((name for name in names if name in archive), other)


def _member(archive: Archive, folder: str, href: str) -> str:
    """Returns the member that an item's link leads to; links are also written from the root.

    A question mark may begin a query, or stand in a member's name. If there is no such member, it
    is the name that the link should have led to.
    """
    plain = href.partition("#")[0]
    forms = (plain, plain.partition("?")[0])
    names = [resolve(start, form) for start in (folder, "") for form in forms]
    return next((name for name in names if name in archive), names[1])


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
    name = item.get("href", "").partition("#")[0].partition("?")[0]
    named = name.strip().lower().endswith(_SUFFIXES)
    return named and not media_type.startswith(("image/", "audio/", "video/", "font/"))


def _media_type(item: Element) -> str:
    return item.get("media-type", "").partition(";")[0].strip().lower()


def _is(element: Element, name: str) -> bool:
    """Returns whether an element has this name, in whatever namespace."""
    return isinstance(element.tag, str) and element.tag.rpartition("}")[2] == name


def members_locked(archive: Archive) -> set[str]:
    """Returns the members that the archive says are encrypted; often only its fonts."""
    if ENCRYPTION not in archive:
        return set()
    references = [e for e in _parse(archive, ENCRYPTION).iter() if _is(e, "CipherReference")]
    return {resolve("", reference.get("URI", "")) for reference in references}


def _parse(archive: Archive, name: str) -> Element:
    data = archive.read(name, MAX_ARCHIVE_INDEX_BYTES).lstrip()
    declared = meta_charset(data)
    wrong = declared not in ("", "utf-8") and is_utf_8(data, declared)
    try:
        return _parse_xml(data, "utf-8" if wrong else None)
    except defusedxml.DefusedXmlException as error:
        raise RecordError(f"invalid XML in {name!r}: {error}") from error
    except (ParseError, LookupError, ValueError):
        data = _repaired(data)
    try:
        return _parse_xml(data, "utf-8")
    except (ParseError, LookupError, ValueError) as error:
        raise RecordError(f"invalid XML in {name!r}: {error}") from error


def _repaired(data: bytes) -> bytes:
    """Returns as UTF-8 what is nearly XML: of other bytes, names and prefixes than it may have."""
    text = _DECLARATION.sub("", _NO_CHARACTER.sub("", decode_markup(data)), count=1)
    text = text[max(text.find("<"), 0) : text.rfind(">") + 1]
    text = _ATTRIBUTE_PREFIX.sub(r"\1-", _PREFIX.sub(r"<\1", text))
    return _AMPERSAND.sub(_character_reference, text).encode()


def _parse_xml(data: bytes, encoding: str | None) -> Element:
    parser = DefusedXMLParser(target=_Bounded(), encoding=encoding)  # refuses declared entities
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


def _character_reference(match: re.Match[str]) -> str:
    """Returns a name of HTML's, which XML does not know, as numbers; a bare "&" as XML has it."""
    characters = html5.get(match[1] or "", "")
    return "".join(f"&#{ord(character)};" for character in characters) or f"&amp;{match[1] or ''}"
