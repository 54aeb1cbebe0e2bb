"""What is counted in a document: the integers that the rules of the paper divide."""

from typing import NamedTuple


class Measures(NamedTuple):
    """Counts of one document, as `massivetext.filters.measure` defines. Characters: code points.

    Where implementations of the paper differ, both readings are here. A *duplicate* is a copy of
    a unit that stood in the document before: later copies only. *Repeated* are all copies of a
    unit that stands in the document twice or more, the first included.
    """

    characters: int
    words: int
    word_characters: int
    hash_symbols: int
    ellipses: int
    lines: int
    line_characters: int
    bullet_lines: int
    ellipsis_lines: int
    alphabetic_words: int
    stop_words: int  # how many of the eight
    stop_word_occurrences: int
    paragraphs: int
    paragraph_characters: int
    duplicate_lines: int
    duplicate_line_characters: int
    repeated_lines: int
    repeated_line_characters: int
    duplicate_paragraphs: int
    duplicate_paragraph_characters: int
    repeated_paragraphs: int
    repeated_paragraph_characters: int
    top_2_gram_characters: int
    top_3_gram_characters: int
    top_4_gram_characters: int
    duplicate_5_gram_characters: int
    duplicate_6_gram_characters: int
    duplicate_7_gram_characters: int
    duplicate_8_gram_characters: int
    duplicate_9_gram_characters: int
    duplicate_10_gram_characters: int
    repeated_5_gram_characters: int
    repeated_6_gram_characters: int
    repeated_7_gram_characters: int
    repeated_8_gram_characters: int
    repeated_9_gram_characters: int
    repeated_10_gram_characters: int
