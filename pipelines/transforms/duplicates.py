"""`FindDuplicates`: exact and near copies in a collection of documents.

The same arithmetic as the build's (`massivetext.dedup.pairs`), for a collection that is no folder
of files: so each text crosses a shuffle once. A build moves only keys and pointers; use it for a
corpus.

    documents ─ sign ─ by content ─ exact copies, the rest ─ by band ─ candidates of each ─┐
    documents ─ texts, by id ──────────────────────────────────────────────────────────────┴ wanted
    wanted ─ by candidate ─ verified pairs ─ by document ─ the closest twin
"""

from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import NamedTuple, TypedDict

import apache_beam as beam
import numpy as np
from apache_beam.metrics.metric import Metrics
from apache_beam.pvalue import PCollection

from massivetext.dedup.lsh_bands import place_bands
from massivetext.dedup.pairs import ENTRY, MAX_CANDIDATES, Text, judge, pair_candidates
from massivetext.dedup.signature import shingle_hashes, sign
from massivetext.dedup.survival import Entrant, Survival, order_of
from massivetext.document import Document
from massivetext.mixture.quotas import to_fraction
from massivetext.paper import MAX_JACCARD

Member = tuple[int, str]  # a document: its place in the order of survival, and its id
Pair = tuple[Member, Member]  # a document and one before it
Wanted = tuple[Member, Member, bytes]  # a pair, and the shingles of its first


class DuplicateDocument(NamedTuple):
    """A document to drop, and the one that it copies (which may copy a third)."""

    id: str
    twin: str
    jaccard: float  # of their 13-grams, exact
    kind: str  # exact: the same text; near: above the bound


class FindDuplicates(beam.PTransform[PCollection[Document], PCollection[DuplicateDocument]]):
    """Documents to those to drop (Rae et al. 2021, A.1.1): the verdicts of `find_duplicates`.

    Ids must be unique.

        documents | FindDuplicates()
    """

    def __init__(self, max_jaccard: float = MAX_JACCARD, seed: int = 0) -> None:
        """Takes the similarity above which one of two goes, and the seed of which one does."""
        super().__init__()
        self._bound, self._seed = to_fraction(max_jaccard), seed

    def expand(self, documents: PCollection[Document]) -> PCollection[DuplicateDocument]:
        """Returns the documents to drop, one row each."""
        signed = documents | "Sign" >> beam.Map(_signed, self._seed)
        by_content = signed | "By content" >> beam.GroupByKey()
        copies = by_content | "Exact copies" >> beam.FlatMap(_exact_copies)
        first = by_content | "First of each" >> beam.FlatMap(_first)
        links = first | "By band" >> beam.GroupByKey() | "Candidates" >> beam.FlatMap(_linked)
        chosen = links | "By document" >> beam.GroupByKey() | "Closest" >> beam.FlatMap(_strongest)
        texts = documents | "Texts" >> beam.Map(_text)
        asked = {"texts": texts, "wanted": chosen} | "Join" >> beam.CoGroupByKey()
        wanted = asked | "Shingles" >> beam.FlatMap(_shingles)
        pairs = wanted | "By candidate" >> beam.GroupByKey()
        near = pairs | "Verify" >> beam.FlatMap(_verified, self._bound)
        drops = (copies, near) | "All" >> beam.Flatten()
        settled = drops | "Of one document" >> beam.GroupByKey()
        settle = beam.ParDo(_Settle()).with_output_types(DuplicateDocument)
        found: PCollection[DuplicateDocument] = settled | "Settle" >> settle
        return found


def _signed(document: Document, seed: int) -> tuple[bytes, tuple[int, str, bytes]]:
    signature = sign(document.text)
    order = order_of(Survival(seed), "", Entrant(document.id))
    return signature.content_hash, (order, document.id, signature.minhash)


_Drop = tuple[str, tuple[float, int, str, str]]  # id; Jaccard, twin's order, twin, kind


def _exact_copies(group: tuple[bytes, Iterable[tuple[int, str, bytes]]]) -> Iterator[_Drop]:
    members = [(order, name) for order, name, _ in group[1]]
    first = min(members)
    if members.count(first) > 1:
        raise ValueError(f"two documents have the id {first[1]!r}: ids must be unique")
    for member in members:
        if member != first:
            yield member[1], (1.0, *first, "exact")


def _first(
    group: tuple[bytes, Iterable[tuple[int, str, bytes]]],
) -> Iterator[tuple[int, Member]]:
    """Yields the band keys of the one document of each content that is left."""
    order, name, minhash = min(group[1])
    signature = np.frombuffer(minhash, "<u4").reshape(1, -1)
    for key in place_bands([(np.zeros(1, np.uint32), signature)], 1).key.tolist():
        yield key, (order, name)


def _linked(bucket: tuple[int, Iterable[Member]]) -> Iterator[tuple[Member, Member]]:
    """Yields each document of a bucket with its candidates, which come before it."""
    members = sorted(set(bucket[1]))
    if len(members) < 2:
        return
    entries = np.zeros(len(members), ENTRY)
    entries["order"] = [order for order, _ in members]
    entries["row"] = np.arange(len(members))
    for _, links in pair_candidates(np.zeros(len(members), np.uint32), entries):
        for row, leader in zip(links["row"].tolist(), links["leader"].tolist(), strict=True):
            yield members[row], members[leader]


def _strongest(found: tuple[Member, Iterable[Member]]) -> Iterator[tuple[str, Pair]]:
    """Yields, to both documents, the pairs with the candidates that share most bands."""
    member, leaders = found
    shared: dict[Member, int] = {}
    for leader in leaders:
        shared[leader] = shared.get(leader, 0) + 1
    ranked = sorted(shared, key=lambda leader: (-shared[leader], leader))
    for leader in ranked[:MAX_CANDIDATES]:
        yield member[1], (member, leader)
        yield leader[1], (leader, leader)


def _text(document: Document) -> tuple[str, str]:
    return document.id, document.text


class _Asked(TypedDict):
    texts: list[str]
    wanted: list[Pair]


def _shingles(asked: tuple[str, _Asked]) -> Iterator[tuple[str, Wanted]]:
    """Yields the shingles of a document to each candidate that it is compared with."""
    name, found = asked
    texts, pairs = list(found["texts"]), sorted(set(found["wanted"]))
    if len(texts) > 1:
        raise ValueError(f"two documents have the id {name!r}: ids must be unique")
    if pairs:
        shingles = shingle_hashes(texts[0]).tobytes()
        for member, leader in pairs:
            yield leader[1], (member, leader, shingles)


def _verified(group: tuple[str, Iterable[Wanted]], bound: Fraction) -> Iterator[_Drop]:
    found = list(group[1])
    (leader,) = (_compared(*item) for item in found if item[0] == item[1])
    twin = found[0][1]
    for member, _, shingles in found:
        if member == twin:
            continue
        drop = judge(_compared(member, twin, shingles), leader, bound)
        if drop is not None:
            yield member[1], (float(drop["jaccard"][0]), *twin, "near")


def _compared(member: Member, _: Member, shingles: bytes) -> Text:
    return Text(0, 0, member[0], b"", np.frombuffer(shingles, np.uint64))


class _Settle(beam.DoFn):
    def __init__(self) -> None:
        self._counters = {
            kind: Metrics.counter("FindDuplicates", kind) for kind in ("exact", "near")
        }

    def process(
        self, group: tuple[str, Iterable[tuple[float, int, str, str]]]
    ) -> Iterator[DuplicateDocument]:
        """Yields the drop with the highest Jaccard; of equal ones the first twin in the order."""
        name, drops = group
        jaccard, _, twin, kind = min(drops, key=lambda drop: (-drop[0], drop[1]))
        self._counters[kind].inc()
        yield DuplicateDocument(name, twin, jaccard, kind)
