"""Pages of our own writing of every kind: what must come out of each, and what must not.

A page in `tests/cases/pages` begins with a comment of lines ``keep: TEXT`` and ``drop: TEXT``;
``\\n`` and ``\\t`` in TEXT are a new line and a tab.
"""

from pathlib import Path

import pytest

from massivetext.readers.html.extract import extract_text

PAGES = sorted((Path(__file__).parents[3] / "cases" / "pages").glob("*.html"))


def wishes(page: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {"keep": [], "drop": []}
    for line in page.partition("-->")[0].splitlines()[1:]:
        wish, _, text = line.partition(": ")
        found[wish].append(text.encode().decode("unicode_escape"))
    return found


def test_there_are_pages_of_all_kinds() -> None:
    assert len(PAGES) >= 40


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_main_text_of_a_page(path: Path) -> None:
    page = path.read_text(encoding="utf-8")
    wished, text = wishes(page), extract_text(page)
    assert [line for line in wished["keep"] if line not in text] == []
    assert [line for line in wished["drop"] if line in text] == []
    places = [text.index(line) for line in wished["keep"]]
    assert places == sorted(places)
