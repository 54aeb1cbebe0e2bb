"""The quality rules of Rae et al. 2021, appendix A.1.1, "Quality filtering".

One small function a measure: these definitions are the specification of the kernels. Where the
paper is silent the choice is ours; docs/choices.md lists what others chose.
"""

from functools import lru_cache

from massivetext.filters.rules.bounds import COUNT, Bound, at_least, at_most, broken
from massivetext.filters.rules.counts import Measures
from massivetext.paper import STOP_WORDS, QualityRules
from massivetext.reasons import Reason
from massivetext.text.unicode import is_alphabetic
from massivetext.text.units import BULLETS, ELLIPSES, lower_ascii, strip_punctuation


def count_characters(units: list[str]) -> int:
    """Returns the code points in `units`; of words it is the numerator of the mean word length."""
    return sum(map(len, units))


def count_hash_symbols(text: str) -> int:
    """Returns how often "#" stands in `text`; the paper divides by words ("symbol-to-word")."""
    return text.count("#")


def count_ellipses(text: str) -> int:
    """Returns how often an ellipsis stands in `text`: "…", or three full stops, not overlapping.

    >>> count_ellipses("wait.... what…")
    2
    """
    return sum(map(text.count, ELLIPSES))


def count_bullet_lines(lines: list[str]) -> int:
    """Returns how many of `lines` (stripped) start with a bullet point."""
    return sum(line.startswith(BULLETS) for line in lines)


def count_ellipsis_lines(lines: list[str]) -> int:
    """Returns how many of `lines` (stripped) end with an ellipsis."""
    return sum(line.endswith(ELLIPSES) for line in lines)


def count_alphabetic_words(words: list[str]) -> int:
    """Returns how many of `words` contain "at least one alphabetic character"."""
    return sum(any(map(is_alphabetic, word)) for word in words)


def find_stop_words(words: list[str]) -> list[str]:
    """Returns the occurrences of the paper's stop words, in lower case, without punctuation.

    >>> find_stop_words(["The", "cat", "(and", "the", "dog)"])
    ['the', 'and', 'the']
    """
    bare = (lower_ascii(strip_punctuation(word)) for word in words)
    return [word for word in bare if word in STOP_WORDS]


def count_stop_words(words: list[str]) -> int:
    """Returns how many different stop words are in `words`: "at least two of the following"."""
    return len(set(find_stop_words(words)))


def count_stop_word_occurrences(words: list[str]) -> int:
    """Returns how many of `words` are stop words, as Dolma and DCLM read the rule."""
    return len(find_stop_words(words))


@lru_cache
def quality_bounds(rules: QualityRules) -> tuple[Bound, ...]:
    """Returns `rules` as bounds of integers, in the paper's order."""
    length = ("word_characters", "words")
    return (
        *at_least(Reason.WORD_COUNT, "words", COUNT, rules.min_words),
        *at_most(Reason.WORD_COUNT, "words", COUNT, rules.max_words),
        *at_least(Reason.MEAN_WORD_LENGTH, *length, rules.min_mean_word_length),
        *at_most(Reason.MEAN_WORD_LENGTH, *length, rules.max_mean_word_length),
        *at_most(Reason.HASH_RATIO, "hash_symbols", "words", rules.max_hash_ratio),
        *at_most(Reason.ELLIPSIS_RATIO, "ellipses", "words", rules.max_ellipsis_ratio),
        *at_most(Reason.BULLET_LINES, "bullet_lines", "lines", rules.max_bullet_line_fraction),
        *at_most(
            Reason.ELLIPSIS_LINES, "ellipsis_lines", "lines", rules.max_ellipsis_line_fraction
        ),
        *at_least(
            Reason.ALPHABETIC_WORDS, "alphabetic_words", "words", rules.min_alphabetic_word_fraction
        ),
        *at_least(Reason.STOP_WORDS, "stop_words", COUNT, rules.min_stop_words),
    )


def judge_quality(measures: Measures, rules: QualityRules) -> tuple[Reason, ...]:
    """Returns all quality rules that a document breaks, in the paper's order; none: it stays.

    A document exactly at a bound stays. Without words only the word count and the stop words fail.
    """
    return broken(measures, quality_bounds(rules))
