"""Counts a document once for all rules: by the kernel, or without one by the definitions."""

from massivetext.dedup.signature import Signature, content_hash, sign
from massivetext.filters.rules import quality, repetition
from massivetext.filters.rules.counts import Measures
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


def measure(text: str) -> Measures:
    """Returns what the quality and repetition rules divide, for the whole `text`.

    Raises:
        UnicodeEncodeError: `text` has a lone surrogate; the error is a `ValueError`.

    >>> measure("To be, or not to be").stop_words
    2
    """
    kernels = find_kernels()
    if kernels is None:
        return define_measures(text)
    return Measures(*kernels.measure(text))


def measure_and_sign(text: str) -> tuple[Measures, Signature]:
    """Returns `measure` and `massivetext.dedup.signature.sign` of `text`, reading it once.

    Raises:
        UnicodeEncodeError: `text` has a lone surrogate; the error is a `ValueError`.
    """
    kernels = find_kernels()
    if kernels is None:
        return define_measures(text), sign(text)
    counts, minhash = kernels.measure_and_sign(text)
    return Measures(*counts), Signature(content_hash(text), minhash)


def define_measures(text: str) -> Measures:
    """Returns `measure` by the definitions in plain Python, which are the specification.

    Raises:
        UnicodeEncodeError: `text` has a lone surrogate; the error is a `ValueError`.
    """
    check_text(text)
    return Measures(**define_quality(text), **define_repetition(text))


def define_quality(text: str) -> dict[str, int]:
    """Returns what the quality rules divide, by the definitions."""
    words, lines = split_words(text), split_lines(text)
    return {
        "characters": len(text),
        "words": len(words),
        "word_characters": quality.count_characters(words),
        "hash_symbols": quality.count_hash_symbols(text),
        "ellipses": quality.count_ellipses(text),
        "lines": len(lines),
        "bullet_lines": quality.count_bullet_lines(lines),
        "ellipsis_lines": quality.count_ellipsis_lines(lines),
        "alphabetic_words": quality.count_alphabetic_words(words),
        "stop_words": quality.count_stop_words(words),
        "stop_word_occurrences": quality.count_stop_word_occurrences(words),
    }


def define_repetition(text: str) -> dict[str, int]:
    """Returns what the repetition rules divide besides, by the definitions."""
    words, lines, paragraphs = split_words(text), split_lines(text), split_paragraphs(text)
    return {
        "line_characters": quality.count_characters(lines),
        "paragraphs": len(paragraphs),
        "paragraph_characters": quality.count_characters(paragraphs),
        **_define_copies("line", lines),
        **_define_copies("paragraph", paragraphs),
        **_define_n_grams(words),
    }


def _define_copies(unit: str, units: list[str]) -> dict[str, int]:
    duplicates = repetition.find_duplicates(units)
    repeated = repetition.find_repeated(units)
    return {
        f"duplicate_{unit}s": len(duplicates),
        f"duplicate_{unit}_characters": quality.count_characters(duplicates),
        f"repeated_{unit}s": len(repeated),
        f"repeated_{unit}_characters": quality.count_characters(repeated),
    }


def _define_n_grams(words: list[str]) -> dict[str, int]:
    counts = {
        f"top_{n}_gram_characters": repetition.count_top_n_gram_characters(words, n)
        for n in (2, 3, 4)
    }
    for n in range(5, 11):
        duplicate = repetition.count_duplicate_n_gram_characters(words, n)
        counts[f"duplicate_{n}_gram_characters"] = duplicate
        repeated = repetition.count_repeated_n_gram_characters(words, n)
        counts[f"repeated_{n}_gram_characters"] = repeated
    return counts
