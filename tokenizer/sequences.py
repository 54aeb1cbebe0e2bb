"""Turns the documents of one part into sequences: take, crop, encode, pack."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from massivetext import paper
from massivetext.config.sequences import Packing
from massivetext.hashing import hash64
from massivetext.mixture.quotas import EVERY, pass_draws
from massivetext.tokenizer.crop import Crop, crop, pieces
from massivetext.tokenizer.encode import Encoder
from massivetext.tokenizer.pack import Member, Packed, pack, pack_on, repack_groups
from massivetext.tokenizer.spool import Spool


@dataclass(frozen=True)
class TokenPlan:
    """How the documents of one source are sampled; `passes` comes from `mixture.plan_passes`."""

    seed: int
    passes: Fraction = Fraction(1)
    length: int = paper.SEQUENCE_LENGTH
    crop_bytes: int = paper.CROP_BYTES
    group: int = paper.CROPS_PER_GROUP
    packing: Packing = "paper"

    @cached_property
    def draws(self) -> tuple[int, ...]:
        """For each pass begun, the number below which a draw takes a document."""
        return pass_draws(self.passes)


class Counts(NamedTuple):
    """What became of the documents of one part: tokens = length x sequences + tail."""

    documents: int = 0  # seen, taken or not
    crops: int = 0
    bytes: int = 0  # of the crops, UTF-8
    tokens: int = 0  # with begin and end of document
    sequences: int = 0
    tail: int = 0  # tokens left over at the ends of groups, or of the part


class Taken(NamedTuple):
    """A crop of a document that a pass over the documents takes."""

    number: int  # of the pass
    crop: Crop
    order: int  # the crop's place among those of the part


def take(document_id: str, data: bytes, plan: TokenPlan) -> Iterator[Taken]:
    """Returns the crops that a plan's passes take of a document's UTF-8 text.

    The paper's pass takes one random crop of a document; a pass of the other packings takes all of
    its pieces, so that no text is read twice before all of it was read once.
    """
    return (_random if plan.packing == "paper" else _pieces)(document_id, data, plan)


def _random(document_id: str, data: bytes, plan: TokenPlan) -> Iterator[Taken]:
    seed = plan.seed
    for index, below in enumerate(plan.draws):
        if below == EVERY or hash64(seed, "take", document_id, index) < below:
            chosen = crop(data, hash64(seed, "crop", document_id, index), plan.crop_bytes)
            yield Taken(index, chosen, hash64(seed, "order", document_id, index))


def _pieces(document_id: str, data: bytes, plan: TokenPlan) -> Iterator[Taken]:
    seed, size = plan.seed, len(data) or 1 if plan.packing == "once" else plan.crop_bytes
    for index, below in enumerate(plan.draws):
        draw = hash64(seed, "cut", document_id, index) if index else 0
        for number, piece in enumerate(pieces(data, draw, size)):
            if below == EVERY or hash64(seed, "take", document_id, index, number) < below:
                yield Taken(index, piece, hash64(seed, "order", document_id, index, number))


class PartSequences:
    """The crops of one part's documents, spooled as tokens until they are packed.

    Documents may come in any order and in any division into calls: choices are hashes of the
    seed, the purpose, the id and the pass alone.
    """

    def __init__(self, encoder: Encoder, plan: TokenPlan, folder: str | None = None) -> None:
        """Starts with no documents; `folder` is for a temporary file."""
        self._encoder = encoder
        self._plan = plan
        self._spool = Spool(folder)
        self._documents = self._crops = self._bytes = self._tokens = 0
        self._sequences = self._tail = 0
        self._gaps: dict[int, int] = {}
        self.holes: list[int] = []  # rows of `sequences` that hold none, once it is through

    @property
    def counts(self) -> Counts:
        """Returns what became of the documents so far."""
        added = (self._documents, self._crops, self._bytes, self._tokens)
        return Counts(*added, self._sequences, self._tail)

    def add(self, document_id: str, text: str) -> None:
        """Encodes the crops of one document, as many as the plan's passes take of it."""
        data = text.encode()
        self._documents += 1
        for taken in take(document_id, data, self._plan):
            ids = encode_crop(data, taken.crop, self._encoder)
            self._spool.add(taken.order, ids)
            self._crops += 1
            self._bytes += taken.crop.end - taken.crop.start
            self._tokens += len(ids)

    def crops(self) -> Iterator[NDArray[np.uint16]]:
        """Returns the tokens of each crop in the order of their hashes; empties the part."""
        return self._spool.ordered()

    def leave_open(self, gaps: Sequence[tuple[int, int]]) -> None:
        """Keeps the places of crops of documents that were taken out: their orders and tokens.

        Raises:
          ValueError: crops are not packed in groups, so that a gap would move all after it.
        """
        if gaps and self._plan.packing != "paper":
            raise ValueError("gaps can be left in groups of crops alone")
        for order, size in gaps:
            self._spool.add(order, np.empty(0, np.uint16))
            self._gaps[order] = size

    def sequences(self) -> Iterator[NDArray[np.uint16]]:
        """Yields arrays (n, length + 1) of sequences and empties the part; call it once.

        Crops are packed in the order of their hashes, so that neighbors in a file, which are
        often of one site, do not meet in a sequence. A group with gaps has as many rows as it had
        before; the last ones, those of `holes`, are zeros.
        """
        if self._gaps:
            yield from self._repacked()
            return
        for packed in pack_crops(self._spool.ordered(), self._plan):
            self._sequences += len(packed.sequences)
            self._tail += packed.tail
            if len(packed.sequences):
                yield packed.sequences

    def _repacked(self) -> Iterator[NDArray[np.uint16]]:
        row, orders = 0, self._spool.orders()
        crops = zip(self._spool.ordered(), orders, strict=True)
        members = (Member(tokens, self._gaps.get(order, 0)) for tokens, order in crops)
        for packed, holes in repack_groups(members, self._plan.length, self._plan.group):
            self._sequences += len(packed.sequences)
            self._tail += packed.tail
            row += len(packed.sequences)
            self.holes += range(row, row + holes)
            row += holes
            nothing = np.zeros((holes, self._plan.length + 1), np.uint16)
            yield np.concatenate([packed.sequences, nothing])


def pack_crops(crops: Iterator[NDArray[np.uint16]], plan: TokenPlan) -> Iterator[Packed]:
    """Returns the sequences of a part's crops, given in their order, as the plan packs them."""
    if plan.packing == "paper":
        return pack(crops, plan.length, plan.group)
    return pack_on(crops, plan.length)


def encode_crop(data: bytes, chosen: Crop, encoder: Encoder) -> NDArray[np.uint16]:
    """Returns the tokens of a crop of a UTF-8 text, with begin and end where it has them."""
    ids = encoder.encode(data[chosen.start : chosen.end].decode())
    tokens = np.empty(chosen.first + len(ids) + chosen.last, np.uint16)
    tokens[chosen.first : chosen.first + len(ids)] = ids
    if chosen.first:
        tokens[0] = encoder.bos
    if chosen.last:
        tokens[-1] = encoder.eos
    return tokens
