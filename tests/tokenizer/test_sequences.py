import random
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from massivetext.config.sequences import Packing
from massivetext.hashing import hash64
from massivetext.tokenizer.crop import crop
from massivetext.tokenizer.encode import Encoder
from massivetext.tokenizer.sequences import (
    Counts,
    PartSequences,
    TokenPlan,
    encode_crop,
    take,
)
from massivetext.tokenizer.vocabulary import BOS, EOS

PLAN = TokenPlan(seed=7, passes=Fraction(3, 2), length=64, crop_bytes=1_000, group=3)


@pytest.fixture(scope="module")
def documents(texts: list[str]) -> list[tuple[str, str]]:
    return [(f"{number:032x}", text) for number, text in enumerate(texts)]


def part_sequences(
    documents: list[tuple[str, str]], encoder: Encoder, plan: TokenPlan
) -> tuple[NDArray[np.uint16], Counts]:
    part = PartSequences(encoder, plan)
    for document_id, text in documents:
        part.add(document_id, text)
    empty = np.empty((0, plan.length + 1), np.uint16)
    return np.concatenate([empty, *part.sequences()]), part.counts


def plain_sequences(
    documents: list[tuple[str, str]], encoder: Encoder, plan: TokenPlan
) -> list[list[int]]:
    """The rule once more, in one function, as a reader of the paper would write it."""
    crops = []
    for name, text in documents:
        for index in range(2):
            if index == 1 and hash64(plan.seed, "take", name, 1) >= 1 << 63:
                continue
            data = text.encode()
            draw = hash64(plan.seed, "crop", name, index)
            start = draw * len(data) // 2**64 - plan.crop_bytes // 4
            end = min(len(data), start + plan.crop_bytes)
            start = max(0, start)
            tokens = encoder.encode(data[start:end].decode(errors="ignore")).tolist()
            tokens = [BOS] * (start == 0) + tokens + [EOS] * (end == len(data))
            crops.append((hash64(plan.seed, "order", name, index), tokens))
    crops.sort()
    rows = []
    for group in range(0, len(crops), plan.group):
        joined = [token for _, crop in crops[group : group + plan.group] for token in crop]
        last = len(joined) - plan.length
        rows += [joined[at : at + plan.length + 1] for at in range(0, last, plan.length)]
    return rows


def test_sequences_equal_the_plain_rule(documents: list[tuple[str, str]], encoder: Encoder) -> None:
    rows, counts = part_sequences(documents, encoder, PLAN)
    assert rows.tolist() == plain_sequences(documents, encoder, PLAN)
    assert rows.dtype == np.uint16
    assert counts.documents == len(documents)
    assert len(documents) < counts.crops < 2 * len(documents)
    assert counts.tokens == PLAN.length * counts.sequences + counts.tail
    assert counts.sequences == len(rows)
    assert counts.bytes <= counts.crops * PLAN.crop_bytes


def test_the_order_of_documents_does_not_matter(
    documents: list[tuple[str, str]], encoder: Encoder
) -> None:
    shuffled = random.Random(0).sample(documents, len(documents))
    one, two = (part_sequences(each, encoder, PLAN) for each in (documents, shuffled))
    assert np.array_equal(one[0], two[0])
    assert one[1] == two[1]


def test_another_seed_takes_other_crops(documents: list[tuple[str, str]], encoder: Encoder) -> None:
    other = TokenPlan(8, PLAN.passes, PLAN.length, PLAN.crop_bytes, PLAN.group)
    one, two = (part_sequences(documents, encoder, plan)[0] for plan in (PLAN, other))
    assert not np.array_equal(one, two)


@given(st.lists(st.text(max_size=400), max_size=8), st.fractions(0, 3, max_denominator=8))
def test_counts_add_up(encoder: Encoder, found: list[str], passes: Fraction) -> None:
    plan = TokenPlan(0, passes, length=16, crop_bytes=100, group=3)
    part = PartSequences(encoder, plan)
    for number, text in enumerate(found):
        part.add(str(number), text)
    rows = [row for rows in part.sequences() for row in rows]
    counts = part.counts
    assert counts.documents == len(found)
    assert len(found) * int(passes) <= counts.crops <= len(found) * -(-passes // 1)
    assert counts.tokens == 16 * len(rows) + counts.tail
    assert counts.sequences == len(rows)


def test_a_part_without_documents_has_no_sequences(encoder: Encoder) -> None:
    rows, counts = part_sequences([], encoder, PLAN)
    assert rows.shape == (0, 65)
    assert counts == Counts()


@pytest.mark.parametrize(
    ("draw", "begins", "ends"),
    [(0, True, False), (1 << 63, False, False), ((1 << 64) - 1, False, True)],
)
def test_ends_of_documents_are_marked(
    encoder: Encoder, draw: int, begins: bool, ends: bool
) -> None:
    data = b"word " * 1_000
    chosen = crop(data, draw, 1_000)
    tokens = encode_crop(data, chosen, encoder)
    assert (tokens[0] == BOS, tokens[-1] == EOS) == (begins, ends)
    assert BOS not in tokens[1:]
    assert EOS not in tokens[:-1]
    assert len(encoder.decode(tokens)) == chosen.end - chosen.start


TEXTS = st.lists(st.text(st.characters(codec="utf-8"), max_size=300), max_size=8)
NO_GROUPS = st.sampled_from(["carry", "once"])


def packed(encoder: Encoder, texts: list[str], plan: TokenPlan) -> tuple[list[list[int]], Counts]:
    part = PartSequences(encoder, plan)
    for number, text in enumerate(texts):
        part.add(str(number), text)
    rows = [row.tolist() for rows in part.sequences() for row in rows]
    return rows, part.counts


@given(TEXTS, st.integers(1, 40))
def test_once_has_each_token_of_each_document_once(
    encoder: Encoder, texts: list[str], length: int
) -> None:
    """Inputs and the tail, end to end, are the documents whole, one after another."""
    plan = TokenPlan(3, length=length, crop_bytes=40, packing="once")
    rows, counts = packed(encoder, texts, plan)
    order = sorted((hash64(3, "order", str(n), 0, 0), n) for n in range(len(texts)))
    whole = [[BOS, *encoder.encode(texts[n]).tolist(), EOS] for _, n in order]
    stream = [token for document in whole for token in document]
    inputs = [token for row in rows for token in row[:-1]]
    assert inputs == stream[: len(inputs)]
    assert counts.tail == len(stream) - len(inputs) <= length
    assert [row[-1] for row in rows] == stream[length::length][: len(rows)]
    assert counts.tokens == len(stream)
    assert [token for row in rows for token in row].count(BOS) >= len(texts) - (length + 1)


@given(TEXTS, st.integers(4, 60), st.integers(1, 3))
def test_carried_passes_have_each_byte_as_often(
    encoder: Encoder, texts: list[str], size: int, passes: int
) -> None:
    plan = TokenPlan(3, Fraction(passes), length=8, crop_bytes=size, packing="carry")
    rows, counts = packed(encoder, texts, plan)
    assert counts.bytes == passes * sum(len(text.encode()) for text in texts)
    assert counts.tokens == 8 * len(rows) + counts.tail
    assert counts.tail <= 8
    for number, text in enumerate(texts):
        data = text.encode()
        crops: list[list[tuple[int, int]]] = [[] for _ in range(passes)]
        for taken in take(str(number), data, plan):
            crops[taken.number].append((taken.crop.start, taken.crop.end))
            assert taken.crop.first
            assert taken.crop.last == (taken.crop.end == len(data))
        for found in crops:  # of one pass: they tile the document
            assert [start for start, _ in found] == [0, *(end for _, end in found[:-1])]
            assert found[-1][1] == len(data)


@given(TEXTS, NO_GROUPS)
def test_where_documents_begin_and_end_is_marked(
    encoder: Encoder, texts: list[str], packing: Packing
) -> None:
    """A BOS for each crop, an EOS for each document."""
    plan = TokenPlan(3, length=1, crop_bytes=50, packing=packing)
    part = PartSequences(encoder, plan)
    pieces = [t for n, text in enumerate(texts) for t in take(str(n), text.encode(), plan)]
    for number, text in enumerate(texts):
        part.add(str(number), text)
    pairs = [row.tolist() for rows in part.sequences() for row in rows]
    stream = [pair[0] for pair in pairs] + [pair[1] for pair in pairs[-1:]]  # and the tail's token
    assert stream.count(BOS) == len(pieces) == part.counts.crops
    assert stream.count(EOS) == len(texts)
    assert stream[:1] in ([BOS], [])
    assert packing == "carry" or len(pieces) == len(texts)


def test_a_part_of_a_pass_takes_other_pieces_than_the_rest(encoder: Encoder) -> None:
    """No byte is read again before all were read: half a pass is half the pieces."""
    data = b"word " * 40_000
    half = TokenPlan(5, Fraction(1, 2), crop_bytes=2_000, packing="carry")
    taken = [found.crop[:2] for found in take("book", data, half)]
    assert len(taken) == len(set(taken))
    assert 30 < len(taken) < 70
    again = TokenPlan(5, Fraction(3, 2), crop_bytes=2_000, packing="carry")
    numbers = [found.number for found in take("book", data, again)]
    assert numbers.count(0) == 100
    assert 30 < numbers.count(1) < 70
