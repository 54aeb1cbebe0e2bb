"""Deriving the sequences of a part anew, each with the documents, crops and positions it is of."""

from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from massivetext.finished.taken_out import Gaps
from massivetext.pipelines.audit.documents import Survivor
from massivetext.pipelines.engine.build_plan import Build
from massivetext.pipelines.folder.stage import all_parts
from massivetext.tokenizer.encode import Encoder
from massivetext.tokenizer.sequences import TokenPlan, encode_crop, take

Range = tuple[int, int]  # from the first up to, not with, the last


class Span(NamedTuple):
    """A run of tokens of a sequence that comes from one crop of one document."""

    document: Survivor
    passed: int  # the number of the pass that took the document
    crop: Range  # bytes of the document's text
    tokens: Range  # of the sequence
    bytes: Range  # of the document's text: those that the tokens stand for


class Derived(NamedTuple):
    """A sequence derived anew."""

    tokens: NDArray[np.uint16]  # (length + 1,)
    spans: list[Span]


class Piece(NamedTuple):
    """A crop of a document, as tokens."""

    order: int
    document: Survivor
    passed: int
    crop: Range
    first: int  # 1 where it begins with BOS, which stands for no bytes
    tokens: NDArray[np.uint16]
    gone: int = 0  # tokens, where the document was taken out


def token_plan(build: Build, stem: str, validation: bool) -> TokenPlan:
    """Returns how the documents of a split of a part were sampled."""
    passes = Fraction(all_parts(build.stages["tokens"], [stem])[stem]["passes"])
    chosen = build.recipe.sequences
    sizes = chosen.length, chosen.crop_bytes, chosen.crops_per_group, chosen.packing
    return TokenPlan(build.recipe.seed, Fraction(1) if validation else passes, *sizes)


def derive_pieces(
    documents: Iterable[Survivor], encoder: Encoder, plan: TokenPlan, gaps: Gaps = ()
) -> list[Piece]:
    """Returns the crops of a part, in the order in which they are packed.

    Args:
      documents: all surviving documents of the part's split, train or validation.
      encoder: of the build's vocabulary.
      plan: from `token_plan`.
      gaps: crops of documents that were taken out.
    """
    pieces = [piece for document in documents for piece in _pieces(document, encoder, plan)]
    pieces += [_gap(order, size) for order, size in gaps]
    return sorted(pieces, key=lambda piece: piece.order)  # equal hashes stay in the file's order


def derive(
    pieces: list[Piece], rows: set[int], encoder: Encoder, plan: TokenPlan
) -> dict[int, Derived]:
    """Returns train sequences of a part, by row; rows that the part does not have are left out."""
    found: dict[int, Derived] = {}
    first = 0
    size = plan.group if plan.packing == "paper" else max(1, len(pieces))
    for start in range(0, len(pieces), size):
        group = pieces[start : start + size]
        tokens = sum(len(piece.tokens) for piece in group)
        count = max(0, tokens - 1) // plan.length
        for row in sorted(rows.intersection(range(first, first + count))):
            found[row] = derive_at(group, (row - first) * plan.length, encoder, plan.length)
        first += max(0, tokens + sum(piece.gone for piece in group) - 1) // plan.length
    return found


def _gap(order: int, size: int) -> Piece:
    nobody = Survivor(-1, "", "", False, {})
    return Piece(order, nobody, 0, (0, 0), 0, np.empty(0, np.uint16), size)


def derive_at(pieces: list[Piece], begin: int, encoder: Encoder, length: int) -> Derived:
    """Returns the sequence that begins at a token of pieces that are joined."""
    end = begin + length + 1
    spans, tokens, start = [], [np.empty(0, np.uint16)], 0
    for piece in pieces:
        stop = start + len(piece.tokens)
        low, high = max(begin, start), min(end, stop)
        if low < high:
            inner = _bytes(piece, low - start, high - start, encoder)
            where = (low - begin, high - begin)
            spans.append(Span(piece.document, piece.passed, piece.crop, where, inner))
            tokens.append(piece.tokens[low - start : high - start])
        start = stop
    return Derived(np.concatenate(tokens), spans)


def _pieces(document: Survivor, encoder: Encoder, plan: TokenPlan) -> Iterator[Piece]:
    data = document.text.encode()
    for taken in take(document.id, data, plan):
        chosen = taken.crop
        tokens = encode_crop(data, chosen, encoder)
        place = (chosen.start, chosen.end)
        yield Piece(taken.order, document, taken.number, place, int(chosen.first), tokens)


def _bytes(piece: Piece, low: int, high: int, encoder: Encoder) -> Range:
    """Returns the bytes of the document for which the tokens [low, high) of a piece stand."""
    start, end = piece.crop
    offsets = start + encoder.offsets(piece.document.text.encode()[start:end])
    inner = offsets[max(0, low - piece.first) : max(0, high - piece.first)]
    if not len(inner):  # BOS or EOS alone
        return (start, start) if low == 0 and piece.first else (end, end)
    return int(inner[0, 0]), int(inner[-1, 1])
