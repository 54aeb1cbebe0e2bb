"""Held-out texts, and planted documents like them: training data must not hold these."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from massivetext.reasons import Reason
from massivetext.sample.material.articles import Article, Supply
from massivetext.sample.material.packages import Module
from massivetext.sample.material.truth import Plant
from massivetext.sample.planted.near import edited

# How like its item each planted document is; all but 1.0 are edited down to that Jaccard.
LIKENESS = (1.0, 1.0, 0.93, 0.85, 0.76, 0.6)
WIKI_LIKENESS = (1.0, 1.0, 0.95, 0.92, 0.72, 0.6)  # title and heading come on top
_SURE_BOUND = 0.8
TITLES = ("The lamp on the stairs", "A history of small bridges", "Wells of the upper valley")


class Item(NamedTuple):
    """One text of the held-out set."""

    id: str
    text: str


class HeldOut(NamedTuple):
    """A held-out item and the document planted like it."""

    item: Item
    article: Article


def held_out(
    supply: Supply, donor: Article, name: str, likenesses: Sequence[float]
) -> list[HeldOut]:
    """Returns an item and a document like it for each likeness, a Jaccard."""
    return [
        _like(supply.take(450), donor, likeness, f"{name}-{number:02}")
        for number, likeness in enumerate(likenesses)
    ]


def held_out_code(modules: list[Module]) -> list[tuple[Item, Module, Plant]]:
    """Returns source files that are held-out items, each to be planted as it is."""
    plant = Plant("test_set", "dropped", (Reason.OVERLAP,), jaccard=1.0)
    return [
        (Item(f"code-{number:02}", module.text), module, plant)
        for number, module in enumerate(modules)
    ]


def write_heldout(folder: Path, items: list[Item]) -> None:
    """Writes ``heldout.jsonl`` and ``titles.txt``, the titles of held-out wiki pages."""
    folder.mkdir()
    lines = (json.dumps(item._asdict(), ensure_ascii=False) + "\n" for item in items)
    (folder / "heldout.jsonl").write_text("".join(lines), "utf-8")
    (folder / "titles.txt").write_text("".join(f"{title}\n" for title in TITLES), "utf-8")


def _like(article: Article, donor: Article, likeness: float, name: str) -> HeldOut:
    item = Item(name, article.text)
    jaccard = 1.0
    if likeness < 1:
        article, jaccard = edited(article, donor, likeness, style=0, place=0.4)
    if jaccard > _SURE_BOUND:
        plant = Plant("test_set", "dropped", (Reason.OVERLAP,), name, round(jaccard, 6))
    else:
        plant = Plant("test_set_unlike", "kept", (), name, round(jaccard, 6))
    return HeldOut(item, article._replace(plant=plant))
