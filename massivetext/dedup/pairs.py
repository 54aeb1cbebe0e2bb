"""Which documents are copies of which: the arithmetic of deduplication, without files or Beam.

Rae et al. 2021, appendix A.1.1: exact duplicates go first; then, of two documents whose 13-gram
Jaccard similarity is above 0.8, one at random. Here "at random" is a total order, by hash of the
id: **a document is dropped if and only if a document before it in that order is verified as its
copy.** So the outcome depends on nothing but the documents, and nothing is dropped unverified.

Records are numpy structured arrays; a pointer to a document is (part, row).
"""

from collections.abc import Iterator
from fractions import Fraction
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from massivetext.dedup.packed_records import Records, first_of_runs, start_of_each
from massivetext.text.kernels import find_kernels

ALL_PAIRS = 32  # in a bucket of at most so many documents all pairs are candidates
LEADERS = 8  # in a larger one, each document meets the first so many of the bucket ...
NEIGHBOURS = 8  # ... and so many just before it
MAX_CANDIDATES = 12  # of one document: those that share most bands
SLICE = 256  # documents that are judged against one leader at a time, about
_CHUNK = 1 << 18  # documents of buckets that are paired at a time

EXACT, NEAR, HOST = range(3)
KINDS = ("exact", "near", "host")

CONTENT = np.dtype(
    [("high", "<u8"), ("low", "<u8"), ("order", "<u8"), ("id", "V16"), ("row", "<u4")]
)
ENTRY = np.dtype([("key", "<u4"), ("order", "<u8"), ("row", "<u4")])
LINK = np.dtype(
    [
        ("row", "<u4"),  # the document's
        ("part", "<u4"),  # the candidate's
        ("leader", "<u4"),  # the candidate's row
        ("order", "<u4"),  # the candidate's, upper half
        ("slices", "u1"),  # binary logarithm of the slices into which the leader's members go
        ("shared", "u1"),  # bands
    ]
)
WANT = np.dtype([("row", "<u4"), ("part", "<u4"), ("leader", "<u4"), ("slice", "<u4")])
DROP = np.dtype(
    [
        ("row", "<u4"),
        ("kind", "u1"),
        ("twin_part", "<u4"),
        ("twin_row", "<u4"),
        ("twin_id", "V16"),
        ("twin_order", "<u8"),
        ("jaccard", "<f8"),
    ]
)

Parts = NDArray[np.uint32]


def exact_copies(parts: Parts, contents: Records) -> tuple[Parts, Records]:
    """Returns the parts and the drop records of all but the first document of each content.

    Args:
      parts: the part of each document, ascending.
      contents: `CONTENT` records, in the order of (part, row).
    """
    by_content = np.lexsort((contents["order"], contents["low"], contents["high"]))
    parts, contents = parts[by_content], contents[by_content]
    first = first_of_runs(contents["high"], contents["low"])
    survivor = start_of_each(first)[~first]
    drops = np.zeros(len(survivor), DROP)
    drops["row"], drops["kind"], drops["jaccard"] = contents["row"][~first], EXACT, 1
    drops["twin_part"], drops["twin_row"] = parts[survivor], contents["row"][survivor]
    drops["twin_id"], drops["twin_order"] = contents["id"][survivor], contents["order"][survivor]
    return parts[~first], drops


def mark_repeated(keys: NDArray[np.uint32]) -> NDArray[np.bool_]:
    """Returns which keys occur more than once.

    >>> mark_repeated(np.array([3, 1, 3], np.uint32)).tolist()
    [True, False, True]
    """
    order = np.argsort(keys)
    first = first_of_runs(keys[order])
    alone = first & np.append(first[1:], True)
    flags = np.empty(len(keys), bool)
    flags[order] = ~alone
    return flags


def pair_candidates(
    parts: Parts, entries: Records, known: int | None = None
) -> Iterator[tuple[Parts, Records]]:
    """Yields the parts and `LINK` records of documents to their candidates, in chunks.

    A candidate comes before its document in the order. In a bucket of at most `ALL_PAIRS`
    documents every pair is linked; in a larger one each document is linked to the bucket's first
    `LEADERS` and to the `NEIGHBOURS` just before it: work in proportion to the bucket's size, and
    the first few alone would lose copies where many pages are made from one template.

    Args:
      parts: the part of each entry, ascending.
      entries: `ENTRY` records, in the order of (part, row).
      known: documents of this part and later ones are candidates only: others are sought for them
        no more.
    """
    by_key = np.lexsort((entries["order"], entries["key"]))
    parts, entries = parts[by_key], entries[by_key]
    first = first_of_runs(entries["key"])
    start = start_of_each(first)
    size = np.diff(np.append(np.flatnonzero(first), len(entries)))[np.cumsum(first) - 1]
    sought = np.arange(len(entries)) if known is None else np.flatnonzero(parts < known)
    for begin in range(0, len(sought), _CHUNK):
        members = sought[begin : begin + _CHUNK]
        pairs = list(_pairs(members, start[members], size[members]))
        if pairs:
            member, leader = (np.concatenate(side) for side in zip(*pairs, strict=True))
            hot = leader - start[member] < LEADERS  # the others have few members
            yield _links(parts, entries, member, leader, np.where(hot, size[member], 0))


_Index = NDArray[np.int64]


def _pairs(members: _Index, start: _Index, size: _Index) -> Iterator[tuple[_Index, _Index]]:
    depth = members - start
    small = size <= ALL_PAIRS
    deep, left, few = depth, members, small
    for back in range(1, min(ALL_PAIRS, int(depth.max()) + 1)):
        there = deep >= back  # fewer from step to step
        deep, left, few = deep[there], left[there], few[there]
        chosen = left[few if back > NEIGHBOURS else few | (deep - back >= LEADERS)]
        yield chosen, chosen - back
    large = ~small
    for place in range(LEADERS if large.any() else 0):
        after = large & (depth > place)
        yield members[after], start[after] + place


def _links(
    parts: Parts, entries: Records, member: _Index, leader: _Index, members: _Index
) -> tuple[Parts, Records]:
    """Returns the links from members to leaders; `members`: that a leader may have."""
    links = np.empty(len(member), LINK)
    links["row"], links["part"] = entries["row"][member], parts[leader]
    links["leader"], links["order"] = entries["row"][leader], entries["order"][leader] >> 32
    links["slices"], links["shared"] = np.ceil(np.log2(np.maximum(members / SLICE, 1))), 1
    other = (parts[member] != links["part"]) | (links["row"] != links["leader"])
    return _merged(parts[member][other], links[other])


def _merged(parts: Parts, links: Records) -> tuple[Parts, Records]:
    """Returns each link once, with the bands that it shares counted."""
    order = np.lexsort((_pointers(links["part"], links["leader"]), _pointers(parts, links["row"])))
    parts, links = parts[order], links[order]
    first = first_of_runs(parts, links["row"], links["part"], links["leader"])
    starts = np.flatnonzero(first)
    merged = links[starts]
    if len(starts):
        shared = np.add.reduceat(links["shared"].astype(np.int64), starts)
        merged["shared"] = np.minimum(shared, 255)
        merged["slices"] = np.maximum.reduceat(links["slices"], starts)
    return parts[starts], merged


def _pointers(parts: Parts, rows: Parts) -> NDArray[np.uint64]:
    return parts.astype(np.uint64) << np.uint64(32) | rows


def keep_strongest(links: Records, limit: int = MAX_CANDIDATES) -> Records:
    """Returns, of each document of a part, the `limit` links that share most bands.

    Ties go to the candidate that comes first in the order.
    """
    _, links = _merged(np.zeros(len(links), np.uint32), links)
    weaker = -links["shared"].astype(np.int64)
    order = np.lexsort((links["leader"], links["part"], links["order"], weaker, links["row"]))
    links = links[order]
    place = np.arange(len(links)) - start_of_each(first_of_runs(links["row"]))
    return links[place < limit]


def request_shingles(part: int, links: Records) -> tuple[Parts, Records]:
    """Returns whose shingles are wanted for which leader: the parts to ask, and `WANT` records.

    Every document asks its own part for itself, and the leader's part for the leader. Documents
    of a large bucket are dealt to slices, so that no leader is judged with everything at once.
    """
    wants = np.empty(len(links), WANT)
    for name in ("row", "part", "leader"):
        wants[name] = links[name]
    bits = links["slices"].astype(np.uint32)
    deal = _mixed(np.uint64(part) << np.uint64(32) | links["row"].astype(np.uint64))
    wants["slice"] = bits << np.uint32(24) | deal & ((np.uint32(1) << bits) - np.uint32(1))
    own = wants.copy()
    own["row"] = own["leader"]
    own = unique_wants(own)
    parts = np.concatenate([np.full(len(wants), part, np.uint32), own["part"]])
    return parts, np.concatenate([wants, own])


def _mixed(values: NDArray[np.uint64]) -> NDArray[np.uint32]:
    mixed = values * np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ mixed >> np.uint64(32)) * np.uint64(0xD6E8FEB86659FD93)
    return (mixed >> np.uint64(40)).astype(np.uint32)


def unique_wants(wants: Records) -> Records:
    """Returns `WANT` records once each, in the order of their rows."""
    columns = [wants[name] for name in ("slice", "leader", "part", "row")]
    wants = wants[np.lexsort(columns)]
    return wants[first_of_runs(*(wants[name] for name in WANT.names or ()))]


class Text(NamedTuple):
    """What is compared of a document, and where it is."""

    part: int
    row: int
    order: int
    id: bytes  # 16
    shingles: NDArray[np.uint64]  # sorted, unique


def count_shared(a: NDArray[np.uint64], b: NDArray[np.uint64]) -> int:
    """Returns how many values two sorted unique arrays share.

    >>> count_shared(np.array([1, 3], np.uint64), np.array([1, 2, 3], np.uint64))
    2
    """
    kernels = find_kernels()
    if kernels is None:
        return define_count_shared(a, b)
    return int(kernels.count_shared(a, b))


def define_count_shared(a: NDArray[np.uint64], b: NDArray[np.uint64]) -> int:
    """Returns `count_shared` by the definition."""
    both = np.concatenate([a, b])
    both.sort(kind="stable")  # two sorted runs: merged in linear time
    return int(np.count_nonzero(both[1:] == both[:-1]))


def judge(member: Text, leader: Text, bound: Fraction) -> Records | None:
    """Returns the drop record of `member` if its Jaccard similarity to `leader` is above `bound`.

    Documents without words are copies of nothing.
    """
    jaccard = jaccard_above(member.shingles, leader.shingles, bound)
    if jaccard is None:
        return None
    drop = (member.row, NEAR, leader.part, leader.row, leader.id, leader.order, jaccard)
    return np.array([drop], DROP)


def jaccard_above(a: NDArray[np.uint64], b: NDArray[np.uint64], bound: Fraction) -> float | None:
    """Returns the Jaccard similarity of two sorted unique arrays, None if it is not above `bound`.

    The comparison is exact, in integers.

    >>> few, many = np.array([1, 3], np.uint64), np.array([1, 2, 3], np.uint64)
    >>> jaccard_above(few, many, Fraction(3, 5)), jaccard_above(few, many, Fraction(2, 3))
    (0.6666666666666666, None)
    """
    shared = count_shared(a, b)
    union = len(a) + len(b) - shared
    if shared * bound.denominator <= union * bound.numerator:
        return None
    return shared / union


def accept(member: Text, leader: Text) -> Records:
    """Returns the drop record of a candidate that is taken as a copy without a comparison.

    Its Jaccard similarity is estimated: here `shingles` are the bytes of signatures.
    """
    alike = float((member.shingles.view(np.uint32) == leader.shingles.view(np.uint32)).mean())
    drop = (member.row, NEAR, leader.part, leader.row, leader.id, leader.order, alike)
    return np.array([drop], DROP)


def choose_twins(drops: Records) -> Records:
    """Returns one drop record a row: the twin with the highest Jaccard, then the first in order."""
    order = np.lexsort((drops["twin_order"], -drops["jaccard"], drops["row"]))
    drops = drops[order]
    return drops[first_of_runs(drops["row"])]
