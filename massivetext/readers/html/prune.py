"""Takes navigation and boilerplate out of a page's blocks, and weighs what is left."""

from typing import Final

from massivetext.readers.html.blocks.tree import HEADINGS, Block

# Set on the tune half of the development pages; a third more or less moves F1 by under 0.003.
PROSE: Final = 30  # characters outside links that make a block count as text
NAMED_SHARE: Final = 0.25  # a suspect with more than this share of the page's text is kept
DENSE: Final = 0.5  # a block with a larger share of its text in links is navigation
DENSE_SMALL, SMALL = 0.35, 400  # the same for a block of few characters
DENSE_ITEM: Final = 0.75  # the same for a paragraph, list item or row
CELL: Final = 80  # a cell of fewer characters is judged with its row, so rows keep their columns
ROW: Final = 400  # a row of more lays out the page
BELOW: Final = 0.75  # weight of text one level further down in a group
TRUST: Final = 4.0  # weight of a well named group
LEAD_IN: Final = 40  # a line under this length that stands before a dropped block goes with it


def prune(block: Block, enough: float) -> None:
    """Takes out, leaves first, suspects (unless of `enough` text) and what is mostly links."""
    kept: list[str | Block] = []
    whole = block.plain + block.linked
    block.plain, block.linked = block.text - block.link, block.link
    block.own = block.plain if block.plain >= PROSE and block.tag not in HEADINGS else 0
    below = 0
    for part in block.parts:
        if isinstance(part, str):
            kept.append(part)
        elif part.away:
            continue
        elif _stays(part, block, enough, whole):
            kept.append(part)
            block.plain += part.plain
            block.linked += part.linked
            block.near += part.own
            below += part.near
        else:
            _drop(part, block, kept)
    block.parts = kept
    block.mass = (block.own + block.near + BELOW * below) * (TRUST if block.good else 1)


def _stays(part: Block, parent: Block, enough: float, whole: int) -> bool:
    if part.bad and not part.good and part.plain < enough:
        return False
    prune(part, enough)
    parent.lost += part.lost
    return not _is_navigation(part, whole)


def _is_navigation(block: Block, whole: int) -> bool:
    """Returns whether links hold too much of the block's text, by what kind of block it is.

    Args:
      block: a block below another.
      whole: the size of that other block before anything was taken out.
    """
    size, tag = block.plain + block.linked, block.tag
    if size == 0:
        return block.lost > 0  # nothing is left of it
    if tag in HEADINGS or (tag in ("td", "th") and size < CELL and whole < ROW):
        return False
    if tag in ("p", "li", "tr"):
        return block.linked > DENSE_ITEM * size
    return block.linked > (DENSE_SMALL if size < SMALL else DENSE) * size


def _drop(part: Block, block: Block, kept: list[str | Block]) -> None:
    """Drops a subtree and the heading or short line that leads in to it.

    Its h1 stays, to tell where the main text begins.
    """
    block.lost += part.plain + part.linked
    while kept and isinstance(kept[-1], str) and not kept[-1].strip():
        kept.pop()
    if kept and isinstance(last := kept[-1], Block) and _leads_in(last):
        kept.pop()
    if part.head is not None:
        part.head.parent = block
        kept.append(part.head)


def _leads_in(block: Block) -> bool:
    if block.head is not None:
        return False
    return block.tag in HEADINGS or (block.tag in ("p", "div") and block.plain < LEAD_IN)
