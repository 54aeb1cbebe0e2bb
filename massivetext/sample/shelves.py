"""The books of the sample: which files there are, and what is in each."""

from collections.abc import Iterator
from itertools import chain, count
from pathlib import Path

from massivetext.document import Origin
from massivetext.sample.formats.books import (
    Book,
    write_bomb_epub,
    write_damaged,
    write_epub,
    write_table,
    write_text,
)
from massivetext.sample.formats.jsonl import Line, dealt_lines, json_line, write_lines
from massivetext.sample.material.articles import Article, Supply
from massivetext.sample.material.deal import Deal
from massivetext.sample.material.truth import Plant, Written
from massivetext.sample.planted.foreign import foreign_article
from massivetext.sample.planted.plant import Planted

_TABLE_BOOKS, _LINE_BOOKS, _EPUB_BOOKS = 6, 4, 3


def write_books(
    folder: Path, shelf: Deal[Book], planted: Planted, supply: Supply
) -> Iterator[Written]:
    """Yields the files of books, each written: text, EPUB, JSON lines, Parquet, damaged ones."""
    folder.mkdir()
    table = [_book_at(shelf, "books.parquet", row) for row in range(_TABLE_BOOKS)]
    yield write_table(folder / "books.parquet", table)
    yield write_lines(folder / "books.jsonl", _lines(shelf, planted))
    for number in range(_EPUB_BOOKS):
        name = f"book-{number}.epub"
        yield write_epub(folder / name, _book_at(shelf, name))
    numbers = count(1000)
    while shelf:
        name = f"{next(numbers)}-0.txt"
        yield write_text(folder / name, _book_at(shelf, name))
    yield from _hard_books(folder, supply)


def _book_at(shelf: Deal[Book], name: str, position: int = 0) -> Book:
    return shelf.take(Origin("books", name).document_id(position))


def _lines(shelf: Deal[Book], planted: Planted) -> Iterator[Line]:
    ordinary = (_line(shelf.train.popleft()) for _ in range(_LINE_BOOKS))
    short = (json_line({"title": a.title, "text": a.text}, a.plant) for a in planted.books)
    deal = Deal(chain(ordinary, short), map(_line, shelf.validation))
    return dealt_lines(Origin("books", "books.jsonl"), deal)


def _hard_books(folder: Path, supply: Supply) -> Iterator[Written]:
    chapters = tuple(supply.take(300) for _ in range(5))
    framed = Book("The lamp on the stairs", chapters, Plant("framed_book"))
    yield write_text(folder / "framed-0.txt", framed)
    french = [foreign_article("fr", number) for number in range(5)]
    yield write_text(folder / "french.txt", Book("Le pont", tuple(french), french[0].plant))
    own = Article("A chapter", ("The café of the village stands beside the church.",))
    latin = Book("The café", (own, supply.take(300)), Plant("latin_book"))
    yield write_text(folder / "latin-8.txt", latin, "cp1252")
    climbing = Book("The ladder", (supply.take(300),), Plant("climbing_epub", "broken"))
    members = [("../outside.xhtml", b"<p>Out</p>"), ("/etc/outside", b"root"), ("C:\\x", b"")]
    yield write_epub(folder / "climbing.epub", climbing, members)
    data = (folder / "book-0.epub").read_bytes()
    yield write_damaged(folder / "cut-short.epub", data[: len(data) // 2], "cut_epub")
    yield write_damaged(folder / "no-archive.epub", b"These bytes are no archive.", "no_epub")
    yield write_bomb_epub(folder / "bomb.epub", Book("The flood", (supply.take(30),)))
    data = (folder / "books.parquet").read_bytes()
    yield write_damaged(folder / "cut-short.parquet", data[: len(data) // 2], "cut_parquet")


def _line(book: Book) -> Line:
    return json_line({"title": book.title, "text": book.text})
