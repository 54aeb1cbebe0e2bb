"""C4, news, Wikipedia and GitHub of the sample: which files there are, and what is in each.

Ordinary documents and planted ones are dealt to places for training, and to those for validation
documents of texts of their own.
"""

from collections.abc import Iterable, Iterator
from itertools import chain, count
from pathlib import Path

from massivetext.document import Origin
from massivetext.sample.formats.github import (
    REPOSITORY_FILES,
    Row,
    code_row,
    refused_rows,
    repository_name,
    write_rows,
)
from massivetext.sample.formats.jsonl import (
    Line,
    broken_lines,
    dealt_lines,
    json_line,
    long_line,
    write_bomb,
    write_cut_lines,
    write_lines,
)
from massivetext.sample.formats.warc import dealt_pages, write_warc
from massivetext.sample.formats.wikipedia import (
    WikiPage,
    dealt_page,
    other_pages,
    wiki_page,
    write_cut_dump,
    write_dump,
    write_laughs,
)
from massivetext.sample.material.articles import Article, Supply, shuffled
from massivetext.sample.material.deal import Deal
from massivetext.sample.material.packages import Module
from massivetext.sample.material.pages import Page, web_page
from massivetext.sample.material.truth import Plant, Written
from massivetext.sample.planted.held_out import Item
from massivetext.sample.planted.plant import Planted

_NEWS_PAGES = 150  # of the ordinary articles, in a WARC; the others are JSON lines
_HELD_OUT = 100_000  # the number of the first document for validation


def write_c4(
    folder: Path, deal: Deal[Article], planted: Planted, supply: Supply
) -> Iterator[Written]:
    """Yields the files of C4, each written: two shards, and four that are damaged."""
    folder.mkdir()
    lines = shuffled([*map(_c4_line, chain(deal.train, planted.c4))], 0, "c4")
    held_out = map(_c4_line, deal.validation)
    half = len(lines) // 2
    yield _write_dealt(folder / "c4-train.00000-of-00002.json.gz", lines[:half], held_out)
    yield _write_dealt(folder / "c4-train.00001-of-00002.json.zst", lines[half:], held_out)
    whole = [_c4_line(supply.take(130)._replace(plant=Plant("by_damage"))) for _ in range(6)]
    yield write_lines(folder / "broken-lines.json.gz", [*broken_lines(supply.take(130)), whole[0]])
    yield write_lines(folder / "long-line.json.gz", long_line(whole[1]))
    cut = Line(whole[5].data)  # its end is missing
    yield write_cut_lines(folder / "cut-short.json.gz", [*whole[2:4], cut])
    yield write_bomb(folder / "bomb.json.zst", whole[4])


def write_news(
    folder: Path, deal: Deal[Article], planted: Planted, supply: Supply
) -> Iterator[Written]:
    """Yields the files of news, each written: a crawl, plain and compressed JSON lines."""
    folder.mkdir()
    pages = Deal(
        _news_pages([deal.train.popleft() for _ in range(_NEWS_PAGES)]),
        _news_pages(deal.validation, _HELD_OUT),
    )
    path = folder / "news-20230320080000-00000.warc.gz"
    yield write_warc(path, dealt_pages(Origin("news", path.name), pages))
    lines = shuffled([*_news_lines(chain(deal.train, planted.news))], 0, "news")
    held_out = _news_lines(deal.validation, _HELD_OUT)
    yield _write_dealt(folder / "news.jsonl", lines[::2], held_out)
    yield _write_dealt(folder / "news.jsonl.gz", lines[1::2], held_out)
    yield write_lines(folder / "broken-news.jsonl", broken_lines(supply.take(130)))


def write_wikipedia(
    folder: Path, deal: Deal[Article], planted: Planted, supply: Supply
) -> Iterator[Written]:
    """Yields the files of Wikipedia, each written: a dump, one cut short, one of entities."""
    folder.mkdir()
    pages = [*_wiki_pages(deal.train), *_wiki_pages(planted.wikipedia, 5000)]
    pages += other_pages(deal.train[0])
    pages = shuffled(pages, 0, "wikipedia")
    path = folder / "samplewiki-20230320-pages-articles-multistream.xml.bz2"
    all_pages = Deal(pages, _wiki_pages(deal.validation, _HELD_OUT))
    yield write_dump(path, dealt_page(Origin("wikipedia", path.name), all_pages))
    kept = [supply.take(220)._replace(plant=Plant("by_damage")) for _ in range(6)]
    name = path.name.removesuffix(".xml.bz2")
    yield write_cut_dump(folder / f"{name}-cut-short.xml.bz2", [*_wiki_pages(kept, 9000)])
    yield write_laughs(folder / f"{name}-entities.xml.bz2")


def write_github(
    folder: Path, deal: Deal[Module], code: list[tuple[Item, Module, Plant]]
) -> Iterator[Written]:
    """Yields the files of GitHub, each written: JSON lines and Parquet of the export.

    Files of a repository are on one side, so it is repositories that are places here.
    """
    folder.mkdir()
    rows: list[tuple[Row, Plant | None]] = [
        (code_row(80_000 + number, f"lib/{module.path}", module.text), plant)
        for number, (_, module, plant) in enumerate(code)
    ]
    rows += refused_rows([*deal.train][:20])
    rows = shuffled([*rows, *_code_rows(deal)], 0, "github")
    lines = [json_line(row, plant) for row, plant in rows[::2]]
    yield write_lines(folder / "github_repos-000000000000.json.gz", lines)
    yield write_rows(folder / "github_repos-000000000001.parquet", rows[1::2])


def _code_rows(deal: Deal[Module]) -> Iterator[tuple[Row, None]]:
    for number in count():
        if not deal:
            return
        module = deal.take(repository_name(number // REPOSITORY_FILES))
        yield code_row(number, f"lib/{module.path}", module.text), None


def _write_dealt(path: Path, train: list[Line], validation: Iterator[Line]) -> Written:
    origin = Origin(path.parent.name, path.name)
    return write_lines(path, dealt_lines(origin, Deal(train, validation)))


def _c4_line(article: Article) -> Line:
    text = article.text if article.plant else "\n".join(article.paragraphs)
    url = f"https://www.c4-{len(article.text) % 97}.example/{_slug(article.title)}"
    row = {"text": text, "timestamp": "2019-04-25T12:57:54Z", "url": url}
    return json_line(row, article.plant)


def _news_lines(articles: Iterable[Article], first: int = 0) -> Iterator[Line]:
    for number, article in enumerate(articles, first):
        yield _news_line(number, article)


def _news_line(number: int, article: Article) -> Line:
    row = {
        "id": f"news-{number:05}",
        "url": f"https://news-{number % 23}.example/{_slug(article.title)}",
        "title": article.title,
        "date": f"2023-03-{1 + number % 28:02}",
        "text": article.text,
    }
    return json_line(row, article.plant)


def _wiki_pages(articles: Iterable[Article], first: int = 0) -> Iterator[WikiPage]:
    for number, article in enumerate(articles, first):
        yield wiki_page(article, number)


def _news_pages(articles: Iterable[Article], first: int = 0) -> Iterator[Page]:
    for number, article in enumerate(articles, first):
        url = f"https://paper-{number % 11}.example/2023/03/20/{_slug(article.title)}"
        yield web_page(article, url, number)


def _slug(title: str) -> str:
    return "-".join("".join(c if c.isalnum() else " " for c in title.lower()).split())[:60]
