"""Main text of an HTML page, after the sketch in the paper (Rae et al. 2021, A.1.1).

Blocks are read, judged together (`judge`), and those that are main text are rendered in order.
"""

import json
import re
from html import unescape
from typing import Any, Final

from massivetext.readers.html.guard import parse_html
from massivetext.readers.html.judge import read_judged, salient_leaves
from massivetext.readers.html.render import render
from massivetext.readers.html.salience.trees import Model, shipped_model
from massivetext.readers.html.tree import read_blocks
from massivetext.readers.markup.inline import drop_renderings

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


def text_of(tree: Any, html: str, model: Model | None = None) -> str:
    """Returns `extract_text` of a parsed page; without a model by the shipped one."""
    drop_renderings(tree, html)
    text = _main_text(tree, model or shipped_model())
    if len(text) <= ENOUGH and '"articleBody"' in html:
        body = _article_body(html)
        text = body if len(body) > BODY_RATIO * len(text) else text
    return _LONE_SURROGATE.sub("\ufffd", text.replace("\0", ""))


def _main_text(tree: Any, model: Model) -> str:
    judged = read_judged(tree)
    blocks, leaves = judged.blocks, judged.page.leaves.tolist()
    kept = salient_leaves(tree, judged, model).tolist() if leaves else list[bool]()
    for number, keep in zip(leaves, kept, strict=True):
        if not keep or blocks[number] is judged.headline:  # metadata: `Document.title`
            blocks[number].parts = [part for part in blocks[number].parts if type(part) is not str]
    text = render(blocks[0])
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
