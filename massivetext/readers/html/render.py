"""Blocks as plain text: empty lines, indents, bullets, rows and verbatim listings are kept.

No ``#`` before headings and no ``|`` between cells: they would count as words and symbols.
"""

import re
from typing import Final

from massivetext.readers.html.blocks.tree import BREAK, SPACED, Block

INDENTED: Final = frozenset(("p", "div", "body", "section", "article", "dd", "blockquote"))
INDENT: Final = 2  # no-break spaces, or more, that begin a line of a listing
PROSE_WORDS: Final = 4  # of an indented line with a capital: the first of a paragraph
_INDENT = re.compile(r"[ \t\n\r\f]*([ \xa0]*)")
_EMPTY_LINES = re.compile(r"\n{3,}")


def render(root: Block) -> str:
    """Returns the text of a block and all below it."""
    out: list[str] = []
    _render(root, out, 0, "- ")
    return "".join(out).strip("\n")


def without_others(blocks: list[Block], shown: set[int]) -> Block:
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


def _render(block: Block, out: list[str], depth: int, bullet: str) -> None:
    tag = block.tag
    if tag == "tr":
        _render_row(block, out)
        return
    lines = 2 if tag in SPACED and not depth else 1  # inside lists there are no empty lines
    _gap(out, lines)
    if tag == "li":
        out.append("  " * (depth - 1) + bullet)
    start = len(out)
    _render_parts(block, out, depth, bullet)
    if tag == "li" and not any(out[i].strip() for i in range(start, len(out))):
        del out[start - 1 :]  # an item without text, of a picture: no bullet either
    _gap(out, lines)


def _render_parts(block: Block, out: list[str], depth: int, bullet: str) -> None:
    tag, pieces = block.tag, list[str]()
    number = 0 if block.start is None or tag != "ol" else block.start - 1
    for part in (*block.parts, None):
        if isinstance(part, str):
            pieces.append(part)
            continue
        if pieces and (text := _inline(pieces, tag)):
            out.append(text.replace("\n", "\n" + "  " * depth) if tag == "li" else text)
        pieces = []
        if part is None:
            return
        if part.tag == "li":
            number = number + 1 if part.start is None else part.start
        at = len(out)
        own = f"{number}. " if tag == "ol" else "- "
        _render(part, out, depth + (tag in ("ul", "ol")), own)
        if tag == "li" and at < len(out) and out[at - 1].endswith(bullet):
            out[at] = ""  # the first block of a list item goes on the bullet's line


def _render_row(row: Block, out: list[str]) -> None:
    """Cells between tabs, or under each other where one has several lines: a layout table."""
    parts = [part for part in row.parts if isinstance(part, Block)]
    cells = [text for part in parts if (text := render(part))]
    if cells:
        layout = any("\n" in cell for cell in cells)
        _gap(out, 2 if layout else 1)
        out.append(("\n\n" if layout else "\t").join(cells))
        _gap(out, 2 if layout else 1)


def _gap(out: list[str], lines: int) -> None:
    """Asks for a new line (1) or an empty line (2) here; of several wishes the widest holds."""
    if out and out[-1][:1] == "\n" and not out[-1].strip("\n"):
        out[-1] = max(out[-1], lines * "\n", key=len)
    else:
        out.append(lines * "\n")


def _inline(pieces: list[str], tag: str) -> str:
    """A run of inline text: as it is in pre, else with white space squeezed, a line per <br>."""
    text = "".join(pieces)
    if tag == "pre":
        return text.replace(BREAK, "\n").replace("\xa0", " ").strip("\n")
    if BREAK not in text and "\xa0" not in text:
        return " ".join(text.split())
    lines = [_line(line) for line in text.split(BREAK)]
    if tag not in INDENTED:
        lines[0] = lines[0].lstrip()
    return _EMPTY_LINES.sub("\n\n", "\n".join(lines).strip("\n"))


def _line(line: str) -> str:
    """Returns a line with white space squeezed, but for a listing's indent of no-break spaces."""
    words = line.split()
    indent = _INDENT.match(line)
    if not words or indent is None or indent[1].count("\xa0") < INDENT:
        return " ".join(words)
    prose = len(words) >= PROSE_WORDS and (words[0][0].isupper() or not words[0][0].isascii())
    return ("" if prose else " " * len(indent[1])) + " ".join(words)
