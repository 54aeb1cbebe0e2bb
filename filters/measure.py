"""Counts a document once for all rules: by the kernel, or without one by the definitions."""

from functools import partial
from typing import Final

from massivetext.dedup.signature import SHINGLES, Shingles, Signature, content_hash, sign
from massivetext.document import given_text
from massivetext.filters.rules import quality, repetition
from massivetext.filters.rules.words import LanguageWords
from massivetext.measures import Measures
from massivetext.text.kernels import find_kernels
from massivetext.text.units import check_text, split_lines, split_paragraphs, split_words

__all__ = [
    "Measures",
    "define_measures",
    "define_quality",
    "define_repetition",
    "measure",
    "measure_and_sign",
]

_ZERO: Final = Measures(*[0] * len(Measures._fields))


def measure(text: str, words: LanguageWords | None = None) -> Measures:
    """Returns what the quality and repetition rules divide, for the whole `text`.

    Args:
      text: of a document.
      words: the stop words of another language than English.

    Raises:
      ConfigError: `text` is no text.
      UnicodeEncodeError: `text` has a lone surrogate; the error is a `ValueError`.

    >>> measure("To be, or not to be").stop_words
    2
    """
    text, kernels = given_text(text), find_kernels()
    if words is not None and words.native is not None:
        return Measures(*words.native.measure(text))
    found = define_measures(text) if kernels is None else Measures(*kernels.measure(text))
    return found if words is None else words.recount(text, found)


def measure_and_sign(
    text: str, words: LanguageWords | None = None, shingles: Shingles = SHINGLES
) -> tuple[Measures, Signature]:
    """Returns `measure` and `massivetext.dedup.signature.sign` of `text`, reading it once.

    Raises:
      UnicodeEncodeError: `text` has a lone surrogate; the error is a `ValueError`.
    """
    kernels = find_kernels()
    if kernels is None:
        return measure(text, words), sign(text, shingles)
    native = None if words is None else words.native
    counter = kernels if native is None else native
    counts, minhash = counter.measure_and_sign(text, *shingles.flags)
    if words is not None and native is None:
        counts = words.recount(text, Measures(*counts))
    return Measures(*counts), Signature(content_hash(text), minhash)


def define_measures(text: str) -> Measures:
    """Returns `measure` by the definitions in plain Python, which are the specification.

    Raises:
      UnicodeEncodeError: `text` has a lone surrogate; the error is a `ValueError`.
    """
    check_text(text)
    return define_repetition(text, define_quality(text))


def define_quality(text: str, counted: Measures = _ZERO) -> Measures:
    """Returns `counted` with what the quality rules divide, by the definitions."""
    words, lines = split_words(text), split_lines(text)
    return counted._replace(
        characters=len(text),
        words=len(words),
        word_characters=quality.count_characters(words),
        hash_symbols=quality.count_hash_symbols(text),
        ellipses=quality.count_ellipses(text),
        lines=len(lines),
        bullet_lines=len(quality.find_bullet_lines(lines)),
        ellipsis_lines=len(quality.find_ellipsis_lines(lines)),
        alphabetic_words=quality.count_alphabetic_words(words),
        stop_words=quality.count_stop_words(words),
        stop_word_occurrences=quality.count_stop_word_occurrences(words),
    )


def define_repetition(text: str, counted: Measures = _ZERO) -> Measures:
    """Returns `counted` with what the repetition rules divide besides, by the definitions."""
    counted = _define_lines(split_lines(text), counted)
    counted = _define_paragraphs(split_paragraphs(text), counted)
    words = split_words(text)
    return _define_duplicate_n_grams(words, _define_top_n_grams(words, counted))


def _define_lines(lines: list[str], counted: Measures) -> Measures:
    duplicates, repeated = repetition.find_duplicates(lines), repetition.find_repeated(lines)
    return counted._replace(
        line_characters=quality.count_characters(lines),
        duplicate_lines=len(duplicates),
        duplicate_line_characters=quality.count_characters(duplicates),
        repeated_lines=len(repeated),
        repeated_line_characters=quality.count_characters(repeated),
    )


def _define_paragraphs(paragraphs: list[str], counted: Measures) -> Measures:
    duplicates = repetition.find_duplicates(paragraphs)
    repeated = repetition.find_repeated(paragraphs)
    return counted._replace(
        paragraphs=len(paragraphs),
        paragraph_characters=quality.count_characters(paragraphs),
        duplicate_paragraphs=len(duplicates),
        duplicate_paragraph_characters=quality.count_characters(duplicates),
        repeated_paragraphs=len(repeated),
        repeated_paragraph_characters=quality.count_characters(repeated),
    )


def _define_top_n_grams(words: list[str], counted: Measures) -> Measures:
    top = partial(repetition.count_top_n_gram_characters, words)
    return counted._replace(
        top_2_gram_characters=top(2),
        top_3_gram_characters=top(3),
        top_4_gram_characters=top(4),
    )


def _define_duplicate_n_grams(words: list[str], counted: Measures) -> Measures:
    duplicate = partial(repetition.count_duplicate_n_gram_characters, words)
    repeated = partial(repetition.count_repeated_n_gram_characters, words)
    return counted._replace(
        duplicate_5_gram_characters=duplicate(5),
        duplicate_6_gram_characters=duplicate(6),
        duplicate_7_gram_characters=duplicate(7),
        duplicate_8_gram_characters=duplicate(8),
        duplicate_9_gram_characters=duplicate(9),
        duplicate_10_gram_characters=duplicate(10),
        repeated_5_gram_characters=repeated(5),
        repeated_6_gram_characters=repeated(6),
        repeated_7_gram_characters=repeated(7),
        repeated_8_gram_characters=repeated(8),
        repeated_9_gram_characters=repeated(9),
        repeated_10_gram_characters=repeated(10),
    )
