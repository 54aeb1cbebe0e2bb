"""Articles as HTML pages: in one of four layouts, with navigation and boilerplate around them."""

from html import escape
from typing import NamedTuple

from massivetext.sample.material.articles import Article
from massivetext.sample.material.truth import Plant

HTML = "text/html; charset=utf-8"


class Page(NamedTuple):
    """One capture: what a crawler asked for and what a server answered."""

    url: str
    body: bytes
    plant: Plant | None = None
    status: str = "200 OK"
    content_type: str = HTML
    headers: tuple[str, ...] = ()
    record: str = "response"  # WARC-Type


_LAYOUTS = (
    """<body><nav>{links}</nav><main><article>{headline}{prose}</article></main>
<footer><p>{legal}</p></footer></body>""",
    """<body><div id="header"><ul class="menu">{items}</ul></div>
<div class="content"><div class="entry-content">{headline}{prose}</div></div>
<div class="sidebar"><h4>Read also</h4><ul>{items}</ul></div>
<div class="cookie-notice">We use cookies. <a href="/privacy">Learn more</a></div></body>""",
    """<body><header><a href="/">Home</a> | {links}</header>
<section id="main">{headline}{prose}</section>
<aside class="related"><h3>Related pages</h3><ul>{items}</ul></aside>
<script>var shown = {{"sections": [1, 2, 3]}};</script>
<footer>{links}<br>{legal}</footer></body>""",
    """<body><table class="top"><tr><td>{links}</td></tr></table>
<div id="page"><div class="breadcrumb"><a href="/">Start</a> &gt; <a href="/notes">Notes</a></div>
<div id="article">{headline}{prose}</div>
<div class="share"><a href="#">Share</a> <a href="#">Print</a> <a href="#">Save</a></div></div>
<div id="bottom"><a href="/about">About</a> <a href="/contact">Contact</a> {legal}</div></body>""",
)
_SECTIONS = (
    "News", "Notes", "Guides", "Archive", "Topics", "Letters", "About us", "Contact", "Search",
    "Subscribe", "Calendar", "Help",
)  # fmt: skip
_LEGAL = "All rights reserved. Terms of use. Privacy. Site map."


def web_page(
    article: Article, url: str, number: int, meta: str = "", headline: bool = True
) -> Page:
    r"""Returns the article as a page in the layout of its number.

    Args:
      article: "\n" in a paragraph is a line break, "- " at its start makes it a list.
      url: of the page.
      number: chooses layout and links.
      meta: tags for the head.
      headline: whether the title is also a heading above the text.
    """
    title = escape(article.title)
    first = number % len(_SECTIONS)
    names = (_SECTIONS[first:] + _SECTIONS[:first])[:7]
    links = [f'<a href="/{name.lower().replace(" ", "-")}">{name}</a>' for name in names]
    body = _LAYOUTS[number % len(_LAYOUTS)].format(
        links=" ".join(links),
        items="".join(f"<li>{link}</li>" for link in links),
        headline=f"<h1>{title}</h1>\n" if headline else "",
        prose="\n".join(map(_block, article.paragraphs)),
        legal=_LEGAL,
    )
    head = f'<head><meta charset="utf-8">{meta}<title>{title}</title></head>'
    html = f'<!DOCTYPE html>\n<html lang="en">{head}\n{body}</html>\n'
    return Page(url, html.encode(), article.plant)


def _block(paragraph: str) -> str:
    lines = paragraph.split("\n")
    if all(line.startswith("- ") for line in lines):
        items = "\n".join(f"<li>{escape(line[2:])}</li>" for line in lines)
        return f"<ul>\n{items}\n</ul>"
    return "<p>" + "<br>\n".join(map(escape, lines)) + "</p>"
