"""The kernels count and sign as the definitions do, integer for integer."""

from collections.abc import Iterable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from massivetext.dedup.key_filter import add_keys, empty_filter
from massivetext.dedup.lsh_bands import Bands, define_known_keys, known_keys
from massivetext.dedup.pairs import count_shared, define_count_shared
from massivetext.dedup.signature import (
    PERMUTATIONS,
    band_keys,
    content_hash,
    define_band_keys,
    define_minhash,
    define_shingle_hashes,
    shingle_hashes,
    sign,
)
from massivetext.filters.measure import define_measures, measure, measure_and_sign
from massivetext.text.kernels import find_kernels
from massivetext.text.unicode import case_folds
from tests.kernels.harness import RULES


def check(texts: Iterable[str]) -> None:
    for text in texts:
        measures = define_measures(text)
        for rules in RULES:
            hashes = define_shingle_hashes(text, rules)
            expected = measures, (content_hash(text), define_minhash(hashes))
            assert measure_and_sign(text, None, rules) == expected, (rules, repr(text[:1000]))
            assert np.array_equal(shingle_hashes(text, rules), hashes)


def test_hostile_texts(hostile_texts):
    check(hostile_texts.values())


def test_each_function_alone(hostile_texts):
    for text in hostile_texts.values():
        assert (measure(text), sign(text)) == measure_and_sign(text)


def test_every_cut_of_a_text():
    text = "It’s — the “same”…\n\n• e\u0301t\u00e9 中文\u3000字 ... 😀#\u2028 with\tthat\r\n"
    check(text[begin:end] for begin in range(len(text)) for end in range(begin, len(text) + 1))


def test_words_of_several_words_and_of_none():
    """URLs, code, marks alone; what composes into a mark; what is longer in lower case."""
    check(
        f"{mark.join(words)} {mark}{mark} x{mark}"
        for mark in ("-", "`", "=", "://", "—", "€", "\u037e", "=\u0338", "\u1fef", "😀", "ⓐⒷ")
        for words in (["a", "b"], ["Ⱥ" * 40, "ΣΑΣ", "İSTANBUL", "E\u0301"], ["x" * 17] * 30, [""])
    )


def test_every_cased_code_point():
    check("".join(chr(point) + "a" for point in sorted(case_folds())[i::7]) for i in range(7))


def test_white_space_across_the_edge_of_a_block():
    check("a" * length + "\u3000\u2003b\n\n\u2028c" for length in range(130))


def test_a_sample_of_real_texts(some_texts):
    check(some_texts)


@pytest.mark.heavy
@pytest.mark.timeout(1800)
def test_every_real_text(real_texts):
    check(real_texts)


@pytest.mark.heavy
@pytest.mark.timeout(1800)
def test_large_hostile_texts(large_hostile_texts):
    check(large_hostile_texts.values())


BANDS = [Bands(), Bands(1, 1), Bands(1, 128), Bands(128, 1), Bands(32, 4), Bands(7, 3)]


@pytest.mark.parametrize("bands", BANDS)
def test_band_keys(bands):
    rng = np.random.default_rng(bands.number)
    signatures = rng.integers(0, 2**32, (40, PERMUTATIONS), np.uint32, endpoint=False)
    signatures[:3] = np.array([[0], [2**32 - 1], [1]], np.uint32)
    expected = define_band_keys(signatures, *bands)
    assert np.array_equal(band_keys(signatures, *bands), expected)
    assert np.array_equal(band_keys(signatures[::-3], *bands), expected[::-3])  # not contiguous
    assert band_keys(signatures[:0], *bands).shape == (0, bands.number)


@pytest.mark.parametrize("bands", BANDS)
@pytest.mark.parametrize("size", [0, 1, 40])
def test_known_band_keys(bands, size):
    rng = np.random.default_rng(size)
    signatures = rng.integers(0, 2**32, (size, PERMUTATIONS), np.uint32, endpoint=False)
    found = empty_filter(9)
    add_keys(found, band_keys(signatures[::2], *bands).ravel())
    add_keys(found, rng.integers(0, 2**64, 3_000, np.uint64, endpoint=False))
    known, defined = (f(signatures, bands, found) for f in (known_keys, define_known_keys))
    assert all(map(np.array_equal, known, defined))
    assert set(range(0, size, 2)) <= set(known[0].tolist())


def test_what_is_no_signature_or_filter_is_refused():
    kernels = find_kernels()
    row = np.zeros((1, PERMUTATIONS), np.uint32)
    for signatures, bands in ((row[:, 1:].copy(), (21, 6)), (row, (22, 6)), (row, (2**31, 2**31))):
        with pytest.raises(ValueError, match="signature"):
            kernels.band_keys(signatures, *bands)
    for size in (0, 3):
        with pytest.raises(ValueError, match="power of two"):
            kernels.known_band_keys(row, 21, 6, bytes(size))


@given(st.sets(st.integers(0, 60)), st.sets(st.integers(0, 60)))
def test_shared_hashes(left, right):
    a, b = (np.array(sorted(side), np.uint64) for side in (left, right))
    assert count_shared(a, b) == define_count_shared(a, b) == len(left & right)


def test_halves_of_hashes_are_refused():
    with pytest.raises(ValueError, match="whole hashes"):
        find_kernels().count_shared(bytes(8), bytes(12))
