"""Blocks as plain text: empty lines, indents, bullets, rows and verbatim listings are kept.

No ``#`` before headings and no ``|`` between cells: they would count as words and symbols.
"""

import re

from massivetext.readers.html.tree import BREAK, SPACED, Block

_EMPTY_LINES = re.compile(r"\n{3,}")


def render(root: Block) -> str:
    """Returns the text of a block and all below it."""
    out: list[str] = []
    _render(root, out, 0, "- ")
    return "".join(out).strip("\n")


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
    tag, number, pieces = block.tag, 0, []
    for part in (*block.parts, None):
        if isinstance(part, str):
            pieces.append(part)
            continue
        if pieces and (text := _inline(pieces, tag == "pre")):
            out.append(text.replace("\n", "\n" + "  " * depth) if tag == "li" else text)
        pieces = []
        if part is None:
            return
        number += part.tag == "li"
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


def _inline(pieces: list[str], verbatim: bool) -> str:
    """A run of inline text: as it is in pre, else with white space squeezed, a line per <br>."""
    text = "".join(pieces)
    if verbatim:
        return text.replace(BREAK, "\n").strip("\n")
    if BREAK in text:
        lines = (" ".join(line.split()) for line in text.split(BREAK))
        return _EMPTY_LINES.sub("\n\n", "\n".join(lines).strip("\n"))
    return " ".join(text.split())
