"""Trains the model of salient blocks on gold pages.

python -m benchmarks.extraction.train DATA -o MODEL.json [--half tune|test] [--trees N]

DATA holds NAME-dev.warc.gz and NAME-dev.gold.jsonl.gz of the six sets. The same data, command and
numpy give the same bytes. With --half it learns from that half only, to be judged on the other.
"""

import argparse
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import numpy as np

from benchmarks.extraction.boosting import Tree, fit
from benchmarks.extraction.labels import label_blocks, words_of
from benchmarks.extraction.pages import SEGMENT_SET, TEXT_SETS, GoldPage, read_pages
from massivetext.readers.html.extract import read_judged
from massivetext.readers.html.guard import parse_html
from massivetext.readers.html.salience.arrays import Floats
from massivetext.readers.html.salience.measures import measure
from massivetext.readers.markup.inline import drop_renderings

TREES: Final = 240
SEGMENT_WORDS: Final = 500  # that a page of the segment set counts as having
TEXT_SET_WEIGHT: Final = 2.0  # of a page of the four sets whose gold was written by people
LEAST_WORDS: Final = 30  # a page's words weigh as if it had this many or more
LEAST_WEIGHT: Final = 0.002  # of a block, for what its words weigh little


def main() -> None:
    """Trains and writes a model."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("data", type=Path)
    parser.add_argument("-o", "--output", type=Path, required=True)
    parser.add_argument("--half", choices=("tune", "test"))
    parser.add_argument("--trees", type=int, default=TREES)
    chosen = parser.parse_args()
    pages = [page for page in read_pages(chosen.data) if chosen.half in (None, page.half)]
    names, table, labels, weights = training_rows(pages)
    first, trees = fit(table, labels, weights, chosen.trees)
    chosen.output.write_text(to_json(names, first, trees), encoding="utf-8")
    print(f"{len(pages)} pages, {len(labels)} blocks, {len(trees)} trees: {chosen.output}")


def training_rows(pages: Iterable[GoldPage]) -> tuple[list[str], Floats, Floats, Floats]:
    """Returns the measures' names, and rows, labels and weights of all labelled blocks."""
    names: list[str] = []
    parts: list[tuple[Floats, Floats, Floats]] = []
    for page in pages:
        tree = parse_html(page.html)
        drop_renderings(tree, page.html)
        judged = read_judged(tree, few=1)
        if judged.page is not None:
            columns = measure(judged.page, judged.chosen, judged.hints)
            names = list(columns)
            table = np.stack([np.asarray(column, np.float64) for column in columns.values()], 1)
            labels = label_blocks(page, judged.page.texts)
            known = ~np.isnan(labels)
            weights = _weights(page, judged.page.texts)
            parts.append((table[known], labels[known], weights[known]))
    tables, all_labels, all_weights = zip(*parts, strict=True)
    return names, np.concatenate(tables), np.concatenate(all_labels), np.concatenate(all_weights)


def _weights(page: GoldPage, texts: list[str]) -> Floats:
    """Returns what each block weighs: its words' share of the page's gold, at most 1."""
    gold = SEGMENT_WORDS if page.set == SEGMENT_SET else len(words_of(page.text))
    words = np.array([len(words_of(text)) for text in texts], np.float64)
    weights = np.minimum(words / max(LEAST_WORDS, gold), 1) + LEAST_WEIGHT
    return np.asarray(weights * (TEXT_SET_WEIGHT if page.set in TEXT_SETS else 1))


def to_json(names: list[str], first: int, trees: list[Tree]) -> str:
    """Returns a model as `massivetext.readers.html.salience.select.read_model` reads it."""
    used = sorted({column for tree in trees for column in tree.columns})
    place = {column: number for number, column in enumerate(used)}
    lines = [
        json.dumps([[place[column] for column in tree.columns], tree.cuts, tree.leaves])
        for tree in trees
    ]
    head = f'{{"first": {first},\n"names": {json.dumps([names[column] for column in used])},\n'
    return head + '"trees": [\n' + ",\n".join(lines) + "\n]}\n"


if __name__ == "__main__":
    main()
