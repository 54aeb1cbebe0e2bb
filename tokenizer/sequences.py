"""Turns the documents of one part into sequences: take, crop, encode, pack."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from massivetext import paper
from massivetext.hashing import hash64
from massivetext.mixture.quotas import EVERY, pass_draws
from massivetext.tokenizer.crop import crop
from massivetext.tokenizer.encode import Encoder
from massivetext.tokenizer.pack import pack
from massivetext.tokenizer.spool import Spool
from massivetext.tokenizer.vocabulary import BOS, EOS


@dataclass(frozen=True)
class TokenPlan:
    """How the documents of one source are sampled; `passes` comes from `mixture.plan_passes`."""

    seed: int
    passes: Fraction = Fraction(1)
    length: int = paper.SEQUENCE_LENGTH
    crop_bytes: int = paper.CROP_BYTES
    group: int = paper.CROPS_PER_GROUP


class Counts(NamedTuple):
    """What became of the documents of one part: tokens = length x sequences + tail."""

    documents: int = 0  # seen, taken or not
    crops: int = 0
    bytes: int = 0  # of the crops, UTF-8
    tokens: int = 0  # with begin and end of document
    sequences: int = 0
    tail: int = 0  # tokens left over at the ends of groups


class Taken(NamedTuple):
    """A pass over the documents that takes a crop of a document."""

    number: int  # of the pass
    draw: int  # chooses the crop
    order: int  # the crop's place among those of the part


def take(document_id: str, seed: int, draws: Sequence[int]) -> Iterator[Taken]:
    """Yields the passes, of `mixture.quotas.pass_draws`, that take a document."""
    for index, below in enumerate(draws):
        if below == EVERY or hash64(seed, "take", document_id, index) < below:
            draw = hash64(seed, "crop", document_id, index)
            yield Taken(index, draw, hash64(seed, "order", document_id, index))


class PartSequences:
    """The crops of one part's documents, spooled as tokens until they are packed.

    Documents may come in any order and in any division into calls: choices are hashes of the
    seed, the purpose, the id and the pass alone.
    """

    def __init__(self, encoder: Encoder, plan: TokenPlan, folder: str | None = None) -> None:
        """Starts with no documents; `folder` is for a temporary file."""
        self._encoder = encoder
        self._plan = plan
        self._draws = pass_draws(plan.passes)
        self._spool = Spool(folder)
        self._documents = self._crops = self._bytes = self._tokens = 0
        self._sequences = self._tail = 0

    @property
    def counts(self) -> Counts:
        """Returns what became of the documents so far."""
        added = (self._documents, self._crops, self._bytes, self._tokens)
        return Counts(*added, self._sequences, self._tail)

    def add(self, document_id: str, text: str) -> None:
        """Encodes the crops of one document, as many as the plan's passes take of it."""
        data = text.encode()
        self._documents += 1
        for taken in take(document_id, self._plan.seed, self._draws):
            ids, size = encode_crop(data, taken.draw, self._encoder, self._plan.crop_bytes)
            self._spool.add(taken.order, ids)
            self._crops += 1
            self._bytes += size
            self._tokens += len(ids)

    def sequences(self) -> Iterator[NDArray[np.uint16]]:
        """Returns arrays (n, length + 1) of sequences and empties the part; call it once.

        Crops are packed in the order of their hashes, so that neighbors in a file, which are
        often of one site, do not meet in a sequence.
        """
        for packed in pack(self._spool.ordered(), self._plan.length, self._plan.group):
            self._sequences += len(packed.sequences)
            self._tail += packed.tail
            if len(packed.sequences):
                yield packed.sequences


def encode_crop(
    data: bytes, draw: int, encoder: Encoder, crop_bytes: int
) -> tuple[NDArray[np.uint16], int]:
    """Returns the tokens of the crop that `draw` chooses of a UTF-8 text, and its bytes.

    BOS comes first where the crop has the document's beginning, EOS last where it has its end.
    """
    chosen = crop(data, draw, crop_bytes)
    ids = encoder.encode(data[chosen.start : chosen.end].decode())
    tokens = np.empty(chosen.first + len(ids) + chosen.last, np.uint16)
    tokens[chosen.first : chosen.first + len(ids)] = ids
    if chosen.first:
        tokens[0] = BOS
    if chosen.last:
        tokens[-1] = EOS
    return tokens, chosen.end - chosen.start
