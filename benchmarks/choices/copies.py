"""Other readings of document deduplication and of test-set filtering."""

import re
import string
import sys
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import xxhash
from numpy.typing import NDArray

from benchmarks.choices.texts import Row, read_rows, show_flips
from massivetext.decontaminate.overlap import Match, Table, build_table, find_matches
from massivetext.dedup.signature import Shingles as ShingleRules
from massivetext.dedup.signature import shingle_words, sign
from massivetext.hashing import rank
from massivetext.paper import DUPLICATE_SOURCES

Shingles = NDArray[np.uint64]
Pair = tuple[int, int, float]  # two documents, the first of smaller rank; their Jaccard
_SYMBOLS = {
    point: None
    for point in range(sys.maxunicode + 1)
    if unicodedata.category(chr(point)).startswith("S")
}


class Kept(NamedTuple):
    """A document that stage 1 kept."""

    rank: int
    source: str
    text: str


def read_kept(build: Path) -> list[Kept]:
    """Returns the documents that stage 1 kept, in the order in which they survive."""
    rows = (row for row in read_rows(build, ["id", "source", "text"]) if row["kept"])
    return sorted(Kept(rank(0, row["id"]), row["source"], row["text"]) for row in rows)


def shingles(words: list[str], n: int = 13) -> Shingles:
    """Returns the sorted hashes of the n-grams of words; fewer than n words are one."""
    if not words:
        return np.empty(0, np.uint64)
    starts = range(max(1, len(words) - n + 1))
    found = {
        xxhash.xxh3_64_intdigest(" ".join(words[start : start + n]).encode()) for start in starts
    }
    return np.array(sorted(found), np.uint64)


def find_pairs(documents: list[Shingles], least: float = 0.3) -> list[Pair]:
    """Returns all pairs of documents with at least this Jaccard."""
    table = build_table(documents)
    return [
        (match.item, number, match.jaccard)
        for number, document in enumerate(documents)
        for match in find_matches(document, table)
        if match.item < number and match.jaccard >= least
    ]


def drop(documents: list[Kept], pairs: Iterable[Pair], least: float = 0.8) -> set[int]:
    """Returns the documents with a pair above `least`, the one of larger rank, or a copy."""
    return exact_copies([d.text for d in documents]) | {b for _, b, j in pairs if j > least}


def exact_copies(texts: list[str]) -> set[int]:
    """Returns the later ones of equal texts.

    >>> exact_copies(["a", "b", "a"])
    {2}
    """
    seen: set[str] = set()
    copies = set()
    for number, text in enumerate(texts):
        if text in seen:
            copies.add(number)
        seen.add(text)
    return copies


def clusters(documents: list[Kept], pairs: Iterable[Pair]) -> set[int]:
    """Returns all but the first document of each set that is connected by pairs."""
    root = list(range(len(documents)))

    def find(number: int) -> int:
        while root[number] != number:
            number = root[number]
        return number

    for first, second, similar in pairs:
        if similar > 0.8:
            a, b = sorted((find(first), find(second)))
            root[b] = a
    joined = {number for number in range(len(documents)) if find(number) != number}
    return joined | exact_copies([document.text for document in documents])


def band_pairs(documents: list[Kept], bands: int, rows: int) -> set[tuple[int, int]]:
    """Returns the pairs whose signatures agree in all rows of a band."""
    found: set[tuple[int, int]] = set()
    signatures = [np.frombuffer(sign(document.text).minhash, "<u4") for document in documents]
    for band in range(bands):
        buckets = defaultdict(list)
        for number, signature in enumerate(signatures):
            buckets[signature[band * rows : (band + 1) * rows].tobytes()].append(number)
        for numbers in buckets.values():
            found.update((a, b) for a in numbers for b in numbers if a < b)
    return found


_ASCII = dict.fromkeys(map(ord, string.punctuation))
Words = Callable[[str], list[str]]
_DELETE = ShingleRules(punctuation="delete")
READINGS: tuple[tuple[str, Words, int], ...] = (
    ("lower case (RPv2, text-dedup)", lambda t: shingle_words(t.lower()), 13),
    ("punctuation (P*) deleted", lambda t: shingle_words(t, _DELETE), 13),
    ("and symbols (S*) deleted too", lambda t: shingle_words(t.translate(_SYMBOLS), _DELETE), 13),
    ("and ASCII symbols deleted", lambda t: shingle_words(t.translate(_ASCII), _DELETE), 13),
    ("punctuation kept", str.split, 13),
    ("runs of letters, lower case (datatrove)", lambda t: re.findall(r"\w+", t.lower()), 13),
    ("5-grams (FineWeb, RefinedWeb)", shingle_words, 5),
)


def compare_copies(documents: list[Kept]) -> Iterator[Row]:
    """Yields the flips of document deduplication among the four sources that pass it."""
    texts = [document for document in documents if document.source in DUPLICATE_SOURCES]
    pairs = find_pairs([shingles(shingle_words(text.text)) for text in texts])
    ours = drop(texts, pairs)
    yield Row("ours", "pair rule, 13-grams, Jaccard > 0.8", [f"{len(ours)} of {len(texts):,}"])
    for name, words, n in READINGS:
        other = find_pairs([shingles(words(text.text), n) for text in texts])
        yield _row("shingles", name, (ours, drop(texts, other)), len(texts))
    for question, name, dropped in _rules(texts, pairs):
        yield _row(question, name, (ours, dropped), len(texts))
    every = find_pairs([shingles(shingle_words(text.text)) for text in documents])
    dropped = drop(documents, every)
    for source in ("github", "wikipedia"):
        count = sum(documents[number].source == source for number in dropped)
        of = sum(document.source == source for document in documents)
        yield Row("sources", f"also {source}", [f"−{count} of {of:,}"])


def _rules(texts: list[Kept], pairs: list[Pair]) -> Iterator[tuple[str, str, set[int]]]:
    """Yields the documents dropped by other rules on the same pairs."""
    yield "bound", "at least 0.8", drop(texts, pairs, np.nextafter(0.8, 0).item())
    within = [pair for pair in pairs if texts[pair[0]].source == texts[pair[1]].source]
    yield "sources", "each by itself", drop(texts, within)
    yield "who stays", "one of a connected cluster (FineWeb, text-dedup)", clusters(texts, pairs)
    yield "who stays", "the largest rank", _last_stays(texts, pairs)
    for bands, rows, who in ((16, 8, ""), (14, 8, " (FineWeb)"), (9, 13, " (RPv2, datasketch)")):
        near = band_pairs(texts, bands, rows)
        found = [pair for pair in pairs if pair[:2] in near]
        yield "bands", f"{bands} × {rows}, verified{who}", drop(texts, found)
        alike = [(a, b, 1.0) for a, b in near]
        yield "bands", f"{bands} × {rows}, not verified{who}", clusters(texts, alike)
    normal = [" ".join(text.text.split()) for text in texts]
    yield "exact", "equal but for white space", drop(texts, pairs) | exact_copies(normal)


def _last_stays(texts: list[Kept], pairs: list[Pair]) -> set[int]:
    last = len(texts) - 1
    copies = exact_copies([text.text for text in reversed(texts)])
    return {last - number for number in copies} | {a for a, _, j in pairs if j > 0.8}


def _row(question: str, name: str, drops: tuple[set[int], set[int]], documents: int) -> Row:
    ours, other = drops
    verdicts = [(number not in ours, number not in other) for number in range(documents)]
    return Row(question, name, [show_flips(verdicts)])


def compare_overlap(build: Path, documents: list[Kept]) -> Iterator[Row]:
    """Yields how many documents of all sources test-set filtering would drop in each reading."""
    arrays = (
        np.load(build / "overlap-matches" / f"table-paper_{name}.npy") for name in Table._fields
    )
    table = Table(*arrays)
    matches = [find_matches(sign_shingles(document.text), table) for document in documents]
    for name, judge in _OVERLAP:
        count = sum(any(map(judge, found)) for found in matches)
        yield Row("test sets", name, [f"{count} of {len(documents):,}"])


def sign_shingles(text: str) -> Shingles:
    """Returns the shingles of the pipeline, whose hashes the build's table holds."""
    from massivetext.dedup.signature import shingle_hashes  # the other readings hash otherwise

    return shingle_hashes(text)


_OVERLAP: tuple[tuple[str, Callable[[Match], bool]], ...] = (
    ("ours: Jaccard > 0.8", lambda m: m.jaccard > 0.8),
    ("Jaccard at least 0.8 (RETRO)", lambda m: m.jaccard >= 0.8),
    ("containment of the item > 0.8", lambda m: m.containment > 0.8),
    ("containment of the item > 0.5", lambda m: m.containment > 0.5),
    ("any 13-gram of an item (GPT-3, nearly)", lambda m: m.shared > 0),
)
