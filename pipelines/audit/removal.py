"""What taking documents out will change, found before anything is: gaps, sequences, shards."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from massivetext.corpus.parts import Part
from massivetext.dedup.packed_records import gather
from massivetext.finished.taken_out import Gaps, TakenOut, read_taken_out
from massivetext.pipelines.audit.derive import token_plan
from massivetext.pipelines.audit.documents import Survivor, stored_documents
from massivetext.pipelines.audit.named import Rows
from massivetext.pipelines.engine.build_plan import Build
from massivetext.pipelines.stages.sequences.run import DATASET, plan_splits
from massivetext.pipelines.stages.sequences.write import (
    SequencesWork,
    Split,
    deal_share,
    dealt_dtype,
    order_in_shard,
)
from massivetext.pipelines.stages.survivors import SplitRules, count_all, mixed_sources
from massivetext.pipelines.stages.tokens.write import packed_as
from massivetext.shards.tfds_metadata import shard_name
from massivetext.tokenizer.encode import Encoder
from massivetext.tokenizer.sequences import TokenPlan, encode_crop, take

Ranges = list[tuple[int, int]]  # of tokens of a part's crops, joined in their order


class Removal(NamedTuple):
    """What of one part is taken out, and which of its sequences that concerns."""

    taken: TakenOut  # all runs together
    gone: list[Survivor]  # documents that had survived
    had: dict[str, list[int]]  # by id: rows of the train file whose sequences had it
    changed: set[int]  # rows of the train file


def plan_removal(build: Build, part: Part, rows: Rows, encoder: Encoder) -> Removal:
    """Returns what taking rows out of a part changes.

    Args:
      build: the finished build.
      part: one of its parts.
      rows: to take out.
      encoder: of its vocabulary.
    """
    before = read_taken_out(build.output, part.stem)
    survivors = list(stored_documents(build, part, left_out=True)) if rows.kept else []
    gone = [document for document in survivors if document.row in rows.kept]
    taken = before._replace(
        rows=before.rows | rows.kept,
        dropped=before.dropped | rows.dropped,
        counts=_counts(build, gone, before),
    )
    removal = Removal(taken, gone, {}, set())
    if gone and part.source in mixed_sources(build.recipe):
        return _with_gaps(build, part, survivors, encoder, removal)
    return removal


def _with_gaps(
    build: Build, part: Part, survivors: list[Survivor], encoder: Encoder, removal: Removal
) -> Removal:
    new = {document.row for document in removal.gone if not document.validation}
    plan = token_plan(build, part.stem, validation=False)
    packed = packed_as(build.stages["tokens"], plan)
    gaps = removal.taken.gaps(packed)
    stream = _Stream([d for d in survivors if not d.validation], encoder, plan, gaps)
    had: dict[str, list[int]] = {}
    for document, row in stream.rows_of(new):
        had.setdefault(document.id, []).append(row)
    taken = removal.taken._replace(packed=packed, train=gaps + stream.gaps_of(new))
    return Removal(taken, removal.gone, had, set(stream.changed(new)))


def _counts(build: Build, gone: list[Survivor], before: TakenOut) -> dict[str, int]:
    """Returns what stage 3 counts of the documents taken out so far that had survived."""
    chosen = build.recipe.sequences
    split = SplitRules(build.recipe.seed, chosen.validation, chosen.crop_bytes)
    counts = count_all(((d.validation, len(d.text.encode())) for d in gone), split)
    return {name: count + before.counts.get(name, 0) for name, count in counts.items()}


class _Crop(NamedTuple):
    order: int
    document: Survivor | None  # None: taken out before
    size: int  # tokens


class _Stream:
    """A part's crops of one split, in their order, cut into groups."""

    def __init__(
        self, documents: list[Survivor], encoder: Encoder, plan: TokenPlan, gaps: Gaps
    ) -> None:
        crops = [_Crop(order, None, size) for order, size in gaps]
        for document in documents:
            data = document.text.encode()
            for taken in take(document.id, data, plan):
                size = len(encode_crop(data, taken.crop, encoder))
                crops.append(_Crop(taken.order, document, size))
        crops.sort(key=lambda crop: crop.order)
        self._groups = [crops[n : n + plan.group] for n in range(0, len(crops), plan.group)]
        self._length = plan.length

    def gaps_of(self, rows: set[int]) -> Gaps:
        """Returns the gaps that documents leave."""
        crops = (crop for group in self._groups for crop in group)
        return tuple((c.order, c.size) for c in crops if c.document and c.document.row in rows)

    def rows_of(self, rows: set[int]) -> Iterator[tuple[Survivor, int]]:
        """Yields the documents with each row of the token file that has tokens of theirs."""
        for first, group in self._numbered():
            left = [crop for crop in group if crop.document]
            count = max(0, sum(crop.size for crop in left) - 1) // self._length
            start = 0
            for crop in left:
                stop = start + crop.size
                if crop.document and crop.document.row in rows:
                    begin = max(0, (start - 1) // self._length)
                    for row in range(begin, min(count, -(-stop // self._length))):
                        if start < (row + 1) * self._length + 1 and stop > row * self._length:
                            yield crop.document, first + row
                start = stop

    def changed(self, rows: set[int]) -> Iterator[int]:
        """Yields the rows of the token file that will have other tokens, or none."""
        for first, group in self._numbered():
            left = [crop for crop in group if crop.document]
            sizes = np.cumsum([0, *(crop.size for crop in left)])
            gone = [n for n, c in enumerate(left) if c.document and c.document.row in rows]
            if gone:
                count = max(0, int(sizes[-1]) - 1) // self._length
                begin = max(0, int(sizes[gone[0]]) - 1) // self._length
                yield from range(first + begin, first + count)

    def _numbered(self) -> Iterator[tuple[int, list[_Crop]]]:
        first = 0
        for group in self._groups:
            yield first, group
            first += max(0, sum(crop.size for crop in group) - 1) // self._length


class Dealt(NamedTuple):
    """Where a sequence went."""

    shard: str  # name of the file
    record: int


def find_dealt(build: Build, wanted: dict[int, set[int]]) -> dict[tuple[int, int], Dealt]:
    """Returns where train sequences went, by part and row.

    Args:
      build: the finished build.
      wanted: the rows of parts, by number; those that were surplus went nowhere.
    """
    length = build.recipe.sequences.length
    work = SequencesWork(build.stages["sequences"], build.recipe.seed, length, DATASET)
    found: dict[tuple[int, int], Dealt] = {}
    for split in (split for split in plan_splits(build) if split.name.startswith("train")):
        shards = _shards(split, work, wanted)
        for shard, (parts, rows) in _dealt(split, shards, work).items():
            name = shard_name(DATASET, split.name, shard, split.shards)
            for record, (part, row) in enumerate(zip(parts, rows, strict=True)):
                if row in wanted.get(part, ()):
                    found[part, row] = Dealt(name, record)
    return found


def _shards(split: Split, work: SequencesWork, wanted: dict[int, set[int]]) -> set[int]:
    """Returns the shards of a split that have one of the wanted rows."""
    shards: set[int] = set()
    every = set(range(split.shards))
    for share in (s for s in split.shares if s.quota and wanted.get(s.number)):
        for shard, block in deal_share(share, split.shards, every, False, work):
            rows = gather([block], dealt_dtype(work.length, False)).records["row"]
            if wanted[share.number].intersection(rows.tolist()):
                shards.add(shard)
    return shards


def _dealt(
    split: Split, shards: set[int], work: SequencesWork
) -> dict[int, tuple[list[int], list[int]]]:
    """Returns the part and row of each record of some shards."""
    blocks: dict[int, list[bytes]] = {shard: [] for shard in shards}
    for share in (s for s in split.shares if s.quota and shards):
        for shard, block in deal_share(share, split.shards, shards, False, work):
            blocks[shard].append(block)
    found = {}
    for shard, dealt in blocks.items():
        gathered = gather(dealt, dealt_dtype(work.length, False))
        parts: NDArray[np.uint32] = gathered.number_of_each()
        order = order_in_shard(gathered.records, parts)
        found[shard] = parts[order].tolist(), gathered.records["row"][order].tolist()
    return found
