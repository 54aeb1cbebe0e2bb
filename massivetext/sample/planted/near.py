"""Planted copies: equal ones, and edited ones whose 13-gram Jaccard is measured."""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from itertools import pairwise

from massivetext.sample.material.articles import Article, Supply
from massivetext.sample.material.truth import Plant
from massivetext.sample.planted.jaccard import jaccard_of, shingles_of

HIGH = (0.821, 0.891)  # near duplicates: one of the two must go
LOW = (0.702, 0.781)  # similar, but both must stay
PAIRS = 56  # of each kind
Edit = Callable[[list[str], list[str], int, int], list[str]]


def exact_group(supply: Supply, name: str, count: int) -> list[Article]:
    """Returns `count` articles of the same text."""
    article = supply.take(180)
    plant = Plant("exact", "duplicate", ("exact",), group=name)
    return [article._replace(plant=plant)] * count


def near_pair(supply: Supply, donor: Article, kind: str, number: int) -> list[Article]:
    """Returns two articles whose Jaccard runs through the range HIGH or LOW with the number."""
    low, high = HIGH if kind == "near_high" else LOW
    target = low + (high - low) * (number % PAIRS) / (PAIRS - 1)
    first = supply.take()
    second, jaccard = edited(first, donor, target, number)
    outcome, reasons = ("near", ("near",)) if kind == "near_high" else ("kept", ())
    plant = Plant(kind, outcome, reasons, f"{kind}-{number:03}", round(jaccard, 6))
    return [first._replace(plant=plant), second._replace(plant=plant)]


def chain(supply: Supply, donor: Article, number: int) -> list[Article]:
    """Returns three articles: the middle one is near both others, which are not near each other."""
    middle = supply.take(520)
    plant = Plant("chain", "near", ("near",), f"chain-{number:03}")
    left, _ = edited(middle, donor, 0.86, 0, place=0.05)
    right, _ = edited(middle, donor, 0.86, 0, place=0.8)
    return [article._replace(plant=plant) for article in (left, middle, right)]


def template_family(supply: Supply, count: int) -> list[Article]:
    """Returns articles that differ in one paragraph of 18 to 30 words, as pages of one shop do."""
    frame = supply.take(520)
    plant = Plant("template", "near", ("near",), "template")
    half = len(frame.paragraphs) // 2
    head, tail = frame.paragraphs[:half], frame.paragraphs[half:]
    family = []
    for number in range(count):
        own = " ".join(supply.take(18).paragraphs[0].split()[:24])
        title = f"{frame.title}, page {number + 1}"
        family.append(Article(title, (*head, own, *tail), plant))
    return family


def edited(
    article: Article, donor: Article, target: float, style: int, place: float | None = None
) -> tuple[Article, float]:
    """Returns a copy with one run of words edited, and its Jaccard: just above the target."""
    words, lengths = _flat(article.paragraphs)
    new, _ = _flat(donor.paragraphs)
    edit = (_replace, _insert, _delete)[style % 3]
    start = int(len(words) * (0.1 + 0.15 * (style % 4) if place is None else place))
    original = shingles_of(article.text)

    def jaccard(count: int) -> float:
        return jaccard_of(original, shingles_of(" ".join(edit(words, new, start, count))))

    # A longer edit is less like the original: the longest one that stays at the target.
    counts = range(1, min(len(new), len(words) - start))
    count = counts[bisect_right(counts, -target, key=lambda count: -jaccard(count)) - 1]
    copy = Article(article.title, _paragraphs(edit(words, new, start, count), lengths))
    return copy, jaccard(count)


def _flat(paragraphs: Sequence[str]) -> tuple[list[str], list[int]]:
    split = [paragraph.split() for paragraph in paragraphs]
    return [word for words in split for word in words], [len(words) for words in split]


def _paragraphs(words: list[str], lengths: list[int]) -> tuple[str, ...]:
    """Returns the words in paragraphs of the given lengths, the rest with the last one."""
    ends = [sum(lengths[: i + 1]) for i in range(len(lengths) - 1)]
    cuts = [0, *ends, max(len(words), sum(lengths))]
    pieces = (" ".join(words[i:j]) for i, j in pairwise(cuts))
    return tuple(piece for piece in pieces if piece)


def _replace(words: list[str], new: list[str], start: int, count: int) -> list[str]:
    return words[:start] + new[:count] + words[start + count :]


def _insert(words: list[str], new: list[str], start: int, count: int) -> list[str]:
    return words[:start] + new[:count] + words[start:]


def _delete(words: list[str], new: list[str], start: int, count: int) -> list[str]:
    del new
    return words[:start] + words[start + count :]
