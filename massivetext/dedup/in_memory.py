"""Duplicates among documents of a few files, in memory: the same verdicts as the pipeline's.

Signatures of all documents and the shingles of candidates are held; texts
are read a second time instead.
"""

import itertools
from collections.abc import Iterable, Iterator
from itertools import count
from typing import Any, NamedTuple

import numpy as np

from massivetext.dedup.lsh_bands import place_bands
from massivetext.dedup.packed_records import Records
from massivetext.dedup.pairs import (
    CONTENT,
    DROP,
    ENTRY,
    KINDS,
    LINK,
    NEAR,
    Parts,
    choose_twins,
    exact_copies,
    jaccard_above,
    keep_strongest,
    mark_repeated,
    pair_candidates,
)
from massivetext.dedup.signature import (
    PERMUTATIONS,
    content_hash,
    find_minhash,
    shingle_hashes,
)
from massivetext.dedup.survival import Survival, random_orders
from massivetext.document import Document, given_text, given_texts
from massivetext.mixture.quotas import to_fraction
from massivetext.paper import MAX_JACCARD


class _Signed(NamedTuple):
    ids: list[str]
    contents: Records
    signatures: np.ndarray[Any, np.dtype[np.uint32]]  # of the different texts
    places: np.ndarray[Any, np.dtype[np.int64]]  # of each document's among them


class Duplicate(NamedTuple):
    """A document to drop, and the one that stays in its place (or goes for a third)."""

    dropped: int  # its place among the documents
    twin: int  # of the document that it copies
    jaccard: float  # of their 13-grams, exact
    kind: str  # exact: the same text; near: above the bound


def find_duplicates(
    documents: Iterable[str | Document], max_jaccard: float = MAX_JACCARD, seed: int = 0
) -> list[Duplicate]:
    """Returns who is dropped for whom (Rae et al. 2021, A.1.1), in the order of the documents.

    Of two documents whose 13-gram Jaccard similarity is above `max_jaccard` one goes; which one
    is decided by the hash of its id (of a text's place, where there are texts) and the seed.
    Signatures of all documents and the 13-grams of candidates are held in memory.

    Raises:
      ConfigError: a text is none, or the documents are one text.
      UnicodeEncodeError: a text has a lone surrogate; the error is a `ValueError`.

    >>> find_duplicates(["the same", "another", "the same"])
    [Duplicate(dropped=0, twin=2, jaccard=1.0, kind='exact')]
    """
    given = [*map(_given, count(), given_texts(documents))]
    return list(_find(given, seed, max_jaccard)[1])


def _given(place: int, item: str | Document) -> Document:
    if isinstance(item, Document):
        given_text(item.text)
        return item
    return Document(str(place), "web", given_text(item))


def dedup(
    documents: Iterable[Document], seed: int = 0, max_jaccard: float = MAX_JACCARD
) -> Iterator[dict[str, Any]]:
    """Yields id, twin, jaccard and kind of each document to remove, in the order given.

    Args:
      documents: read twice, so an iterator is held in memory.
      seed: of the order in which documents survive.
      max_jaccard: two documents above it are too similar.

    >>> twice = [Document("a", "web", "the same"), Document("b", "web", "the same")]
    >>> [(drop["kind"], drop["jaccard"]) for drop in dedup(twice)]
    [('exact', 1.0)]
    """
    ids, found = _find(documents, seed, max_jaccard)
    for row, twin, jaccard, kind in found:
        yield {"id": ids[row], "twin": ids[twin], "jaccard": jaccard, "kind": kind}


def _find(
    documents: Iterable[Document], seed: int, max_jaccard: float
) -> tuple[list[str], Iterator[Duplicate]]:
    """Returns the ids of all documents and the duplicates among them."""
    if iter(documents) is documents:
        documents = list(documents)
    signed = _sign(documents, seed)
    _, copies = exact_copies(_no_part(signed.contents), signed.contents)
    left = np.ones(len(signed.ids), bool)
    left[copies["row"]] = False
    links = keep_strongest(_link(signed, left))
    near = _verify(documents, signed, links, max_jaccard)
    drops = choose_twins(np.concatenate([copies, near]))
    columns = [drops[name].tolist() for name in ("row", "twin_row", "jaccard", "kind")]
    return signed.ids, itertools.starmap(_duplicate, zip(*columns, strict=True))


def _duplicate(row: int, twin: int, jaccard: float, kind: int) -> Duplicate:
    return Duplicate(row, twin, jaccard, KINDS[kind])


def _no_part(records: Records) -> Parts:
    return np.zeros(len(records), np.uint32)


def _sign(documents: Iterable[Document], seed: int) -> _Signed:
    ids, hashes, minima = list[str](), bytearray(), bytearray()
    places, known = list[int](), dict[bytes, int]()
    for document in documents:
        found = content_hash(given_text(document.text))
        if found not in known:  # copies share the signature of the first
            known[found] = len(known)
            minima += find_minhash(document.text)
        ids.append(document.id)
        places.append(known[found])
        hashes += found
    contents = np.zeros(len(ids), CONTENT)
    both = np.frombuffer(bytes(hashes), "<u8").reshape(-1, 2)
    contents["low"], contents["high"] = both[:, 0], both[:, 1]
    contents["order"] = random_orders(Survival(seed), "", ids)
    contents["row"] = np.arange(len(ids))
    signatures = np.frombuffer(minima, "<u4").reshape(-1, PERMUTATIONS)
    return _Signed(ids, contents, signatures, np.array(places, np.int64))


def _link(signed: _Signed, left: np.ndarray[Any, np.dtype[np.bool_]]) -> Records:
    rows = np.flatnonzero(left).astype(np.uint32)
    bands = place_bands([(rows, signed.signatures[signed.places[left]])], 1)
    again = mark_repeated(bands.key)
    entries = np.empty(int(again.sum()), ENTRY)
    entries["key"], entries["row"] = bands.key[again], bands.row[again]
    entries["order"] = signed.contents["order"][entries["row"]]
    by_row = entries[np.argsort(entries["row"], kind="stable")]
    links = [found for _, found in pair_candidates(_no_part(by_row), by_row)]
    return np.concatenate([np.empty(0, LINK), *links])


def _verify(
    documents: Iterable[Document], signed: _Signed, links: Records, max_jaccard: float
) -> Records:
    """Returns the `DROP` records of the links whose Jaccard similarity is above the bound."""
    rows, leaders = links["row"].tolist(), links["leader"].tolist()
    wanted = {*rows, *leaders}
    shingles = {
        row: shingle_hashes(document.text)
        for row, document in enumerate(documents)
        if row in wanted
    }
    bound = to_fraction(max_jaccard)
    found = list[tuple[int, float]]()
    for place, (row, leader) in enumerate(zip(rows, leaders, strict=True)):
        jaccard = jaccard_above(shingles[row], shingles[leader], bound)
        if jaccard is not None:
            found.append((place, jaccard))
    return _near(links[[place for place, _ in found]], signed.contents, found)


def _near(links: Records, contents: Records, found: list[tuple[int, float]]) -> Records:
    drops = np.zeros(len(links), DROP)
    drops["row"], drops["kind"], drops["twin_row"] = links["row"], NEAR, links["leader"]
    drops["twin_order"] = contents["order"][links["leader"]]
    drops["jaccard"] = [jaccard for _, jaccard in found]
    return drops
