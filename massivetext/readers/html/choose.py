"""What the rules choose of a page: navigation is pruned, then the group of blocks is found."""

from itertools import compress
from typing import Final

from massivetext.readers.html.blocks.tree import HEADINGS, UNSEEN, Block

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
GAIN: Final = 0.25  # climbing must add this share of text ...
LOSS: Final = 1.0  # ... and this many characters for each that pruning took out on the way
LEAD, LEAD_HEADING, LEAD_MAX = 60, 120, 1000  # sizes of a standfirst between headline and group


def choose_by_rules(top: Block, blocks: list[Block]) -> bytearray:
    """Returns 1 for each block that the rules choose, else 0; `parts` are as before.

    Args:
      top: of a page.
      blocks: `top` and all below it, in document order; each knows its number there.
    """
    parts = [block.parts for block in blocks]
    prune(top, NAMED_SHARE * top.plain)
    kept = _flag_below([top], blocks)
    left = [block for block in blocks if kept[block.number]]
    root = choose(left)
    chosen = _flag_below([*standfirst(left, root), root], blocks)
    for block, whole in zip(blocks, parts, strict=True):
        block.parts = whole
    return chosen


def _flag_below(roots: list[Block], blocks: list[Block]) -> bytearray:
    """Returns 1 for each block that is one of the roots or below one, by number."""
    found = bytearray(len(blocks))
    for block in roots:
        found[block.number] = 1
    for block in blocks:  # a block stands behind the one that it is below
        if found[block.number]:
            for part in block.parts:
                if not isinstance(part, str):
                    found[part.number] = 1
    return found


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


def choose(blocks: list[Block]) -> Block:
    """Returns the block of the heaviest group, or one above it that gains more than it costs.

    Rae et al. 2021, A.1.1: on good pages coherent blocks of salient text occur as groups of
    semantic tags at the same level of the tree. A group is a block's own prose, its children's
    and theirs; climbing answers to sections that stand in wrappers of their own.
    """
    best = max(blocks, key=lambda block: block.mass)
    node = best.parent
    while node is not None:
        if node.plain - best.plain > GAIN * best.plain + LOSS * (node.lost - best.lost):
            best = node
        node = node.parent
    return best


def standfirst(blocks: list[Block], root: Block) -> list[Block]:
    """Returns the text blocks that stand between the headline and the group, outside of it."""
    above = set()
    node: Block | None = root
    while node is not None:
        above.add(id(node))
        node = node.parent
    found: list[Block] = []
    for block in reversed(blocks[: blocks.index(root)]):
        if block.tag == "h1":
            return found[::-1]
        least = LEAD_HEADING if block.tag in HEADINGS else LEAD
        if least <= block.text - block.link < LEAD_MAX and id(block) not in above:
            found.append(block)
    return []


def leaves_by_rules(leaves: list[Block], chosen: bytearray) -> list[bool]:
    """Returns what the rules choose; what nobody sees before a script ran only if it is more."""
    kept = [chosen[block.number] == 1 for block in leaves]
    unseen = [block.away == UNSEEN for block in leaves]
    text = [block.text for block in leaves]
    if sum(compress(text, unseen)) > sum(compress(text, kept)):
        return unseen
    if any(kept):
        return kept
    seen = [block.away == 0 for block in leaves]
    return seen if any(seen) else [True] * len(leaves)
