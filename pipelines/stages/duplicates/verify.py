"""Stage 2, verification: shingles of candidates go to their leader, and are compared exactly."""

import struct
from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import Any

import numpy as np

from massivetext.dedup.packed_records import first_of_runs, gather, pack
from massivetext.dedup.pairs import WANT, Text, accept, judge, unique_wants
from massivetext.dedup.signature import shingle_hashes
from massivetext.dedup.survival import Entrant, order_of
from massivetext.pipelines.folder.interrupts import check_interrupt
from massivetext.pipelines.folder.sums import open_part_file
from massivetext.pipelines.stages.duplicates.read import (
    DocumentPart,
    DuplicateSettings,
    part_of,
)
from massivetext.pipelines.stages.shuffle import Block, Joined
from massivetext.shards.document_columns import read_rows

_LEADER = struct.Struct(">III")  # part, row and slice: the key of a comparison
_TEXT = struct.Struct("<IIQ16s")  # part, row, order and id; shingles follow


def read_shingles(element: Joined, settings: DuplicateSettings) -> Iterator[tuple[bytes, bytes]]:
    """Yields the shingles of a part's wanted documents, by leader; text is read in one pass."""
    _, found = element
    wants = unique_wants(gather(found["wants"], WANT).records)
    if not len(wants):
        return
    part = part_of(found)
    starts = np.flatnonzero(first_of_runs(wants["row"]))
    leaders = dict(zip(wants["row"][starts].tolist(), np.split(wants, starts[1:]), strict=True))
    columns = ["id", "text_bytes", "text" if settings.rules.verify else "signature"]
    with open_part_file(part.kept) as file:
        for row, document in read_rows(file, columns, wants["row"][starts]):
            check_interrupt()
            message = _message(part, row, document, settings)
            for want in leaders[row].tolist():
                yield _LEADER.pack(*want[1:]), message


def _message(
    part: DocumentPart, row: int, document: dict[str, Any], settings: DuplicateSettings
) -> bytes:
    entrant = Entrant(document["id"], document["text_bytes"], part.part, row)
    order = order_of(settings.survival(part), part.source, entrant)
    header = _TEXT.pack(part.part, row, order, bytes.fromhex(document["id"]))
    if not settings.rules.verify:
        return header + bytes(document["signature"])
    return header + shingle_hashes(document["text"], settings.shingles).tobytes()


def _text(message: bytes) -> Text:
    shingles = np.frombuffer(message, np.uint64, offset=_TEXT.size)
    part, row, order, identity = _TEXT.unpack_from(message)
    return Text(part, row, order, identity, shingles)


def judge_slice(group: tuple[bytes, Iterable[bytes]], bound: Fraction | None) -> Iterator[Block]:
    """Yields the `DROP` records of the documents that are copies of one leader.

    The messages are read twice and never held together: first for the leader's own.
    Without a bound nothing is compared: all that came are copies.
    """
    check_interrupt()
    place = _LEADER.unpack(group[0])[:2]
    leader = next(text for text in map(_text, group[1]) if (text.part, text.row) == place)
    for member in map(_text, group[1]):
        if (member.part, member.row) != place:
            drop = accept(member, leader) if bound is None else judge(member, leader, bound)
            if drop is not None:
                yield member.part, pack(0, drop)
