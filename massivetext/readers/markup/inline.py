"""Inline elements of a parsed page whose text is not simply theirs: powers, formulas, pictures."""

import re
from collections.abc import Sequence
from typing import Any, Final

from massivetext.readers.markup.mathml import dollars, holds_formula, mathml_tex, script_formula
from massivetext.readers.markup.raised import LOWERED, MAX_CHARACTERS, lowered, raised

SPOKEN: Final = frozenset(("sup", "sub", "math", "script", "img"))
_MAX_NODES: Final = 20  # of a raised text
_OUTER: Final = 2  # elements of which a raised text may be the last before what is behind it
_NEIGHBORS: Final = 3
_BEHIND: Final = 12
_LOW: Final = frozenset(("sub", "small", "font"))
_PLAIN: Final = frozenset(("b", "big", "em", "font", "i", "small", "span", "strong", "tt", "u"))
_BEFORE: Final = 24  # characters before a raised text that decide what it is
_NOTE_CLASS = re.compile(r"\b(?:reference|foot-?note|fn|cite|noteref)", re.I)
_FORMULA_CLASS = re.compile(r"\b(?:math|tex|latex|mwe-math|wp-katex|equation|formula)\b", re.I)
_FORMULA_SOURCE = re.compile(
    r"latex\.codecogs|/math/render/|[?&]cht=tx|latex\.php|/latex/|mathtex|mimetex", re.I
)
_SIGN = re.compile(r"[=^_\\<>+]")  # in the formula of a picture that its class calls one
_TEX = re.compile(r"^(?:\$|\\\(|\\\[|\{\\(?:display|text)style)|\\[a-zA-Z]{2}|[\^_]\{")
_MAX_ALT: Final = 10_000


def spoken(node: Any, tag: str, parts: Sequence[object]) -> str | None:
    """Returns the text of an element of `SPOKEN`, None if its children are text like any other.

    Args:
      node: the element of the parsed page.
      tag: its name.
      parts: what its block holds before it.
    """
    if tag == "math":
        return _unless_said(mathml_tex(node.html or ""), parts)
    if tag == "script":
        kind = node.attributes.get("type") or ""
        return script_formula(kind, node.text()) if holds_formula(kind) else ""
    if tag == "img":
        return _unless_said(_formula_of_picture(node.attributes), parts)
    content = _short_text(node)
    if content is None:
        return None
    before = _before(parts)
    if tag == "sub":
        return lowered(content, before, _after(node))
    behind = _behind(node) if content.strip()[-1:].isdigit() else ""
    return raised(content, before, _is_note(node, content), behind)


def drop_renderings(tree: Any, html: str) -> None:
    """Takes out of a page what KaTeX and MathJax made of formulas that stand beside it as TeX."""
    if "katex" in html:
        _remove(tree, ".katex-html")
    if "MathJax" not in html and "mjx-" not in html:
        return
    for script in tree.css('script[type^="math/"]'):
        before = script.prev
        while before is not None and _is_rendering(before):
            rendering, before = before, before.prev
            rendering.decompose()
    _remove(tree, "mjx-math, .MathJax nobr")


def _remove(tree: Any, selector: str) -> None:
    for node in tree.css(selector):
        node.decompose()


def _is_rendering(node: Any) -> bool:
    if node.tag == "-text":
        return not (node.text_content or "").strip()
    return (node.attributes.get("class") or "").startswith("MathJax")


def _formula_of_picture(attributes: Any) -> str:
    """Returns the formula that a picture shows, by its alternative text, "" if it shows another."""
    alt = (attributes.get("alt") or "")[:_MAX_ALT].strip()
    if not alt:
        return ""
    looks = _TEX.search(alt) is not None
    named = _FORMULA_CLASS.search(attributes.get("class") or "") is not None
    made = _FORMULA_SOURCE.search((attributes.get("src") or "")[:_MAX_ALT]) is not None
    return (
        dollars(alt)
        if made or (looks and (named or alt[0] in "$\\{")) or (named and _SIGN.search(alt))
        else ""
    )


def _unless_said(formula: str, parts: Sequence[object]) -> str:
    """Returns a formula, "" if it stands right before: as MathML and as a picture."""
    last = next((part for part in reversed(parts[-4:]) if str(part).strip()), "")
    return "" if formula and last == formula else formula


def _short_text(node: Any) -> str | None:
    """Returns the text below an element, None if it is long, or holds more than text and links."""
    found, waiting, seen = "", [node.first_child], 0
    while waiting:
        child = waiting.pop()
        while child is not None:
            seen += 1
            if child.tag == "-text":
                found += child.text_content or ""
            elif child.tag in ("math", "script", "img", "br", "p", "div", "table"):
                return None
            if seen > _MAX_NODES or len(found) > MAX_CHARACTERS:
                return None
            if child.tag == "sup" and found:
                found += "^"
            if child.first_child is not None:
                waiting.append(child.next)
                child = child.first_child
            else:
                child = child.next
    return found


def _before(parts: Sequence[object]) -> str:
    """Returns the last characters of a block's run of text."""
    found = ""
    for part in reversed(parts):
        if not isinstance(part, str) or len(found) >= _BEFORE:
            break
        found = part[-_BEFORE:] + found
    return found.replace("\0", " ").replace("\xa0", " ")


def _behind(node: Any) -> str:
    """Returns the first characters behind an element: two texts and what is between them."""
    for _ in range(_OUTER):
        if node.next is not None or node.parent is None or node.parent.tag not in _PLAIN:
            break
        node = node.parent
    found = ""
    for _ in range(_NEIGHBORS):
        node = node.next
        if node is None or len(found) >= _BEHIND:
            break
        if node.tag == "-text":
            found += (node.text_content or "")[:_BEHIND]
        elif node.tag in _PLAIN or node.tag == "sub":
            low = node.tag in _LOW or (
                node.first_child is not None and node.first_child.tag == "sub"
            )
            text = (_short_text(node) or "").strip()
            found += LOWERED + text if low and text[:1].isdigit() else text
        else:
            break
    return found


def _after(node: Any) -> str:
    behind = node.next
    return (behind.text_content or "")[:1] if behind is not None and behind.tag == "-text" else ""


def _is_note(node: Any, content: str) -> bool:
    """Returns whether a raised text is a link, or its class says that it leads to a note."""
    if _NOTE_CLASS.search(node.attributes.get("class") or ""):
        return True
    parent = node.parent
    if parent is not None and parent.tag == "a" and _short_text(parent) == content:
        return True
    child = node.first_child
    while child is not None and child.tag == "-text" and not (child.text_content or "").strip():
        child = child.next
    return child is not None and (child.tag == "a" or child.css_first("a") is not None)
