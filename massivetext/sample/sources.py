"""C4, news, Wikipedia and GitHub of the sample: which files there are, and what is in each."""

from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from massivetext.sample.formats.github import Row, code_row, refused_rows, write_rows
from massivetext.sample.formats.jsonl import (
    Line,
    broken_lines,
    json_line,
    long_line,
    write_bomb,
    write_cut_lines,
    write_lines,
)
from massivetext.sample.formats.warc import write_warc
from massivetext.sample.formats.wikipedia import (
    other_pages,
    wiki_page,
    write_cut_dump,
    write_dump,
    write_laughs,
)
from massivetext.sample.material.articles import Article, Supply, shuffled
from massivetext.sample.material.pages import Page, web_page
from massivetext.sample.material.text import Module
from massivetext.sample.material.truth import Plant, Written
from massivetext.sample.planted.held_out import Item
from massivetext.sample.planted.plant import Planted

_NEWS_PAGES = 150  # of the ordinary articles, in a WARC; the others are JSON lines
_CODE_BYTES = 3_500_000


def write_c4(
    folder: Path, articles: list[Article], planted: Planted, supply: Supply
) -> Iterator[Written]:
    """Yields the files of C4, each written: two shards, and four that are damaged."""
    folder.mkdir()
    lines = shuffled([*map(_c4_line, chain(articles, planted.c4))], 0, "c4")
    half = len(lines) // 2
    yield write_lines(folder / "c4-train.00000-of-00002.json.gz", lines[:half])
    yield write_lines(folder / "c4-train.00001-of-00002.json.zst", lines[half:])
    whole = [_c4_line(supply.take(130)._replace(plant=Plant("by_damage"))) for _ in range(6)]
    yield write_lines(folder / "broken-lines.json.gz", [*broken_lines(supply.take(130)), whole[0]])
    yield write_lines(folder / "long-line.json.gz", long_line(whole[1]))
    cut = Line(whole[5].data)  # its end is missing
    yield write_cut_lines(folder / "cut-short.json.gz", [*whole[2:4], cut])
    yield write_bomb(folder / "bomb.json.zst", whole[4])


def write_news(
    folder: Path, articles: list[Article], planted: Planted, supply: Supply
) -> Iterator[Written]:
    """Yields the files of news, each written: a crawl, plain and compressed JSON lines."""
    folder.mkdir()
    pages = [*_news_pages(articles[:_NEWS_PAGES])]
    yield write_warc(folder / "news-20230320080000-00000.warc.gz", pages)
    rest = chain(articles[_NEWS_PAGES:], planted.news)
    lines = [_news_line(number, article) for number, article in enumerate(rest)]
    lines = shuffled(lines, 0, "news")
    yield write_lines(folder / "news.jsonl", lines[::2])
    yield write_lines(folder / "news.jsonl.gz", lines[1::2])
    yield write_lines(folder / "broken-news.jsonl", broken_lines(supply.take(130)))


def write_wikipedia(folder: Path, articles: list[Article], planted: Planted) -> Iterator[Written]:
    """Yields the files of Wikipedia, each written: a dump, one cut short, one of entities."""
    folder.mkdir()
    pages = [wiki_page(article, number) for number, article in enumerate(articles[6:])]
    pages += [wiki_page(article, 5000 + number) for number, article in enumerate(planted.wikipedia)]
    pages += other_pages(articles[6])
    name = "samplewiki-20230320-pages-articles-multistream"
    yield write_dump(folder / f"{name}.xml.bz2", shuffled(pages, 0, "wikipedia"))
    kept = Plant("by_damage")
    cut = [wiki_page(a._replace(plant=kept), 9000 + n) for n, a in enumerate(articles[:6])]
    yield write_cut_dump(folder / f"{name}-cut-short.xml.bz2", cut)
    yield write_laughs(folder / f"{name}-entities.xml.bz2")


def write_github(
    folder: Path, modules: list[Module], code: list[tuple[Item, Module, Plant]]
) -> Iterator[Written]:
    """Yields the files of GitHub, each written: JSON lines and Parquet of the export."""
    folder.mkdir()
    held_out = {module.path for _, module, _ in code}
    rows: list[tuple[Row, Plant | None]] = [
        (code_row(number, f"lib/{module.path}", module.text), None)
        for number, module in enumerate(_some(modules))
        if module.path not in held_out
    ]
    rows += [
        (code_row(80_000 + number, f"lib/{module.path}", module.text), plant)
        for number, (_, module, plant) in enumerate(code)
    ]
    rows += refused_rows(modules[:20])
    rows = shuffled(rows, 0, "github")
    lines = [json_line(row, plant) for row, plant in rows[::2]]
    yield write_lines(folder / "github_repos-000000000000.json.gz", lines)
    yield write_rows(folder / "github_repos-000000000001.parquet", rows[1::2])


def _some(modules: list[Module]) -> Iterator[Module]:
    size = 0
    for module in modules:
        size += len(module.text)
        if size < _CODE_BYTES:
            yield module


def _c4_line(article: Article) -> Line:
    text = article.text if article.plant else "\n".join(article.paragraphs)
    url = f"https://www.c4-{len(article.text) % 97}.example/{_slug(article.title)}"
    row = {"text": text, "timestamp": "2019-04-25T12:57:54Z", "url": url}
    return json_line(row, article.plant)


def _news_line(number: int, article: Article) -> Line:
    row = {
        "id": f"news-{number:05}",
        "url": f"https://news-{number % 23}.example/{_slug(article.title)}",
        "title": article.title,
        "date": f"2023-03-{1 + number % 28:02}",
        "text": article.text,
    }
    return json_line(row, article.plant)


def _news_pages(articles: list[Article]) -> Iterator[Page]:
    for number, article in enumerate(articles):
        url = f"https://paper-{number % 11}.example/2023/03/20/{_slug(article.title)}"
        yield web_page(article, url, number)


def _slug(title: str) -> str:
    return "-".join("".join(c if c.isalnum() else " " for c in title.lower()).split())[:60]
