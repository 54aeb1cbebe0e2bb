"""The repetition rules of Rae et al. 2021, appendix A.1.1, "Repetition removal", table A1.

One small function a measure: these definitions are the specification of the kernels. n-grams are
of words, as written; their characters are those of their words, without the white space between.
"""

from collections import Counter
from collections.abc import Iterable
from functools import lru_cache
from typing import Literal

from massivetext.filters.rules.bounds import Bound, at_most, broken
from massivetext.filters.rules.counts import Measures
from massivetext.paper import RepetitionRules
from massivetext.reasons import Reason

# What a duplicate is, which the paper leaves open: "later" copies alone (datatrove's reading, our
# default) or "all" copies of a unit that stands in the document twice (DCLM's).
Reading = Literal["later", "all"]


def find_duplicates(units: list[str]) -> list[str]:
    """Returns the later copies: every unit that stands in `units` before itself.

    >>> find_duplicates(["a", "b", "a", "a"])
    ['a', 'a']
    """
    seen: set[str] = set()
    duplicates = []
    for unit in units:
        if unit in seen:
            duplicates.append(unit)
        seen.add(unit)
    return duplicates


def find_repeated(units: list[str]) -> list[str]:
    """Returns all copies of the units that stand in `units` twice or more.

    >>> find_repeated(["a", "b", "a", "a"])
    ['a', 'a', 'a']
    """
    counts = Counter(units)
    return [unit for unit in units if counts[unit] > 1]


def split_n_grams(words: list[str], n: int) -> list[tuple[str, ...]]:
    """Returns the n-grams of `words`, one at each word that has n - 1 words after it."""
    return list(zip(*(words[start:] for start in range(n)), strict=False))


def count_top_n_gram_characters(words: list[str], n: int) -> int:
    """Returns the characters of the most frequent n-gram, times its count.

    Of equally frequent n-grams the longest counts. 0 if no n-gram stands twice. Copies that overlap
    count whole, so the fraction can be above 1.

    >>> count_top_n_gram_characters("to be or not to be".split(), 2)
    8
    """
    counts = Counter(split_n_grams(words, n))
    most = max(counts.values(), default=0)
    if most < 2:
        return 0
    return most * max(sum(map(len, gram)) for gram, count in counts.items() if count == most)


def count_covered_characters(words: list[str], starts: Iterable[int], n: int) -> int:
    """Returns the characters of the words in the n-grams at ascending `starts`, each once."""
    end = characters = 0
    for start in starts:
        characters += sum(map(len, words[max(start, end) : start + n]))
        end = start + n
    return characters


def count_duplicate_n_gram_characters(words: list[str], n: int) -> int:
    """Returns the characters of the words in later copies of n-grams, each word once.

    "Care is taken not to count characters that occur in overlapping n-grams more than once."

    >>> count_duplicate_n_gram_characters("a b c d e - a b c d e".split(), 5)
    5
    """
    first: dict[tuple[str, ...], int] = {}
    grams = enumerate(split_n_grams(words, n))
    starts = (start for start, gram in grams if first.setdefault(gram, start) < start)
    return count_covered_characters(words, starts, n)


def count_repeated_n_gram_characters(words: list[str], n: int) -> int:
    """Returns the characters of the words in all copies of repeated n-grams, each word once.

    >>> count_repeated_n_gram_characters("a b c d e - a b c d e".split(), 5)
    10
    """
    grams = split_n_grams(words, n)
    counts = Counter(grams)
    starts = (start for start, gram in enumerate(grams) if counts[gram] > 1)
    return count_covered_characters(words, starts, n)


def _unit_bounds(rules: RepetitionRules, copies: str) -> list[Bound]:
    lines, line_chars = f"{copies}_lines", f"{copies}_line_characters"
    parts, part_chars = f"{copies}_paragraphs", f"{copies}_paragraph_characters"
    return [
        *at_most(Reason.DUPLICATE_LINES, lines, "lines", rules.max_duplicate_line_fraction),
        *at_most(
            Reason.DUPLICATE_PARAGRAPHS, parts, "paragraphs", rules.max_duplicate_paragraph_fraction
        ),
        *at_most(
            Reason.DUPLICATE_LINE_CHARACTERS,
            line_chars,
            "line_characters",
            rules.max_duplicate_line_character_fraction,
        ),
        *at_most(
            Reason.DUPLICATE_PARAGRAPH_CHARACTERS,
            part_chars,
            "paragraph_characters",
            rules.max_duplicate_paragraph_character_fraction,
        ),
    ]


@lru_cache
def repetition_bounds(rules: RepetitionRules, reading: Reading) -> tuple[Bound, ...]:
    """Returns `rules` as bounds of integers, in the order of table A1."""
    copies = "duplicate" if reading == "later" else "repeated"
    bounds = _unit_bounds(rules, copies)
    for n in (2, 3, 4):
        most = getattr(rules, f"max_top_{n}_gram_fraction")
        part = f"top_{n}_gram_characters"
        bounds += at_most(Reason(f"top_{n}_gram"), part, "word_characters", most)
    for n in range(5, 11):
        most = getattr(rules, f"max_duplicate_{n}_gram_fraction")
        part = f"{copies}_{n}_gram_characters"
        bounds += at_most(Reason(f"duplicate_{n}_grams"), part, "word_characters", most)
    return tuple(bounds)


def judge_repetition(
    measures: Measures, rules: RepetitionRules, reading: Reading = "later"
) -> tuple[Reason, ...]:
    """Returns all repetition rules that a document breaks, in the order of table A1.

    Fractions are of lines, of paragraphs, of their characters, and for n-grams of the characters
    of all words. A document exactly at a bound stays. No reasons: the document stays.
    """
    return broken(measures, repetition_bounds(rules, reading))
