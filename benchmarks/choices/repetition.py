"""Other readings of the repetition rules: what a copy is, and of what it is a fraction."""

import re
from collections import Counter
from collections.abc import Iterable

from benchmarks.choices.texts import Reading, Reasons, Text
from massivetext.filters.rules.repetition import (
    count_duplicate_n_gram_characters,
    count_top_n_gram_characters,
    find_duplicates,
    split_n_grams,
)
from massivetext.measures import Measures
from massivetext.reasons import Reason
from massivetext.text.units import split_words

TOPS, COPIES = range(2, 5), range(5, 11)


def _named(pattern: str) -> Reasons:
    return frozenset(reason for reason in Reason if re.fullmatch(pattern, reason))


UNITS = _named("duplicate_(line|paragraph).*")
CHARACTERS = _named("duplicate_.*_characters")
PARAGRAPHS = _named("duplicate_paragraph.*")
TOP = _named("top_.*")
DUPLICATE = _named(r"duplicate_\d+_grams")


def _measures(text: Text, counts: Iterable[tuple[str, int]]) -> Measures:
    return text.measures._replace(**dict(counts))


def all_copies(text: Text) -> Measures:
    """All copies of what stands twice, the first included."""
    values = text.measures._asdict()
    repeated = [name for name in values if name.startswith("repeated_")]
    return _measures(
        text, ((name.replace("repeated_", "duplicate_"), values[name]) for name in repeated)
    )


def of_the_text(text: Text) -> Measures:
    """Fractions of the text's length, white space included."""
    length = text.measures.characters
    return text.measures._replace(line_characters=length, paragraph_characters=length)


def of_the_words(text: Text) -> Measures:
    """Fractions of the words' length, white space excluded."""
    length = text.measures.word_characters
    return text.measures._replace(line_characters=length, paragraph_characters=length)


def _of_units(text: Text, unit: str, units: list[str]) -> Measures:
    copies = find_duplicates(units)
    return _measures(
        text,
        (
            (f"{unit}s", len(units)),
            (f"{unit}_characters", sum(map(len, units))),
            (f"duplicate_{unit}s", len(copies)),
            (f"duplicate_{unit}_characters", sum(map(len, copies))),
        ),
    )


def blanks_are_lines(text: Text) -> Measures:
    """Blank lines are lines, hence copies of each other."""
    return _of_units(text, "line", [line.strip() for line in text.text.split("\n")])


def indented_lines(text: Text) -> Measures:
    """Lines with different white space around them differ."""
    return _of_units(text, "line", [line for line in text.text.split("\n") if line])


def empty_lines_part(text: Text) -> Measures:
    """Only a line that is empty parts paragraphs, not one of spaces."""
    return _of_units(text, "paragraph", [p for p in re.split(r"\n{2,}", text.text) if p])


def no_paragraphs(text: Text) -> Measures:
    """No rule on paragraphs."""
    return text.measures._replace(duplicate_paragraphs=0, duplicate_paragraph_characters=0)


def _n_grams(text: Text, words: list[str], whole: int) -> Measures:
    tops = ((f"top_{n}_gram_characters", count_top_n_gram_characters(words, n)) for n in TOPS)
    copies = (
        (f"duplicate_{n}_gram_characters", count_duplicate_n_gram_characters(words, n))
        for n in COPIES
    )
    return _measures(text, [("word_characters", whole), *tops, *copies])


def plain_words(text: Text) -> Measures:
    """n-grams of lower-cased words without ASCII punctuation."""
    words = split_words(without_punctuation_text(text))
    return _n_grams(text, words, sum(map(len, words)))


def without_punctuation_text(text: Text) -> str:
    """Returns the text in lower case, without ASCII punctuation."""
    return re.sub(r"[!-/:-@\[-`{-~]", "", text.text.lower())


def spaced_n_grams(text: Text) -> Measures:
    """n-grams with a space after each word, of the text's length."""
    return _n_grams(text, [f"{word} " for word in text.words], max(1, text.measures.characters))


def whole_text(text: Text) -> Measures:
    """n-grams without their spaces, of the text's length."""
    return text.measures._replace(word_characters=text.measures.characters)


def single_top(text: Text) -> Measures:
    """The most frequent n-gram counts even if it stands once."""
    return _measures(text, ((f"top_{n}_gram_characters", _top(text.words, n)) for n in TOPS))


def _top(words: list[str], n: int) -> int:
    counts = Counter(split_n_grams(words, n))
    most = max(counts.values(), default=0)
    longest = max((sum(map(len, gram)) for gram in counts if counts[gram] == most), default=0)
    return most * longest


def first_top(text: Text) -> Measures:
    """Of equally frequent n-grams the first counts, not the longest."""
    return _measures(text, ((f"top_{n}_gram_characters", _first(text.words, n)) for n in TOPS))


def _first(words: list[str], n: int) -> int:
    (gram, count), *_ = Counter(split_n_grams(words, n)).most_common(1) or [((), 0)]
    return count * sum(map(len, gram)) if count > 1 else 0


def greedy(text: Text) -> Measures:
    """A copy is counted and skipped whole, so what overlaps it is not looked at."""
    names = ((n, f"duplicate_{n}_gram_characters") for n in COPIES)
    return _measures(text, ((name, scan(text.words, n)) for n, name in names))


def scan(words: list[str], n: int) -> int:
    """Returns the characters of copies in a scan that jumps over each copy.

    >>> scan("a b a b a b".split(), 2)
    4
    """
    seen: set[tuple[str, ...]] = set()
    place = characters = 0
    while place + n <= len(words):
        gram = tuple(words[place : place + n])
        copied = gram in seen
        characters += sum(map(len, gram)) if copied else 0
        seen.add(gram)
        place += n if copied else 1
    return characters


def mass(text: Text) -> Measures:
    """All characters of all occurrences of repeated n-grams, of those of all n-grams."""
    names = ((n, f"duplicate_{n}_gram_characters") for n in COPIES)
    return _measures(text, ((name, _mass(text, n)) for n, name in names))


def _mass(text: Text, n: int) -> int:
    """Returns the fraction of the n-grams' characters, as one of the words' characters."""
    counts = Counter(split_n_grams(text.words, n))
    sizes = [(count, count * sum(map(len, gram))) for gram, count in counts.items()]
    every = sum(size for _, size in sizes)
    repeated = sum(size for count, size in sizes if count > 1)
    return round(text.measures.word_characters * repeated / every) if every else 0


READINGS = (
    Reading("copies", "all, in every rule (DCLM)", UNITS | DUPLICATE, all_copies),
    Reading("copies of lines, paragraphs", "all (Dolma)", UNITS, all_copies),
    Reading("copies of n-grams", "all (DCLM, RPv2)", DUPLICATE, all_copies),
    Reading("line", "blank ones too (Dolma v1, c4-dataset-script)", UNITS, blanks_are_lines),
    Reading("line", "not stripped (datatrove)", UNITS, indented_lines),
    Reading("paragraph", "parted by empty lines alone (datatrove)", UNITS, empty_lines_part),
    Reading("paragraph", "no rule (Dolma, c4-dataset-script)", PARAGRAPHS, no_paragraphs),
    Reading("whole of line characters", "the text (datatrove)", CHARACTERS, of_the_text),
    Reading("whole of line characters", "the words (Dolma)", CHARACTERS, of_the_words),
    Reading("whole of n-grams", "the text, n-grams without spaces", TOP | DUPLICATE, whole_text),
    Reading(
        "whole of n-grams", "the text, n-grams with spaces (NeMo)", TOP | DUPLICATE, spaced_n_grams
    ),
    Reading("top n-gram", "counts if it stands once (datatrove, Dolma)", TOP, single_top),
    Reading("top n-gram, ties", "the first (RPv2, Dolma)", TOP, first_top),
    Reading("copies of n-grams", "skipped whole (datatrove)", DUPLICATE, greedy),
    Reading("copies of n-grams", "overlaps counted again (Dolma)", DUPLICATE, mass),
    Reading(
        "n-grams' words", "lower case, without punctuation (RPv2)", TOP | DUPLICATE, plain_words
    ),
)
