"""A corpus of real texts with planted copies, and which pairs truly are copies.

Texts are cut from files that the user names, so nothing of them is kept here. The truth is all
pairs: every two documents that share a 13-gram are counted, by tuples of words and not by our
hashes.
"""

import hashlib
import itertools
import json
import random
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from massivetext.cli.files import documents_of, read_inputs
from massivetext.dedup.signature import shingle_words
from massivetext.dedup.survival import Entrant, Survival, order_of

Pairs = dict[tuple[int, int], float]  # Jaccard of two documents, the smaller number first


def write_corpus(paths: list[str], folder: Path, count: int = 20_000, seed: int = 0) -> Path:
    """Writes a corpus of `count` documents as JSON lines; returns its path.

    Four fifths are pieces of 80 to 400 words of the files' texts; of the others a third are exact
    copies of pieces, a third have 1 to 5 % of their words replaced one by one, a third in one run.
    """
    rng = random.Random(seed)
    base = list(_pieces(paths, rng, count * 4 // 5))
    vocabulary = sorted({word for text in base[:2_000] for word in text.split(" ")})
    copied = range(count - len(base))
    texts = base + [_copy(rng, n % 3, rng.choice(base), vocabulary) for n in copied]
    rng.shuffle(texts)
    path = folder / "corpus.jsonl"
    with path.open("w", encoding="utf-8") as file:
        for number, text in enumerate(texts):
            name = hashlib.sha256(str(number).encode()).hexdigest()[:32]
            file.write(json.dumps({"id": name, "text": text}) + "\n")
    return path


def _pieces(paths: list[str], rng: random.Random, count: int) -> Iterator[str]:
    left = count
    for document in documents_of(read_inputs(paths, "books")):
        words = document.text.split(" ")
        while len(words) >= 80 and left:
            size = rng.randint(80, 400)
            yield " ".join(words[:size])
            words, left = words[size:], left - 1


def _copy(rng: random.Random, kind: int, text: str, vocabulary: list[str]) -> str:
    words = text.split(" ")
    number = max(1, round(len(words) * rng.uniform(0.01, 0.05)))
    if kind == 1:
        for place in rng.sample(range(len(words)), number):
            words[place] = rng.choice(vocabulary)
    if kind == 2:
        place = rng.randrange(len(words) - number)
        words[place : place + number] = rng.choices(vocabulary, k=number)
    return " ".join(words)


def read_corpus(path: Path) -> tuple[list[str], list[str]]:
    """Returns the ids and the texts."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [row["id"] for row in rows], [row["text"] for row in rows]


def all_pairs(texts: list[str]) -> Pairs:
    """Returns the Jaccard similarity of all pairs that share a 13-gram."""
    sizes, grams, owners = [], [], []
    for number, text in enumerate(texts):
        words = shingle_words(text)
        found = {hash(tuple(words[i : i + 13])) for i in range(max(1, len(words) - 12))}
        sizes.append(len(found))
        grams.append(np.fromiter(found, np.int64, len(found)))
        owners.append(np.full(len(found), number, np.int64))
    gram, owner = np.concatenate(grams), np.concatenate(owners)
    order = np.lexsort((owner, gram))
    gram, owner = gram[order], owner[order]
    edges = np.flatnonzero(np.append(np.append(True, gram[1:] != gram[:-1]), True))
    shared: dict[tuple[int, int], int] = {}
    for a, b in itertools.pairwise(edges.tolist()):
        members = owner[a:b].tolist() if b - a > 1 else []
        for i, first in enumerate(members):
            for second in members[i + 1 :]:
                shared[first, second] = shared.get((first, second), 0) + 1
    return {(a, b): n / (sizes[a] + sizes[b] - n) for (a, b), n in shared.items()}


def expected(ids: list[str], texts: list[str], pairs: Pairs, most: float = 0.8) -> set[int]:
    """Returns who is dropped by the rule: those with a copy before them in the order."""
    order = [order_of(Survival(), "web", Entrant(name)) for name in ids]
    first: dict[str, int] = {}
    for number in sorted(range(len(texts)), key=order.__getitem__):
        first.setdefault(texts[number], number)
    dropped = {number for number, text in enumerate(texts) if first[text] != number}
    copies = set(dropped)
    for (a, b), jaccard in pairs.items():
        if jaccard > most and not {a, b} & copies:
            dropped.add(max(a, b, key=order.__getitem__))
    return dropped
