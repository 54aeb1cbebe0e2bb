"""Turns the documents of one part into sequences: take, crop, encode, pack."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from massivetext import paper
from massivetext.hashing import hash64
from massivetext.mixture import pass_count, takes
from tokenizer.crop import crop
from tokenizer.encode import Encoder
from tokenizer.pack import pack
from tokenizer.vocabulary import BOS, EOS


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

    def plus(self, other: "Counts") -> "Counts":
        """Returns the sums, field by field."""
        return Counts(*(a + b for a, b in zip(self, other, strict=True)))


class PartSequences:
    """The crops of one part's documents, in memory as tokens until they are packed.

    Documents may come in any order and in any division into calls: choices are hashes of the
    seed, the purpose, the id and the pass alone.
    """

    def __init__(self, encoder: Encoder, plan: TokenPlan) -> None:
        """Starts with no documents."""
        self.counts = Counts()
        self._encoder = encoder
        self._plan = plan
        self._crops: list[tuple[int, str, int, NDArray[np.uint16]]] = []

    def add(self, document_id: str, text: str) -> None:
        """Encodes the crops of one document, as many as the plan's passes take of it."""
        plan = self._plan
        data = text.encode()
        tokens = length = crops = 0
        for index in range(pass_count(plan.passes)):
            if not takes(index, plan.passes, hash64(plan.seed, "take", document_id, index)):
                continue
            draw = hash64(plan.seed, "crop", document_id, index)
            ids, size = encode_crop(data, draw, self._encoder, plan.crop_bytes)
            order = hash64(plan.seed, "order", document_id, index)
            self._crops.append((order, document_id, index, ids))
            tokens, length, crops = tokens + len(ids), length + size, crops + 1
        self.counts = self.counts.plus(Counts(1, crops, length, tokens))

    def sequences(self) -> Iterator[NDArray[np.uint16]]:
        """Returns arrays (n, length + 1) of sequences and empties the part; call it once.

        Crops are packed in the order of their hashes, so that neighbours in a file, which are
        often of one site, do not meet in a sequence.
        """
        self._crops.sort(key=lambda crop: crop[:3])
        ordered = (crop[3] for crop in self._crops)
        for packed in pack(ordered, self._plan.length, self._plan.group):
            found = Counts(sequences=len(packed.sequences), tail=packed.tail)
            self.counts = self.counts.plus(found)
            if len(packed.sequences):
                yield packed.sequences
        self._crops.clear()


def part_sequences(
    documents: Iterable[tuple[str, str]], encoder: Encoder, plan: TokenPlan
) -> tuple[NDArray[np.uint16], Counts]:
    """Returns the sequences, (n, length + 1) uint16, of (id, text) documents, and the counts."""
    part = PartSequences(encoder, plan)
    for document_id, text in documents:
        part.add(document_id, text)
    empty = np.empty((0, plan.length + 1), np.uint16)
    return np.concatenate([empty, *part.sequences()]), part.counts


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


def measure_text(texts: Iterable[str], encoder: Encoder) -> tuple[int, int]:
    """Returns the tokens and the UTF-8 bytes of texts: their quotient plans the passes."""
    tokens = size = 0
    for text in texts:
        tokens, size = tokens + len(encoder.encode(text)), size + len(text.encode())
    return tokens, size
