"""What a rule counted in a document: the passages themselves, by the definitions that count them.

Of the counts that a rule bounds from above the passages are those that were counted, so their
characters or number add up to the count; of those that it wants more of, what there is instead.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from functools import partial
from typing import Final, NamedTuple

from massivetext.config.recipe import LanguageRules
from massivetext.filters.rules.quality import (
    find_bullet_lines,
    find_ellipsis_lines,
)
from massivetext.filters.rules.repetition import (
    cover,
    find_duplicate_n_grams,
    find_duplicates,
    find_repeated,
    find_repeated_n_grams,
    find_top_n_gram,
)
from massivetext.filters.rules.words import find_language_stop_words, is_spelled
from massivetext.rules import AT
from massivetext.text.units import ELLIPSES, split_lines, split_paragraphs, split_words

ENGLISH_RULES: Final = LanguageRules()
MAX_CHARACTERS: Final = 1 << 20  # of a document, from its beginning, in which evidence is sought


class Passage(NamedTuple):
    """A piece of a document, and how many of its copies were counted."""

    text: str
    copies: int


def find_evidence(
    place: int, text: str, language: LanguageRules = ENGLISH_RULES
) -> tuple[Passage, ...]:
    """Returns the passages behind the count at `place` of `Measures`, those that weigh most first.

    No passages where there is nothing to show but the count.
    """
    find = _FIND.get(place)
    if find is None:
        return ()
    text = text[:MAX_CHARACTERS]
    if place == AT.stop_words:
        counts = Counter(find_language_stop_words(split_words(text), language))
    elif place == AT.alphabetic_words:
        counts = Counter(word for word in split_words(text) if not is_spelled(word, language))
    else:
        counts = Counter(find(text))
    passages = (Passage(passage, count) for passage, count in counts.items() if passage)
    return tuple(sorted(passages, key=lambda p: -p.copies * len(p.text)))


def _hash_words(text: str) -> list[str]:
    return [word for word in split_words(text) if "#" in word]


def _ellipsis_words(text: str) -> list[str]:
    return [word for word in split_words(text) if any(dots in word for dots in ELLIPSES)]


def _bullet_lines(text: str) -> list[str]:
    return find_bullet_lines(split_lines(text))


def _ellipsis_lines(text: str) -> list[str]:
    return find_ellipsis_lines(split_lines(text))


def _duplicate_lines(text: str) -> list[str]:
    return find_duplicates(split_lines(text))


def _repeated_lines(text: str) -> list[str]:
    return find_repeated(split_lines(text))


def _duplicate_paragraphs(text: str) -> list[str]:
    return find_duplicates(split_paragraphs(text))


def _repeated_paragraphs(text: str) -> list[str]:
    return find_repeated(split_paragraphs(text))


def _top_n_gram(n: int, text: str) -> list[str]:
    gram, count = find_top_n_gram(split_words(text), n)
    return [" ".join(gram)] * count


def _duplicate_n_grams(n: int, text: str) -> Iterable[str]:
    words = split_words(text)
    return map(" ".join, cover(words, find_duplicate_n_grams(words, n), n))


def _repeated_n_grams(n: int, text: str) -> Iterable[str]:
    words = split_words(text)
    return map(" ".join, cover(words, find_repeated_n_grams(words, n), n))


_FIND: Final[dict[int, Callable[[str], Iterable[str]]]] = {
    AT.words: split_words,
    AT.word_characters: split_words,
    AT.hash_symbols: _hash_words,
    AT.ellipses: _ellipsis_words,
    AT.bullet_lines: _bullet_lines,
    AT.ellipsis_lines: _ellipsis_lines,
    AT.alphabetic_words: split_words,  # of them, those without a letter of the alphabet
    AT.stop_words: split_words,  # of them, those of the language
    AT.duplicate_lines: _duplicate_lines,
    AT.duplicate_line_characters: _duplicate_lines,
    AT.repeated_lines: _repeated_lines,
    AT.repeated_line_characters: _repeated_lines,
    AT.duplicate_paragraphs: _duplicate_paragraphs,
    AT.duplicate_paragraph_characters: _duplicate_paragraphs,
    AT.repeated_paragraphs: _repeated_paragraphs,
    AT.repeated_paragraph_characters: _repeated_paragraphs,
    AT.top_2_gram_characters: partial(_top_n_gram, 2),
    AT.top_3_gram_characters: partial(_top_n_gram, 3),
    AT.top_4_gram_characters: partial(_top_n_gram, 4),
    AT.duplicate_5_gram_characters: partial(_duplicate_n_grams, 5),
    AT.duplicate_6_gram_characters: partial(_duplicate_n_grams, 6),
    AT.duplicate_7_gram_characters: partial(_duplicate_n_grams, 7),
    AT.duplicate_8_gram_characters: partial(_duplicate_n_grams, 8),
    AT.duplicate_9_gram_characters: partial(_duplicate_n_grams, 9),
    AT.duplicate_10_gram_characters: partial(_duplicate_n_grams, 10),
    AT.repeated_5_gram_characters: partial(_repeated_n_grams, 5),
    AT.repeated_6_gram_characters: partial(_repeated_n_grams, 6),
    AT.repeated_7_gram_characters: partial(_repeated_n_grams, 7),
    AT.repeated_8_gram_characters: partial(_repeated_n_grams, 8),
    AT.repeated_9_gram_characters: partial(_repeated_n_grams, 9),
    AT.repeated_10_gram_characters: partial(_repeated_n_grams, 10),
}
