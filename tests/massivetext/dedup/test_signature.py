"""Shingles, signatures, bands and Jaccard, against the definitions, sets and datasketch."""

import re
import struct

import numpy as np
import pytest
from datasketch import MinHash
from hypothesis import given
from hypothesis import strategies as st

from massivetext.dedup.signature import (
    BANDS,
    PERMUTATIONS,
    ROWS,
    Shingles,
    Signature,
    band_keys,
    define_minhash,
    define_shingle_hashes,
    hash_word,
    jaccard,
    permutations,
    shingle_hashes,
    shingle_words,
    sign,
    to_lean,
)

WORDS = [f"word{i}" for i in range(400)]
HASHES = st.lists(st.integers(0, 2**64 - 1)).map(
    lambda values: np.unique(np.array(values, np.uint64))
)


def unpack(signature: Signature) -> np.ndarray:
    return np.frombuffer(signature.minhash, np.dtype("<u4"))


def test_words_ignore_punctuation_and_spacing_but_not_case():
    assert shingle_words("“Don't” —\n stop; $5") == ["Don", "t", "stop", "5"]
    assert shingle_words("http://a.b/c?d=e `x`+a-b") == [
        "http", "a", "b", "c", "d", "e", "x", "a", "b",
    ]  # fmt: skip
    first = "The quick, brown fox!  It's - here: e\u0301"
    assert np.array_equal(shingle_hashes(first), shingle_hashes("The quick brown fox It s here é"))
    assert not np.array_equal(shingle_hashes(first), shingle_hashes(first.lower()))


def test_punctuation_may_be_deleted_instead():
    rules = Shingles(punctuation="delete")
    assert shingle_words("“Don't” —\n stop; $5 a-b", rules) == ["Dont", "stop", "$5", "ab"]
    assert np.array_equal(shingle_hashes("it's, a-b", rules), shingle_hashes("its ab", rules))


def test_case_may_be_ignored():
    rules = Shingles(fold_case=True)
    assert shingle_words("STRASSE Élan ΛΌΓΟΣ λόγος Ⅻ", rules) == [
        "strasse", "élan", "λόγοσ", "λόγοσ", "ⅻ",
    ]  # fmt: skip
    text = " ".join(WORDS[:40])
    assert np.array_equal(shingle_hashes(text, rules), shingle_hashes(text.upper(), rules))


@pytest.mark.parametrize("words", [1, 5, 8, 20])
def test_shingles_of_other_lengths(words):
    counts = [len(shingle_hashes(" ".join(WORDS[:n]), Shingles(words))) for n in range(30)]
    assert counts == [min(n, 1) if n < words else n - words + 1 for n in range(30)]


def test_words_are_those_of_regular_expressions():
    """But for combining marks, which are words' own, and the underscore."""
    text = "It's a (re-)test; of `code` = 5€ http://x.y/z?a=b—and…more 中文，字 _under_score"
    assert shingle_words(text) == re.findall(r"[^\W_]+", text)


def test_thirteen_words_make_one_shingle_and_fewer_words_too():
    assert [len(shingle_hashes(" ".join(WORDS[:n]))) for n in (0, 1, 12, 13, 14, 20)] == [
        0, 1, 1, 1, 2, 8,
    ]  # fmt: skip
    assert len(shingle_hashes("... - !")) == 0


@given(st.text(st.sampled_from("abé.,'\u0301 \n中"), max_size=200))
def test_hashes_are_sorted_unique_and_those_of_the_definition(text):
    hashes = shingle_hashes(text)
    assert hashes.dtype == np.uint64
    assert np.array_equal(hashes, np.unique(hashes))
    assert np.array_equal(hashes, define_shingle_hashes(text))
    assert sign(text).minhash == define_minhash(hashes)


def test_shingles_are_sets_of_13_words():
    """Equal 13-grams, and only those, have equal hashes."""
    words = [*WORDS[:30], "x", *WORDS[:30]] * 3
    grams = {tuple(words[i : i + 13]) for i in range(len(words) - 12)}
    assert len(shingle_hashes(" ".join(words))) == len(grams)


def test_signature_is_pinned():
    """What is on disk must not change unnoticed: raise the stage's FORMAT when this fails."""
    signature = sign("the quick brown fox jumps over the lazy dog")
    assert signature.content_hash.hex() == "e9a1932627d7f46d15c21eead63fa21f"
    first = struct.unpack("<3I", signature.minhash[:12])
    assert first == (2517125094, 2879075775, 3061471404)
    assert shingle_hashes("the quick brown fox jumps over the lazy dog") == [0xB600DFA113894186]
    assert len(signature.minhash) == 4 * PERMUTATIONS


def test_no_words_give_the_largest_minima():
    assert sign("").minhash == sign(" .!\n").minhash == b"\xff" * 512


def test_permutations_are_permutations():
    factors, offsets = permutations()
    assert (factors % 2 == 1).all()
    assert len({*zip(factors.tolist(), offsets.tolist(), strict=True)}) == PERMUTATIONS


@given(st.text())
def test_words_hash_apart(word):
    assert hash_word(word) != hash_word(word + "\0")


@given(HASHES, HASHES)
def test_jaccard_is_that_of_the_sets(first, second):
    union = {*first.tolist()} | {*second.tolist()}
    shared = {*first.tolist()} & {*second.tolist()}
    assert jaccard(first, second) == (len(shared) / len(union) if union else 0.0)


@pytest.mark.parametrize("replaced", [0, 5, 40, 200])
def test_minhash_estimates_jaccard(replaced):
    words = [f"{word}{i}" for i in range(10) for word in WORDS]
    other = [*words[: len(words) - 10 * replaced], *[f"other{i}" for i in range(10 * replaced)]]
    first, second = " ".join(words), " ".join(other)
    exact = jaccard(shingle_hashes(first), shingle_hashes(second))
    estimate = float((unpack(sign(first)) == unpack(sign(second))).mean())
    assert abs(estimate - exact) <= 4 * (exact * (1 - exact) / PERMUTATIONS) ** 0.5


def test_band_keys_hash_their_rows_and_number():
    signatures = np.stack([unpack(sign(" ".join(WORDS[i:]))) for i in range(3)])
    keys = band_keys(signatures)
    assert keys.shape == (3, BANDS)
    assert keys.dtype == np.uint64
    assert len(np.unique(keys[0])) == BANDS
    changed = signatures.copy()
    changed[:, 7] ^= 1
    assert ((band_keys(changed) == keys) == (np.arange(BANDS) != 7 // ROWS)).all()
    assert band_keys(signatures[:0]).shape == (0, BANDS)


def test_datasketch_reads_our_signatures():
    first, second = sign(" ".join(WORDS[:300])), sign(" ".join(WORDS[10:310]))
    agree = float((unpack(first) == unpack(second)).mean())
    assert to_lean(first).jaccard(to_lean(second)) == agree
    assert 0.7 < agree < 1


def unmix(value: int) -> int:
    """The inverse of MurmurHash3's 32-bit finaliser, which datasketch applies to its input."""
    value ^= value >> 16
    value = value * pow(0xC2B2AE35, -1, 1 << 32) % (1 << 32)
    value ^= value >> 13 ^ value >> 26
    value = value * pow(0x85EBCA6B, -1, 1 << 32) % (1 << 32)
    return value ^ value >> 16


def test_datasketch_computes_the_same_minima():
    text = " ".join(WORDS)
    oracle = MinHash(
        permutations=permutations(), hashfunc=unmix, scheme="affine32", num_perm=PERMUTATIONS
    )
    oracle.update_batch([int(value) >> 32 for value in shingle_hashes(text)])
    assert np.array_equal(oracle.hashvalues, unpack(sign(text)))
