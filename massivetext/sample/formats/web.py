"""The web of the sample: crawls of pages, of extracted text, and what is no page at all."""

import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path

from massivetext.document import Origin
from massivetext.reasons import Reason
from massivetext.sample.formats.warc import (
    Manner,
    compress,
    dealt_pages,
    page_record,
    write_warc,
)
from massivetext.sample.material.articles import Article, Supply, shuffled
from massivetext.sample.material.deal import Deal
from massivetext.sample.material.pages import Page, web_page
from massivetext.sample.material.truth import Placed, Plant, Written
from massivetext.sample.planted.plant import Planted
from massivetext.sample.planted.safety import safety_pages

_CRAWLS = 6
_HELD_OUT = 100_000  # the number of the first page for validation
_NESTED = 100_000
_TEMPLATE_HOST = "catalogue.example"
_PIXEL = b"GIF89a\1\0\1\0\x80\0\0\xff\xff\xff\0\0\0!\xf9\4\1\0\0\0\0,\0\0\0\0\1\0\1\0\0\2\2D\1\0;"


def write_web(
    folder: Path, deal: Deal[Article], planted: Planted, supply: Supply, spare: Supply
) -> Iterator[Written]:
    """Yields the files of the web, each written."""
    folder.mkdir()
    pages = [*_ordinary(deal.train), *_planted(planted.pages), *safety_pages(supply, spare)]
    pages = shuffled([*pages, *_no_pages(supply, spare)], 0, "web")
    held_out = _ordinary(deal.validation, _HELD_OUT)
    for number in range(_CRAWLS):
        path = folder / f"crawl-{number:05}.warc.gz"
        part = Deal(pages[number::_CRAWLS], held_out)
        yield write_warc(path, dealt_pages(Origin("web", path.name), part))
    texts = shuffled([*map(_conversion, planted.wet)], 0, "wet")
    path = folder / "crawl-text.warc.wet.gz"
    part = Deal(texts, map(_conversion, deal.validation))
    yield write_warc(path, dealt_pages(Origin("web", path.name), part, requests=False))
    yield write_warc(folder / "old-brackets.warc.gz", _kept(supply, "old"), _OLD)
    yield write_warc(folder / "one-member.warc.gz", _kept(supply, "one"), _ONE_MEMBER)
    yield _write_damaged(folder / "damaged.warc.gz", [*_kept(supply, "damaged", 7)])


_OLD = Manner("WARC/0.17", brackets=True)
_ONE_MEMBER = Manner(one_member=True)


def _ordinary(articles: Iterable[Article], first: int = 0) -> Iterator[Page]:
    for number, article in enumerate(articles, first):
        host = f"notes-{number * 7919 % 307:03}.example"
        yield web_page(article, f"http://{host}/{number}", number)


def _planted(articles: Iterable[Article]) -> Iterator[Page]:
    """Yields planted pages without a heading, so that the paragraphs alone are the text."""
    for number, article in enumerate(articles):
        plant = article.plant
        template = plant is not None and plant.kind == "template"
        host = _TEMPLATE_HOST if template else f"planted-{number:03}.example"
        layout = 1 if template else number
        yield web_page(article, f"http://{host}/{number}", layout, headline=False)


def _conversion(article: Article) -> Page:
    url = f"http://text-{article.title.lower().replace(' ', '-')[:40]}.example/"
    text = article.text.encode()
    return Page(url, text, article.plant, record="conversion")


def _kept(supply: Supply, name: str, count: int = 3) -> Iterator[Page]:
    for number in range(count):
        article = supply.take(150)._replace(plant=Plant(f"{name}_archive"))
        yield web_page(article, f"http://{name}-{number}.example/", number)


def _no_pages(supply: Supply, spare: Supply) -> Iterator[Page]:
    """Yields captures that are no pages, and pages that are hard to read."""
    image = Plant("image", "dropped", (Reason.NOT_HTML,))
    revisit = Plant("revisit", "dropped", (Reason.RECORD_TYPE,))
    status = Plant("http_status", "dropped", (Reason.HTTP_STATUS,))
    for number in range(6):
        url = f"http://no-page-{number}.example/"
        yield Page(url + "pixel.gif", _PIXEL, image, content_type="image/gif")
        yield Page(url + "again", b"", revisit, record="revisit")
        page = web_page(spare.take(150)._replace(plant=status), url, number)
        yield page._replace(status=("404 Not Found", "500 Server Error", "301 Moved")[number % 3])
    yield Page("http://style.example/a.css", b"p { margin: 0 }", image, content_type="text/css")
    yield _nested(spare)
    yield _latin(supply)
    yield Page("http://empty.example/", b"", Plant("empty_page", "dropped", ("empty",)))


def _nested(spare: Supply) -> Page:
    """Returns a page of a hundred thousand elements in each other; it must do no harm."""
    prose = f"<p>{spare.take(150).paragraphs[0]}</p>".encode()
    body = b"<html><body>" + b"<div>" * _NESTED + prose + b"</div>" * _NESTED
    return Page("http://nested.example/", body, Plant("nested_html", "any"))


def _latin(supply: Supply) -> Page:
    """Returns a page in an old character set that only its header names."""
    article = supply.take(150)._replace(plant=Plant("latin_page"))
    page = web_page(article, "http://latin.example/", 0)
    html = page.body.decode().replace('<meta charset="utf-8">', "<!-- café -->")
    body = html.encode("latin-1", errors="replace")
    return page._replace(body=body, content_type="text/html; charset=iso-8859-1")


def _write_damaged(path: Path, pages: list[Page]) -> Written:
    """Writes records of which the second is cut short, the fourth corrupt, the last unfinished."""
    records = [page_record(page, number) for number, page in enumerate(pages)]
    members = [compress(record) for record in records]
    members[1] = _half(records[1])
    members[3] = _half(records[3])[:-2] + bytes(2)  # the mark behind the block is wrong
    members[6] = members[6][:-200]
    path.write_bytes(b"".join(members))
    whole = (0, 2, 4, 5)
    found = [Placed(pages[n].plant or Plant(""), None, pages[n].url) for n in whole]
    broken = [Placed(Plant("damaged_member", "broken"), None) for _ in range(3)]
    return Written(path.parent.name, path.name, len(pages), 3, (*found, *broken))


def _half(record: bytes) -> bytes:
    """Returns the first half of a gzip member: whole blocks, so that the damage is always seen.

    Cut within a block, what follows may be read as more of it, and the text decides how much.
    """
    compressor = zlib.compressobj(6, zlib.DEFLATED, 31)
    return compressor.compress(record[: len(record) // 2]) + compressor.flush(zlib.Z_FULL_FLUSH)
