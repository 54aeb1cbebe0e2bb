"""Main text of an HTML page, after the sketch in the paper (Rae et al. 2021, A.1.1).

Each block that has text of its own is judged, by rules and by the trained model; those that are
main text are rendered in order.
"""

import json
import re
from html import unescape
from typing import Any, Final, NamedTuple

import numpy as np

from massivetext.document import given_text
from massivetext.readers.html.blocks.tree import Block, blocks_below, read_blocks
from massivetext.readers.html.choose import choose_by_rules, leaves_by_rules
from massivetext.readers.html.guard import parse_html
from massivetext.readers.html.render import render, without_others
from massivetext.readers.html.salience.arrays import Page, page_hints, read_page
from massivetext.readers.html.salience.measures import measure
from massivetext.readers.html.salience.select import Model, select, shipped_model
from massivetext.readers.markup.inline import drop_renderings
from massivetext.text.surrogates import LONE_SURROGATE

ENOUGH: Final = 1000  # a text over this length is not compared with the schema.org articleBody
BODY_RATIO: Final = 2.0  # a schema.org articleBody this many times longer replaces the text
FEW: Final = 16  # leaves; a page of fewer has no groups to compare, so rules choose
MOST: Final = 100_000  # leaves; measuring more would take too much memory, and rules choose too
_RENDERED: Final = '.katex-html, script[type^="math/"], mjx-math, .MathJax nobr'
_ARTICLE_BODY = re.compile(r'"articleBody"\s*+:\s*+("(?:[^"\\]++|\\.)*+")', re.S)


class Judged(NamedTuple):
    """A page's blocks in document order, with what the rules choose among them."""

    blocks: list[Block]
    leaves: list[Block]  # that have text of their own
    chosen: bytearray  # 1 for each block that the rules choose
    headline: Block | None
    page: Page | None  # its arrays, where there are leaves enough for the model
    hints: list[int]  # what it says of its own kind, there


def extract_text(html: str) -> str:
    r"""Returns the main text of a page without headline, navigation and boilerplate; "" if none.

    Paragraphs, headings, lists and tables stand between empty lines; items, rows and <br> on new
    lines; items after ``- `` or ``1. ``, two spaces in for each level; cells between tabs; pre as
    it is.

    >>> extract_text("<nav>Home</nav><p>Bread is flour,<br>water and salt.</p><ul><li>Salt</ul>")
    'Bread is flour,\nwater and salt.\n\n- Salt'

    Raises:
      ConfigError: the page is no text: bytes are to be decoded first.
      RecordError: the page is over a bound of `massivetext.limits`.
    """
    return text_of(parse_html(given_text(html)), html)


def text_of(tree: Any, html: str, model: Model | None = None) -> str:
    """Returns `extract_text` of a parsed page; without a model by the shipped one."""
    if tree.css_first(_RENDERED) is not None:
        drop_renderings(tree, html)
    text = _main_text(tree, model or shipped_model())
    if len(text) <= ENOUGH and '"articleBody"' in html:
        body = _article_body(html)
        text = body if len(body) > BODY_RATIO * len(text) else text
    return LONE_SURROGATE.sub("\ufffd", text.replace("\0", ""))


def _main_text(tree: Any, model: Model) -> str:
    judged = read_judged(tree)
    if judged.page is None:
        kept = leaves_by_rules(judged.leaves, judged.chosen)
    else:
        columns = measure(judged.page, judged.chosen, judged.hints)
        by_rules = np.frombuffer(judged.chosen, np.bool_)[judged.page.leaves]
        kept = select(judged.page, model.shares(columns), by_rules).tolist()
    shown = {block.number for block, keep in zip(judged.leaves, kept, strict=True) if keep}
    if judged.headline is not None:  # metadata: `Document.title`
        shown.discard(judged.headline.number)
    text = render(without_others(judged.blocks, shown))
    for block in judged.blocks:  # no cycles: the tree is freed here, not by the garbage collector
        block.parent = None
    return text


def read_judged(tree: Any, few: int = FEW) -> Judged:
    """Returns the blocks of a parsed page with the choice of the rules.

    Args:
      tree: of the page.
      few: a page of fewer leaves is left to the rules, as one of more than `MOST` is.
    """
    top = read_blocks(tree.body)
    blocks = blocks_below(top)
    leaves = [block for block in blocks if block.text]
    many = few <= len(leaves) <= MOST
    page, hints = (read_page(blocks), page_hints(tree)) if many else (None, [])
    return Judged(blocks, leaves, choose_by_rules(top, blocks), top.head, page, hints)


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
