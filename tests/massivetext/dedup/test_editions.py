"""Chapters of public-domain books in several editions: found, or truly below the bound."""

import gzip
import json
import os
from itertools import combinations
from pathlib import Path

import pytest

from massivetext.dedup.in_memory import find_duplicates
from massivetext.dedup.signature import shingle_words

FILE = Path(os.environ.get("MASSIVETEXT_REAL_DATA", "../shared/data"))
FILE = FILE / "neardup" / "gutenberg-editions-dev.jsonl.gz"


@pytest.mark.skipif(not FILE.exists(), reason="no ../shared/data")
def test_editions_of_a_chapter() -> None:
    with gzip.open(FILE, "rt") as file:
        rows = [json.loads(line) for line in file]
    found = {drop.dropped: drop for drop in find_duplicates([row["text"] for row in rows])}
    words = [shingle_words(row["text"]) for row in rows]
    sets = [{tuple(w[i : i + 13]) for i in range(len(w) - 12)} for w in words]
    for drop in found.values():
        assert rows[drop.dropped]["cluster"] == rows[drop.twin]["cluster"]
    below = set()
    for a, b in combinations(range(len(rows)), 2):
        if rows[a]["cluster"] == rows[b]["cluster"] and not {a, b} & found.keys():
            jaccard = len(sets[a] & sets[b]) / len(sets[a] | sets[b])
            assert 0.58 < jaccard <= 0.8
            below.add(rows[a]["cluster"])
    clusters = {row["cluster"] for row in rows}
    assert (len(clusters), len(below)) == (39, 25)
