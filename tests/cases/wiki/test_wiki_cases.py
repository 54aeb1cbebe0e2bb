"""Pages of our own in the markup of today's dumps, and the text that must come out of each.

A case is added without Python: a page in a file of this folder, between a line "@@ title" and the
next such line, and its text in ``texts.json`` under the file's and the page's name.
"""

import json
from pathlib import Path

import pytest

from massivetext.readers.wikipedia.clean import clean_wikitext

FOLDER = Path(__file__).parent
EXPECTED: dict[str, dict[str, str]] = json.loads(
    (FOLDER / "texts.json").read_text(encoding="utf-8")
)


def pages(name: str) -> dict[str, str]:
    """Returns the wikitext of a file's pages by their titles."""
    _, *found = f"\n{(FOLDER / name).read_text(encoding='utf-8')}".split("\n@@ ")
    return {title: source for title, _, source in (page.partition("\n") for page in found)}


@pytest.mark.parametrize("kind", EXPECTED)
def test_pages_of_each_kind(kind: str) -> None:
    texts = {title: clean_wikitext(source) for title, source in pages(f"{kind}.txt").items()}
    assert texts == EXPECTED[kind]


def test_every_file_of_pages_is_expected() -> None:
    assert {path.stem for path in FOLDER.glob("*.txt")} == set(EXPECTED)
