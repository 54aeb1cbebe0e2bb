"""Main text of an HTML page, after the sketch in the paper (Rae et al. 2021, A.1.1).

Four steps, each a function of the one before: `read_blocks`, `prune`, `choose`, `render`.
"""

import json
import re
from html import unescape
from typing import Any, Final

from massivetext.readers.html.choose import blocks_below, choose, standfirst
from massivetext.readers.html.guard import parse_html
from massivetext.readers.html.prune import NAMED_SHARE, prune
from massivetext.readers.html.render import render
from massivetext.readers.html.tree import read_blocks
from massivetext.readers.markup.inline import drop_renderings

SHORT: Final = 100  # a text under this length makes the extractor look again, without names
ENOUGH: Final = 1000  # a text over this length is not compared with the schema.org articleBody
BODY_RATIO: Final = 2.0  # a schema.org articleBody this many times longer replaces the text
_ARTICLE_BODY = re.compile(r'"articleBody"\s*+:\s*+("(?:[^"\\]++|\\.)*+")', re.S)
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


def extract_text(html: str) -> str:
    r"""Returns the main text of a page without headline, navigation and boilerplate; "" if none.

    Paragraphs, headings, lists and tables stand between empty lines; items, rows and <br> on new
    lines; items after ``- `` or ``1. ``, two spaces in for each level; cells between tabs; pre as
    it is.

    >>> extract_text("<nav>Home</nav><p>Bread is flour,<br>water and salt.</p><ul><li>Salt</ul>")
    'Bread is flour,\nwater and salt.\n\n- Salt'

    Raises:
      RecordError: the page is over a bound of `massivetext.limits`.
    """
    return text_of(parse_html(html), html)


def text_of(tree: Any, html: str) -> str:
    """Returns `extract_text` of a page whose tree is at hand."""
    drop_renderings(tree, html)
    text = _main_text(tree.body)
    if len(text) <= ENOUGH and '"articleBody"' in html:
        body = _article_body(html)
        text = body if len(body) > BODY_RATIO * len(text) else text
    return _LONE_SURROGATE.sub("\ufffd", text.replace("\0", ""))


def _main_text(body: Any) -> str:
    top = read_blocks(body)
    prune(top, NAMED_SHARE * top.plain)
    blocks = blocks_below(top)
    root = choose(blocks)
    lead = standfirst(blocks, root)
    if top.head is not None:  # the headline is metadata: `Document.title`
        top.head.parts = []
    text = "\n\n".join(text for text in map(render, (*lead, root)) if text)
    for block in blocks:  # no cycles: the tree is freed here, not by the garbage collector
        block.parent = None
    return text


def _article_body(html: str) -> str:
    """Returns the longest schema.org articleBody in the page's scripts as text, "" if none."""
    best = ""
    for match in _ARTICLE_BODY.finditer(html):
        try:
            best = max(best, str(json.loads(match[1], strict=False)), key=len)
        except ValueError:
            continue
    if "<" in best:
        return render(read_blocks(parse_html(best).body))
    return unescape(best).strip()
