"""Books of the sample: plain text in a frame as Project Gutenberg's, EPUB, Parquet."""

import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from html import escape
from itertools import count, groupby
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from massivetext.limits import MAX_ARCHIVE_BYTES
from massivetext.sample.material.articles import Article, shuffled
from massivetext.sample.material.text import Passage
from massivetext.sample.material.truth import Placed, Plant, Written

_DATE = (1980, 1, 1, 0, 0, 0)
_LINE = re.compile(r"\S.{0,71}(?:\s|$)")
_CHAPTER_PASSAGES = 12
_FRAME = """This file of the sample "{title}" may be read by anyone, anywhere, and given away.

Title: {title}

Author: The writers of the documentation

Language: English

*** START OF THE PROJECT GUTENBERG EBOOK {mark} ***



{text}



*** END OF THE PROJECT GUTENBERG EBOOK {mark} ***

Here would be a licence of many words. These words stand for it: a reader of books that keeps
this paragraph has kept the licence.
"""
_CONTAINER = """<?xml version="1.0"?>
<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>
<rootfile full-path="book/content.opf" media-type="application/oebps-package+xml"/>
</rootfiles></container>
"""
_PACKAGE = """<?xml version="1.0" encoding="utf-8"?>
<package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="id">
<metadata xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:identifier id="id">{title}</dc:identifier>
<dc:title>{title}</dc:title><dc:language>en</dc:language></metadata>
<manifest>{items}</manifest><spine>{spine}</spine></package>
"""
_XHTML = """<?xml version="1.0" encoding="utf-8"?>
<html xmlns="http://www.w3.org/1999/xhtml"><head><title>{title}</title></head>
<body><h2>{title}</h2>
{prose}
</body></html>
"""


class Book(NamedTuple):
    """A title and its chapters."""

    title: str
    chapters: tuple[Article, ...]
    plant: Plant | None = None

    @property
    def text(self) -> str:
        """Returns the whole text, lines of at most 72 characters."""
        pieces = [self.title.upper()]
        for chapter in self.chapters:
            pieces += [chapter.title, *map(_wrapped, chapter.paragraphs)]
        return "\n\n".join(pieces)


def bind(passages: Iterable[Passage], chapters: int, name: str) -> Iterator[Book]:
    """Yields books of so many chapters, each of 12 passages in the order given."""
    numbered = enumerate(passages)
    size = chapters * _CHAPTER_PASSAGES
    for volume, group in groupby(numbered, lambda pair: pair[0] // size):
        texts = [passage for _, passage in group]
        parts = [texts[i : i + _CHAPTER_PASSAGES] for i in range(0, len(texts), _CHAPTER_PASSAGES)]
        yield Book(f"{name}, volume {volume + 1}", tuple(map(_chapter, range(len(parts)), parts)))


def books_without_end(passages: Sequence[Passage], chapters: int, seed: int) -> Iterator[Book]:
    """Yields books of the passages, in another order each time that they are used up."""
    for number in count(1):
        order = shuffled(passages, seed, f"books {number}")
        yield from bind(order, chapters, f"The other notes, series {number}")


def write_text(path: Path, book: Book, encoding: str = "utf-8") -> Written:
    """Writes a plain text with header and licence around it."""
    framed = _FRAME.format(title=book.title, mark=book.title.upper(), text=book.text)
    path.write_bytes(framed.replace("\n", "\r\n").encode(encoding, errors="replace"))
    return _one(path, book.plant)


def write_epub(path: Path, book: Book, members: Iterable[tuple[str, bytes]] = ()) -> Written:
    """Writes an EPUB; `members` are further ones, of any name, that the book does not refer to."""
    with zipfile.ZipFile(path, "w") as archive:
        names = _add_front(archive, book)
        for name, chapter in zip(names, book.chapters, strict=True):
            _add(archive, name, _xhtml(chapter).encode())
        for name, data in members:
            _add(archive, name, data)
    return _one(path, book.plant)


def write_bomb_epub(path: Path, book: Book) -> Written:
    """Writes an EPUB whose first chapter expands beyond what an archive may."""
    with zipfile.ZipFile(path, "w", compresslevel=1) as archive:
        info = zipfile.ZipInfo(_add_front(archive, book)[0], _DATE)
        info.compress_type = zipfile.ZIP_DEFLATED
        with archive.open(info, "w") as member:
            for _ in range(MAX_ARCHIVE_BYTES // (1 << 20) + 1):
                member.write(bytes(1 << 20))
    return _one(path, Plant("bomb", "broken"))


def write_table(path: Path, books: list[Book]) -> Written:
    """Writes Parquet of text and title, two books a row group; a position is a row's number."""
    columns = {"text": [book.text for book in books], "title": [book.title for book in books]}
    pq.write_table(pa.table(columns), path, row_group_size=2)
    placed = (Placed(book.plant, number) for number, book in enumerate(books) if book.plant)
    return Written(path.parent.name, path.name, len(books), 0, tuple(placed))


def write_damaged(path: Path, data: bytes, kind: str) -> Written:
    """Writes bytes that are no book; the whole file is one broken record."""
    path.write_bytes(data)
    return _one(path, Plant(kind, "broken"))


def _one(path: Path, plant: Plant | None) -> Written:
    placed = (Placed(plant, 0),) if plant else ()
    broken = plant is not None and plant.outcome == "broken"
    return Written(path.parent.name, path.name, 1, int(broken), placed)


def _chapter(number: int, passages: list[Passage]) -> Article:
    title = f"Chapter {number + 1}. Of {passages[0].origin}"
    return Article(title, tuple(passage.text for passage in passages))


def _wrapped(paragraph: str) -> str:
    return "\n".join(line.strip() for line in _LINE.findall(paragraph))


def _xhtml(chapter: Article) -> str:
    prose = "\n".join(f"<p>{escape(paragraph)}</p>" for paragraph in chapter.paragraphs)
    return _XHTML.format(title=escape(chapter.title), prose=prose)


def _add_front(archive: zipfile.ZipFile, book: Book) -> list[str]:
    """Adds what comes before the chapters, and returns the names that these are to have."""
    names = [f"chapter-{number:03}.xhtml" for number in range(len(book.chapters))]
    items = "".join(
        f'<item id="{n[:-6]}" href="{n}" media-type="application/xhtml+xml"/>' for n in names
    )
    spine = "".join(f'<itemref idref="{name[:-6]}"/>' for name in names)
    package = _PACKAGE.format(title=escape(book.title), items=items, spine=spine)
    _add(archive, "mimetype", b"application/epub+zip", zipfile.ZIP_STORED)
    _add(archive, "META-INF/container.xml", _CONTAINER.encode())
    _add(archive, "book/content.opf", package.encode())
    return [f"book/{name}" for name in names]


def _add(
    archive: zipfile.ZipFile, name: str, data: bytes, method: int = zipfile.ZIP_DEFLATED
) -> None:
    info = zipfile.ZipInfo(name, _DATE)
    info.compress_type = method
    archive.writestr(info, data)
