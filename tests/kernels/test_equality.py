"""The kernels count and sign as the definitions do, integer for integer."""

from collections.abc import Iterable

import numpy as np
import pytest

from massivetext.dedup.signature import (
    content_hash,
    define_minhash,
    define_shingle_hashes,
    shingle_hashes,
    sign,
)
from massivetext.filters.measure import define_measures, measure, measure_and_sign
from massivetext.text.unicode import case_folds
from tests.kernels.harness import RULES


def check(texts: Iterable[str]) -> None:
    for text in texts:
        measures = define_measures(text)
        for rules in RULES:
            hashes = define_shingle_hashes(text, rules)
            expected = measures, (content_hash(text), define_minhash(hashes))
            assert measure_and_sign(text, rules) == expected, (rules, repr(text[:1000]))
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


def test_a_sample_of_real_texts(real_texts):
    check(real_texts[::400])


@pytest.mark.heavy
@pytest.mark.timeout(1800)
def test_every_real_text(real_texts):
    check(real_texts)


@pytest.mark.heavy
@pytest.mark.timeout(1800)
def test_large_hostile_texts(large_hostile_texts):
    check(large_hostile_texts.values())
