"""The command lines of the pages: what stands in the blocks of code of README.md and docs/."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]

_SHELL = ("", "bash", "sh", "console")  # of fenced blocks; the others are Python, TOML, …
_CALL = re.compile(r"(?:^|\| *|; *|&& *)(?:\.venv/bin/)?massivetext +[a-z-]")


class Line(NamedTuple):
    """A line of shell, joined where it ends in a backslash, and without its comment."""

    page: str
    text: str

    def calls(self) -> Iterator[tuple[str, list[str]]]:
        """Yields each command of ours in the line, with its words."""
        for match in re.finditer(r"massivetext +((?:'[^']*'|\"[^\"]*\"|[^|;&'\"])+)", self.text):
            if _CALL.search(self.text[: match.end()]):
                name, *words = shlex.split(match[1])
                yield name, words


def lines_of(page: Path) -> list[Line]:
    """Returns the lines with a command of ours in a page's blocks of code, in order."""
    name = page.relative_to(ROOT).as_posix()
    text = page.read_text(encoding="utf-8").replace("\\\n", " ")
    found: list[Line] = []
    fence = None
    for line in text.splitlines():
        if line.startswith("```"):
            fence = line[3:].strip() if fence is None else None
        elif fence in _SHELL if fence is not None else line.startswith("    "):
            words = " ".join(re.split(r"(?:^|\s)#", line)[0].split())
            found += [Line(name, words)] if _CALL.search(words) else []
    return found


ALL = [line for page in PAGES for line in lines_of(page)]
