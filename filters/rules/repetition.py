"""The repetition rules of Rae et al. 2021, appendix A.1.1, "Repetition removal", table A1.

One small function a measure: these definitions are the specification of the kernels. n-grams are
of words, as written; their characters are those of their words, without the white space between.
"""

from collections import Counter
from collections.abc import Iterable, Iterator

from massivetext.filters.rules.bounds import bounds_of, broken
from massivetext.measures import Measures
from massivetext.paper import RepetitionRules
from massivetext.reasons import Reason
from massivetext.rules import Reading


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


def find_top_n_gram(words: list[str], n: int) -> tuple[tuple[str, ...], int]:
    """Returns the most frequent n-gram and its count; ((), 0) if no n-gram stands twice.

    Of equally frequent n-grams the longest counts, of those the first.
    """
    counts = Counter(split_n_grams(words, n))
    most = max(counts.values(), default=0)
    if most < 2:
        return (), 0
    ties = (gram for gram, count in counts.items() if count == most)
    return max(ties, key=count_characters), most


def count_characters(gram: Iterable[str]) -> int:
    """Returns the characters of the words of an n-gram, without the white space between."""
    return sum(map(len, gram))


def count_top_n_gram_characters(words: list[str], n: int) -> int:
    """Returns the characters of the most frequent n-gram, times its count.

    0 if no n-gram stands twice. Copies that overlap count whole, so the fraction can be above 1.

    >>> count_top_n_gram_characters("to be or not to be".split(), 2)
    8
    """
    gram, count = find_top_n_gram(words, n)
    return count * count_characters(gram)


def cover(words: list[str], starts: Iterable[int], n: int) -> Iterator[list[str]]:
    """Yields the words in the n-grams at ascending `starts`, each once, in unbroken stretches."""
    stretch: list[str] = []
    end = 0
    for start in starts:
        if start > end:
            yield stretch
            stretch = []
        stretch += words[max(start, end) : start + n]
        end = start + n
    yield stretch


def find_duplicate_n_grams(words: list[str], n: int) -> list[int]:
    """Returns where later copies of n-grams start."""
    first: dict[tuple[str, ...], int] = {}
    grams = enumerate(split_n_grams(words, n))
    return [start for start, gram in grams if first.setdefault(gram, start) < start]


def find_repeated_n_grams(words: list[str], n: int) -> list[int]:
    """Returns where n-grams start that stand in the document twice or more."""
    grams = split_n_grams(words, n)
    counts = Counter(grams)
    return [start for start, gram in enumerate(grams) if counts[gram] > 1]


def count_duplicate_n_gram_characters(words: list[str], n: int) -> int:
    """Returns the characters of the words in later copies of n-grams, each word once.

    "Care is taken not to count characters that occur in overlapping n-grams more than once."

    >>> count_duplicate_n_gram_characters("a b c d e - a b c d e".split(), 5)
    5
    """
    return sum(map(count_characters, cover(words, find_duplicate_n_grams(words, n), n)))


def count_repeated_n_gram_characters(words: list[str], n: int) -> int:
    """Returns the characters of the words in all copies of repeated n-grams, each word once.

    >>> count_repeated_n_gram_characters("a b c d e - a b c d e".split(), 5)
    10
    """
    return sum(map(count_characters, cover(words, find_repeated_n_grams(words, n), n)))


def judge_repetition(
    measures: Measures, rules: RepetitionRules, reading: Reading = "later"
) -> tuple[Reason, ...]:
    """Returns all repetition rules that a document breaks, in the order of table A1.

    Fractions are of lines, of paragraphs, of their characters, and for n-grams of the characters
    of all words. A document exactly at a bound stays. No reasons: the document stays.
    """
    return broken(measures, bounds_of(rules, reading))
