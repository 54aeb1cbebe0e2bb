"""Articles as a dump of a wiki: pages-articles XML in bzip2 streams of some pages each."""

import bz2
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple
from xml.sax.saxutils import escape, quoteattr

from massivetext.document import Origin
from massivetext.reasons import Reason
from massivetext.sample.material.articles import Article
from massivetext.sample.material.deal import Deal
from massivetext.sample.material.truth import Placed, Plant, Written

_STREAM_PAGES = 40
_POSITION_SHIFT = 24  # a page's position is its stream's offset and its number in the stream
_MARKUP = ("[", "]", "{", "}", "<", ">", "|", "''", "==", "__", "~~~", "*", "#")
_HEADER = """<mediawiki xmlns="http://www.mediawiki.org/xml/export-0.10/" version="0.10" \
xml:lang="en">
  <siteinfo>
    <sitename>Sample</sitename>
    <dbname>samplewiki</dbname>
    <base>https://wiki.example/wiki/Main_Page</base>
    <generator>massivetext sample</generator>
    <case>first-letter</case>
    <namespaces>
      <namespace key="0" case="first-letter" />
      <namespace key="1" case="first-letter">Talk</namespace>
      <namespace key="10" case="first-letter">Template</namespace>
      <namespace key="14" case="first-letter">Category</namespace>
    </namespaces>
  </siteinfo>
"""
_FOOTER = "</mediawiki>\n"
_LAUGHS = '<!DOCTYPE mediawiki [<!ENTITY a "ha">' + "".join(
    f'<!ENTITY {new} "{f"&{old};" * 10}">' for old, new in zip("abcdefgh", "bcdefghi", strict=True)
)


class WikiPage(NamedTuple):
    """One page of the dump."""

    title: str
    markup: str
    namespace: int = 0
    redirect: str = ""
    plant: Plant | None = None


def is_plain(text: str) -> bool:
    """Returns whether a text holds nothing that wiki markup would change.

    >>> is_plain("a [[link]]")
    False
    """
    return not text.startswith((" ", ":", ";")) and not any(mark in text for mark in _MARKUP)


def wiki_page(article: Article, number: int) -> WikiPage:
    """Returns the article in wiki markup: template, links, headings, references, categories."""
    paragraphs = [_linked(text, number + i) for i, text in enumerate(article.paragraphs)]
    half = len(paragraphs) // 2
    markup = [
        "{{Short description|A note of the sample}}",
        f"{{{{Infobox note\n| name = {article.title}\n| number = {number}\n}}}}",
        *paragraphs[:half],
        "== Details ==",
        *paragraphs[half:],
        "== References ==\n{{reflist}}",
        "[[Category:Notes]]\n[[Category:Sample pages]]",
    ]
    return WikiPage(article.title, "\n\n".join(markup), plant=article.plant)


def other_pages(article: Article) -> list[WikiPage]:
    """Returns pages that are no articles: redirects and other namespaces."""
    redirect = Plant("redirect", "dropped", (Reason.REDIRECT,))
    other = Plant("namespace", "dropped", (Reason.NAMESPACE,))
    target = article.title
    return [
        WikiPage("Old name", f"#REDIRECT [[{target}]]", 0, target, redirect),
        WikiPage("Older name", f"#redirect [[{target}#Details]]", 0, target, redirect),
        WikiPage("Talk:A note", article.text, 1, plant=other),
        WikiPage("Template:Infobox note", "{{{name}}} is a note.", 10, plant=other),
        WikiPage("Category:Notes", "All notes.", 14, plant=other),
    ]


def write_dump(path: Path, page_at: Callable[[int], WikiPage | None]) -> Written:
    """Writes a multistream dump; a position is stream offset * 2**24 + page number.

    Args:
      path: of the file.
      page_at: the page at a position, None behind the last one; asked once for each in turn.
    """
    data = bytearray(bz2.compress(_HEADER.encode()))
    placed: list[Placed] = []
    written = 0
    while stream := [*_stream(page_at, len(data))]:
        placed += _placed(stream, len(data))
        xml = "".join(_xml(page, written + i) for i, page in enumerate(stream, start=1))
        data += bz2.compress(xml.encode())
        written += len(stream)
    path.write_bytes(bytes(data) + bz2.compress(_FOOTER.encode()))
    return Written(path.parent.name, path.name, written, 0, tuple(placed))


def dealt_page(origin: Origin, deal: Deal[WikiPage]) -> Callable[[int], WikiPage | None]:
    """Returns what stands at a position of a dump, None when all pages are dealt."""
    return lambda position: deal.take(origin.document_id(position)) if deal else None


def write_cut_dump(path: Path, pages: list[WikiPage]) -> Written:
    """Writes two streams of which the second is cut short in its middle."""
    half = len(pages) // 2
    first = _HEADER + "".join(_xml(page, i) for i, page in enumerate(pages[:half], start=1))
    second = "".join(_xml(page, i) for i, page in enumerate(pages[half:], start=half + 1))
    data, cut = bz2.compress(first.encode()), bz2.compress(second.encode())
    path.write_bytes(data + cut[: len(cut) // 2])
    broken = Placed(Plant("cut_stream", "broken"), None)
    return Written(path.parent.name, path.name, half + 1, 1, (*_placed(pages[:half], 0), broken))


def write_laughs(path: Path) -> Written:
    """Writes a dump whose entities expand to a hundred million words: its head and page break."""
    page = "<mediawiki><page><title>&i;</title><ns>0</ns><text>&i;</text></page></mediawiki>"
    path.write_bytes(bz2.compress((_LAUGHS + "]>" + page).encode()))
    broken = Placed(Plant("entities", "broken"), None)
    return Written(path.parent.name, path.name, 2, 2, (broken, broken))


def _stream(page_at: Callable[[int], WikiPage | None], offset: int) -> Iterator[WikiPage]:
    for number in range(_STREAM_PAGES):
        page = page_at((offset << _POSITION_SHIFT) + number)
        if page is None:
            return
        yield page


def _placed(pages: Iterable[WikiPage], offset: int) -> list[Placed]:
    return [
        Placed(page.plant, (offset << _POSITION_SHIFT) + number, page.title)
        for number, page in enumerate(pages)
        if page.plant
    ]


def _linked(text: str, number: int) -> str:
    """Returns a paragraph with a word as a link, one in bold, and a reference at its end."""
    words = text.split()
    link = number % (len(words) - 1)
    if words[link].isalpha():
        words[link] = f"[[Notes on {words[link].lower()}|{words[link]}]]"
    if words[-1].isalpha():
        words[-1] = f"'''{words[-1]}'''"
    return " ".join(words) + f"<ref>{{{{cite book|title=Source {number}|year=2001}}}}</ref>"


def _xml(page: WikiPage, number: int) -> str:
    redirect = f"    <redirect title={quoteattr(page.redirect)} />\n" if page.redirect else ""
    return f"""  <page>
    <title>{escape(page.title)}</title>
    <ns>{page.namespace}</ns>
    <id>{number}</id>
{redirect}    <revision>
      <id>{number + 1000}</id>
      <timestamp>2023-03-20T08:00:00Z</timestamp>
      <contributor>
        <username>Writer</username>
        <id>7</id>
      </contributor>
      <model>wikitext</model>
      <format>text/x-wiki</format>
      <text bytes="{len(page.markup.encode())}" xml:space="preserve">{escape(page.markup)}</text>
    </revision>
  </page>
"""
