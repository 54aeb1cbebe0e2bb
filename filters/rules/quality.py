"""The quality rules of Rae et al. 2021, appendix A.1.1, "Quality filtering".

One small function a measure: these definitions are the specification of the kernels. Where the
paper is silent the choice is ours; docs/choices.md lists what others chose.
"""

from massivetext.filters.rules.bounds import bounds_of, broken
from massivetext.measures import Measures
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


def find_bullet_lines(lines: list[str]) -> list[str]:
    """Returns which of `lines` (stripped) start with a bullet point."""
    return [line for line in lines if line.startswith(BULLETS)]


def find_ellipsis_lines(lines: list[str]) -> list[str]:
    """Returns which of `lines` (stripped) end with an ellipsis."""
    return [line for line in lines if line.endswith(ELLIPSES)]


def is_alphabetic_word(word: str) -> bool:
    """Returns whether a word contains "at least one alphabetic character"."""
    return any(map(is_alphabetic, word))


def count_alphabetic_words(words: list[str]) -> int:
    """Returns how many of `words` are alphabetic words."""
    return sum(map(is_alphabetic_word, words))


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


def judge_quality(measures: Measures, rules: QualityRules) -> tuple[Reason, ...]:
    """Returns all quality rules that a document breaks, in the paper's order; none: it stays.

    A document exactly at a bound stays. Without words only the word count and the stop words fail.
    """
    return broken(measures, bounds_of(rules))
