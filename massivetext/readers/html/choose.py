"""Chooses the block that holds a page's main text: the paper's group at one level of the tree."""

from typing import Final

from massivetext.readers.html.blocks.tree import HEADINGS, Block

GAIN: Final = 0.25  # climbing must add this share of text ...
LOSS: Final = 1.0  # ... and this many characters for each that pruning took out on the way
LEAD, LEAD_HEADING, LEAD_MAX = 60, 120, 1000  # sizes of a standfirst between headline and group


def blocks_below(top: Block) -> list[Block]:
    """Returns the block and all below it, in document order."""
    found, waiting = [], [top]
    while waiting:
        block = waiting.pop()
        found.append(block)
        waiting += [part for part in reversed(block.parts) if isinstance(part, Block)]
    return found


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
