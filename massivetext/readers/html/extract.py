"""Main text of an HTML page, after the sketch in the paper (Rae et al. 2021, A.1.1).

Blocks are read, judged together (`judge`), and those that are main text are rendered in order.
"""

import json
import re
from html import unescape
from typing import Any, Final

from massivetext.readers.html.blocks.tree import Block, read_blocks
from massivetext.readers.html.guard import parse_html
from massivetext.readers.html.judge import read_judged, salient_leaves
from massivetext.readers.html.render import render
from massivetext.readers.html.salience.trees import Model, shipped_model
from massivetext.readers.markup.inline import drop_renderings

ENOUGH: Final = 1000  # a text over this length is not compared with the schema.org articleBody
BODY_RATIO: Final = 2.0  # a schema.org articleBody this many times longer replaces the text
_RENDERED: Final = '.katex-html, script[type^="math/tex"], mjx-math, .MathJax nobr'
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
    if tree.css_first(_RENDERED) is not None:
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
    shown = {number for number, keep in zip(leaves, kept, strict=True) if keep}
    if judged.headline is not None:  # metadata: `Document.title`
        shown.discard(judged.headline.number)
    text = render(_without_others(blocks, shown))
    for block in blocks:  # no cycles: the tree is freed here, not by the garbage collector
        block.parent = None
    return text


def _without_others(blocks: list[Block], shown: set[int]) -> Block:
    """Returns the first block, in document order, with the text of the shown ones alone."""
    full = bytearray(len(blocks))
    for block in reversed(blocks):
        own = block.number in shown
        if own or full[block.number]:
            full[block.number] = 1
            if block.parent is not None:
                full[block.parent.number] = 1
            block.parts = [
                part
                for part in block.parts
                if (own if isinstance(part, str) else full[part.number] or part.tag == "li")
            ]
        elif block.tag == "li":
            block.parts = []  # it stays, for the numbers of those after it
    return blocks[0] if full[0] else Block("body", None, bad=False, good=False)


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
