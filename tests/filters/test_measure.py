"""The kernel and the definitions count the same integers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from massivetext.dedup.signature import content_hash, define_minhash, define_shingle_hashes
from massivetext.filters.measure import Measures, define_measures, measure, measure_and_sign

# Short words that come again, and every kind of character that the scan treats apart.
PIECES = st.sampled_from(
    [
        "the",
        "And",
        "of,",
        "a",
        "bb",
        "#",
        "...",
        "…",
        "-",
        "•",
        "“x”",
        "longer-than-8",
        "é",
        "中文",
        " ",
        "\n",
        "\n\n",
        "\t",
        "\u2028",
        "e\u0301",
        "\u0301",
        "가",
        "\u1100\u1161",
        "😀",
        "\x00",
    ]
)
SPACED = st.lists(PIECES).map(" ".join)
TEXTS = st.one_of(st.text(), st.lists(PIECES, max_size=80).map("".join), SPACED)


@given(TEXTS)
def test_measure_equals_its_definition(text):
    assert measure(text) == define_measures(text)


@given(TEXTS)
def test_both_together_equal_the_definitions(text):
    measures, signature = measure_and_sign(text)
    assert measures == define_measures(text)
    assert signature == (content_hash(text), define_minhash(define_shingle_hashes(text)))


@given(TEXTS)
def test_no_count_is_above_its_whole(text):
    measures = measure(text)
    assert measures.word_characters <= measures.line_characters <= measures.characters
    assert measures.stop_words <= measures.stop_word_occurrences <= measures.words
    assert measures.paragraphs <= measures.lines <= measures.words
    assert measures.repeated_10_gram_characters <= measures.repeated_5_gram_characters
    assert measures.repeated_5_gram_characters <= measures.word_characters


def test_measures_are_plain_integers():
    assert all(type(count) is int for count in measure("the cat\n\nand"))
    assert len(Measures._fields) == 37


@pytest.mark.parametrize("text", ["\ud800", "a\udfffb", "the " * 100 + "\udc80"])
def test_lone_surrogates_are_refused(text):
    for function in (measure, define_measures, measure_and_sign):
        with pytest.raises(UnicodeEncodeError):
            function(text)
