"""Sections, lists and paragraphs of wiki text whose inline markup is gone."""

import re
from typing import NamedTuple

from massivetext.limits import MAX_WIKI_DEPTH
from massivetext.readers.wikipedia.templates.arguments import NUMBER

# Borgeaud et al. 2021, A.2, and the plurals and pairs of these that pages use.
NO_TEXT = frozenset({
    "references", "reference", "external links", "external link", "sources", "source",
    "further reading", "see also", "citations", "citation", "notes", "note", "footnotes",
})  # fmt: skip
_JOINED = re.compile(r"\s*(?:,|/|&|\band\b)\s*")
_LIST = re.compile(r"[*#:;]+")
_GIVEN = re.compile(rf"{NUMBER}(-?\d{{1,6}}){NUMBER}\s*+")
_BLANK_LINES = re.compile(r"\n{3,}")


class Section(NamedTuple):
    """A heading of level 1 to 6 (0: before the first) and its text."""

    level: int
    title: str
    body: str


def lay_out(text: str) -> str:
    """Returns headings, paragraphs and lists, each heading between blank lines.

    Sections whose title is in `NO_TEXT` go with all below them; then sections without text go.
    """
    sections = _with_text(_without_notes(_split(text)))
    blocks = [block for s in sections for block in (s.title, s.body) if block]
    text = "\n\n".join(blocks)
    return _GIVEN.sub("", text) if NUMBER in text else text


def _split(text: str) -> list[Section]:
    sections: list[Section] = []
    level, title, lines = 0, "", list[str]()
    for line in text.split("\n"):
        if heading := _heading(line):
            sections.append(Section(level, title, _body(lines)))
            (level, title), lines = heading, []
        else:
            lines.append(line)
    sections.append(Section(level, title, _body(lines)))
    return sections


def _heading(line: str) -> tuple[int, str] | None:
    """Returns level and title of a line such as "== Title =="."""
    line = line.rstrip()
    if not line.startswith("=") or len(line) < 3:
        return None
    left = len(line) - len(line.lstrip("="))
    right = len(line) - len(line.rstrip("="))
    level = min(left, right, 6)
    title = line[level:-level].strip() if level else ""
    return (level, title) if title.strip("= ") else None


def _without_notes(sections: list[Section]) -> list[Section]:
    kept: list[Section] = []
    dropped = 7  # the level of the section that is being dropped; 7 is none
    for section in sections:
        if section.level > dropped:
            continue
        dropped = section.level if _is_notes(section.title) else 7
        if dropped == 7:
            kept.append(section)
    return kept


def _is_notes(title: str) -> bool:
    """Returns whether all that a title names, "Notes and references", is no text."""
    names = [name for name in _JOINED.split(title.lower().strip(" :.")) if name]
    return bool(names) and all(name in NO_TEXT for name in names)


def _with_text(sections: list[Section]) -> list[Section]:
    """Returns the sections that have text, or a section with text below them."""
    kept: list[Section] = []
    filled = [False] * 8  # by level: has a later section, not below another one, text?
    for section in reversed(sections):
        if section.body or any(filled[section.level + 1 :]):
            kept.append(section)
            filled[section.level] = True
        filled[section.level + 1 :] = [False] * (7 - section.level)
    return kept[::-1]


def _body(lines: list[str]) -> str:
    """Returns the lines with list marks as plain text, at most one blank line in a row."""
    numbers: dict[str, int] = {}
    out = []
    for line in lines:
        found = _LIST.match(line)
        if found:
            out.append(_item(found.group()[:MAX_WIKI_DEPTH], line[found.end() :], numbers))
        else:
            numbers.clear()
            if line.startswith("----"):
                line = line.lstrip("-")  # a rule; what follows it is text
            if not line.startswith("|"):
                out.append(line.rstrip())
    return _BLANK_LINES.sub("\n\n", "\n".join(out)).strip("\n")


def _item(marks: str, text: str, numbers: dict[str, int]) -> str:
    """Returns one line of a list: "- " for bullets, "1. " for numbers, indented by depth."""
    for mark in [mark for mark in numbers if not marks.startswith(mark)]:
        del numbers[mark]
    text = text.strip()
    if not text or marks[-1] in ":;":
        return text
    indent = "  " * (len(marks) - 1)
    if marks[-1] == "*":
        return f"{indent}- {text}"
    given = _GIVEN.match(text) if NUMBER in text else None
    numbers[marks] = int(given[1]) if given else numbers.get(marks, 0) + 1
    text = text[given.end() :] if given else text
    return f"{indent}{numbers[marks]}. {text}"
