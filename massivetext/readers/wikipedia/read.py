"""Articles of MediaWiki `pages-articles` dumps: .xml, .xml.gz, .xml.bz2, also by byte range."""

import re
from collections.abc import Iterator
from typing import BinaryIO
from urllib.parse import quote
from xml.parsers import expat

from massivetext.document import Document, Dropped, Origin, Record
from massivetext.errors import RecordError
from massivetext.limits import MAX_WIKI_BYTES
from massivetext.readers.bytes.decompress import expand
from massivetext.readers.rows.rows import clean_text, judge_text
from massivetext.readers.wikipedia.clean import clean_wikitext
from massivetext.readers.wikipedia.pages import FIRST_PAGE, TAG_BYTES, raw_pages
from massivetext.readers.wikipedia.site import ENGLISH, Site, is_redirect, read_site
from massivetext.reasons import Reason

HEAD_BYTES = 1 << 16  # of what stands before the first page
MAX_ELEMENT_DEPTH = 16  # an export has 5
_ELEMENTS = frozenset(
    {"title", "ns", "redirect", "revision/timestamp", "revision/text", "revision/model"}
)

_DUMP = re.compile(r"(?:^|/)([a-z]{2,}(?:_[a-z]+)*)wiki[-_]")


def read_wikipedia(
    file: BinaryIO, origin: Origin, start: int = 0, end: int | None = None
) -> Iterator[Record]:
    """Yields the records of the pages in the bzip2 streams that begin in [start, end).

    The position is the stream's offset times `PAGES_PER_STREAM` plus the page's number in it. The
    text is the title, a blank line and the clean text. Pages of other namespaces and redirects
    are dropped. Entities and DTDs are refused: a declaration is a `Broken` record, and so is every
    page that uses it. Files that are not bzip2 are read whole by the slice from 0.
    """
    head = _head(file)
    if start == 0 and (message := _wrong_head(head)):
        yield origin.broken(0, message)
    site = _site(head, origin)
    for position, xml in raw_pages(file, start, end):
        try:
            if isinstance(xml, RecordError):
                raise xml
            yield page_record(xml, origin, position, site)
        except RecordError as error:
            yield origin.broken(position, str(error))


def _head(file: BinaryIO) -> bytes:
    """Returns what stands before the first page and that page's tag; nothing if it is damaged."""
    head = b""
    try:
        for chunk in expand(file):
            head += chunk
            from_end = max(len(head) - len(chunk) - TAG_BYTES, 0)
            if (page := FIRST_PAGE.search(head, from_end)) or len(head) > HEAD_BYTES:
                return head[: page.end() if page else HEAD_BYTES]
    except RecordError:
        return b""  # reported where the pages are read
    return head


def _wrong_head(head: bytes) -> str:
    """Returns what is wrong with the bytes before the first page, "" if nothing is."""
    if re.search(rb"<!(?:DOCTYPE|ENTITY)", head):
        return "XML with a document type or entities is refused"
    is_export = b"<mediawiki" in head or FIRST_PAGE.search(head)
    return "" if is_export or not head.strip() else "no MediaWiki export"


def _site(head: bytes, origin: Origin) -> Site:
    """Returns what the head says of the wiki; its language may stand in the file's name alone."""
    site = read_site(head.decode("utf-8", errors="replace"))
    return site if site.language else site._replace(language=_named_language(origin.path))


def _named_language(path: str) -> str:
    dump = _DUMP.search(path)
    return dump.group(1).replace("_", "-") if dump else ""


def page_record(
    xml: bytes, origin: Origin, position: int, site: Site = ENGLISH
) -> Document | Dropped:
    """Returns the article of one page's XML, its last revision; dropped if it is none.

    Raises:
      RecordError: if it is no well-formed page.
    """
    page = _parse(xml)
    title = clean_text(page.get("title", "").strip())
    if not title:
        raise RecordError("page without a title")
    source = page.get("revision/text", "")
    document = Document(
        origin.document_id(position),
        origin.source,
        "",
        _url(_named_language(origin.path) or site.language or "en", title),
        page.get("revision/timestamp", "").strip(),
        title,
    )
    prefix, colon, _ = title.partition(":")
    if page["ns"].strip() != "0" if "ns" in page else colon and prefix in site.others:
        return Dropped(document, (Reason.NAMESPACE,))
    if page.get("revision/model", "").strip() not in ("", "wikitext"):
        return Dropped(document, (Reason.NAMESPACE,))  # data or code, whatever its name
    if "redirect" in page or is_redirect(source, site.language):
        return Dropped(document, (Reason.REDIRECT,))
    if len(source) * 4 > MAX_WIKI_BYTES and len(source.encode()) > MAX_WIKI_BYTES:
        return Dropped(document, (Reason.TOO_LARGE,))
    text = clean_wikitext(source, site, title)
    return judge_text(document._replace(text=f"{title}\n\n{text}" if text else ""))


def _url(language: str, title: str) -> str:
    """Returns the article's address; the dump's file name, or else its head, has its language."""
    path = quote(title.replace(" ", "_"), safe="/:(),")
    return f"https://{language}.wikipedia.org/wiki/{path}"


def _parse(xml: bytes) -> dict[str, str]:
    """Returns the text of a page's elements by their path below the page.

    Expat without a document type knows no entities but XML's five, and opens no file.
    """
    parser = expat.ParserCreate()
    parser.buffer_text = True
    page = _Page()
    parser.StartElementHandler = page.start
    parser.EndElementHandler = page.finish
    parser.CharacterDataHandler = page.characters
    parser.StartDoctypeDeclHandler = page.doctype
    try:
        parser.Parse(xml, True)
    except expat.ExpatError as error:
        raise RecordError(f"invalid XML: {error}") from error
    return {path: "".join(parts) for path, parts in page.texts.items()}


class _Page:
    """Collects the text of each element while expat walks a page."""

    def __init__(self) -> None:
        self.texts: dict[str, list[str]] = {}
        self._path: list[str] = []
        self._parts: list[str] = []

    def start(self, name: str, _attributes: dict[str, str]) -> None:
        if len(self._path) >= MAX_ELEMENT_DEPTH:
            raise RecordError(f"XML nested deeper than {MAX_ELEMENT_DEPTH}")
        self._path.append(name)
        self._parts = []
        path = "/".join(self._path[1:])
        if path in _ELEMENTS:
            self.texts[path] = self._parts  # of the last revision, if there are more

    def finish(self, _name: str) -> None:
        self._path.pop()
        self._parts = []  # white space between elements

    def characters(self, data: str) -> None:
        self._parts.append(data)

    def doctype(self, *_declaration: object) -> None:
        raise RecordError("XML with a document type is refused")
