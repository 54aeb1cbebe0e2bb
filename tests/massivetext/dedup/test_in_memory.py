import gzip
import json
import random

import numpy as np
import pytest
from datasketch import MinHashLSH

from massivetext.dedup.in_memory import dedup
from massivetext.dedup.signature import BANDS, ROWS, shingle_words, sign, to_lean
from massivetext.dedup.survival import Entrant, Survival, order_of
from massivetext.document import Document

VOCABULARY = [f"word{i}" for i in range(2_000)]


def mutated(words, changes, rng):
    words = list(words)
    for place in rng.sample(range(len(words)), min(changes, len(words))):
        words[place] = rng.choice(VOCABULARY)
    return words


def near_copies(count, seed):
    """Documents of 5 to 300 words, most of them another one with up to 5 words changed."""
    rng = random.Random(seed)
    texts = [rng.choices(VOCABULARY, k=rng.randint(5, 300)) for _ in range(count // 6)]
    while len(texts) < count:
        texts.append(mutated(rng.choice(texts), rng.choice([0, 0, 1, 1, 2, 3, 5]), rng))
    rng.shuffle(texts)
    return [Document(f"{i:032x}", "web", " ".join(words)) for i, words in enumerate(texts)]


def shingles(text):
    """13-grams as sets of words, without any hash."""
    words = shingle_words(text)
    width = min(13, len(words))
    return {tuple(words[i : i + width]) for i in range(len(words) - width + 1)} if width else set()


def all_pairs(documents, seed=0):
    """The definition: id -> (kind, twin, jaccard), by comparing everything with everything."""
    ordered = sorted(documents, key=lambda d: order_of(Survival(seed), "", Entrant(d.id)))
    drops, first = {}, {}
    for document in ordered:
        twin = first.setdefault(document.text, document)
        if twin is not document:
            drops[document.id] = ("exact", twin.id, 1.0)
    left = [(document.id, shingles(document.text)) for document in first.values()]
    for place, (identity, own) in enumerate(left):
        best = (0.0, "")
        for twin, other in left[:place]:
            shared = len(own & other)
            union = len(own | other)
            if shared * 10 > union * 8 and shared / union > best[0]:
                best = (shared / union, twin)
        if best[1]:
            drops[identity] = ("near", best[1], best[0])
    return drops


def found(documents, seed=0):
    drops = list(dedup(documents, seed))
    assert len({drop["id"] for drop in drops}) == len(drops)
    return {drop["id"]: (drop["kind"], drop["twin"], drop["jaccard"]) for drop in drops}


@pytest.mark.parametrize("seed", range(3))
def test_equals_the_comparison_of_all_pairs(seed):
    documents = near_copies(200, seed)
    expected = all_pairs(documents, seed)
    assert {kind for kind, _, _ in expected.values()} == {"exact", "near"}
    assert found(documents, seed) == expected


def test_order_of_the_input_does_not_matter():
    documents = near_copies(120, 9)
    assert found(documents[::-1]) == found(documents) == found(iter(documents))


def test_which_one_survives_depends_on_the_seed():
    documents = [Document(f"{i:032x}", "web", "one text") for i in range(8)]
    survivors = {next(iter(dedup(documents, seed)))["twin"] for seed in range(20)}
    assert len(survivors) > 3


@pytest.mark.parametrize("texts", [[], ["alone"], ["", " "], ["!", "?"]])
def test_nothing_to_remove(texts):
    assert not found([Document(str(i), "web", text) for i, text in enumerate(texts)])


def test_punctuation_and_spaces_do_not_count_but_case_does():
    words = [f"Word{i}" for i in range(30)]
    texts = [" ".join(words), ", ".join(words) + "!", " ".join(words).lower()]
    drops = found([Document(str(i), "web", text) for i, text in enumerate(texts)])
    ((identity, drop),) = drops.items()
    assert {identity, drop[1]} == {"0", "1"}
    assert drop[::2] == ("near", 1.0)


def editions(folder):
    path = folder / "neardup" / "gutenberg-editions-dev.jsonl.gz"
    with gzip.open(path, "rt", encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    return [Document(row["id"], "books", row["text"]) for row in rows], {
        row["id"]: row["cluster"] for row in rows
    }


def test_editions_of_a_chapter(real_data):
    documents, clusters = editions(real_data)
    drops = found(documents[:50])
    assert drops == all_pairs(documents[:50])
    assert all(clusters[identity] == clusters[twin] for identity, (_, twin, _) in drops.items())
    assert len(drops) >= 10


def test_twins_are_candidates_of_datasketch(real_data):
    documents, _ = editions(real_data)
    index = MinHashLSH(num_perm=128, params=(BANDS, ROWS))
    hashes = {document.id: to_lean(sign(document.text)) for document in documents}
    texts = {document.id: document.text for document in documents}
    for identity, value in hashes.items():
        index.insert(identity, value)
    for identity, (_, twin, jaccard) in found(documents).items():
        assert twin in index.query(hashes[identity])
        assert jaccard > 0.8
        if texts[identity] != texts[twin]:
            assert np.isclose(hashes[identity].jaccard(hashes[twin]), jaccard, atol=0.2)


def test_copies_of_a_copied_text_share_its_signature_and_lose_to_one_document():
    words = VOCABULARY[:200]
    near = [*words[:100], "other", *words[101:]]
    kinds = [words, near, words, near, words]
    documents = [Document(f"{i:032x}", "web", " ".join(text)) for i, text in enumerate(kinds)]
    for seed in range(6):
        expected = all_pairs(documents, seed)
        assert len(expected) == 4
        assert found(documents, seed) == expected
