"""All planted articles, by the source that they go to."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from massivetext.reasons import Reason
from massivetext.sample.material.articles import Article, Supply
from massivetext.sample.material.text import Passage
from massivetext.sample.material.truth import Plant
from massivetext.sample.planted.foreign import LANGUAGES, foreign_article
from massivetext.sample.planted.held_out import LIKENESS, TITLES, WIKI_LIKENESS, Item, held_out
from massivetext.sample.planted.near import PAIRS, chain, exact_group, near_pair, template_family
from massivetext.sample.planted.spam import spam_articles, word_count_articles

_FOREIGN = {"pages": 2, "wet": 1, "c4": 3, "news": 2, "wikipedia": 2}  # of each language
# Where the copies of an exact group go, and how many such groups there are.
_EXACT = (
    (("c4", "c4"), 16),
    (("news", "news"), 8),
    (("c4", "news"), 8),
    (("wet", "c4"), 6),
    (("wet", "news"), 4),
    (("pages", "pages"), 8),
    (("books", "c4"), 4),
    (("c4", "news", "books"), 6),
    (("wet", "c4", "c4"), 4),
    (("pages", "pages", "pages"), 2),
)
_NEAR = (("c4", "c4"), ("news", "news"), ("c4", "news"), ("wet", "c4"))
_TEMPLATE_PAGES = 40
_MAX_WORDS = 100_000


@dataclass
class Planted:
    """Articles by where they go; `pages` are HTML, `wet` is crawled text, `books` are short."""

    pages: list[Article] = field(default_factory=list)
    wet: list[Article] = field(default_factory=list)
    c4: list[Article] = field(default_factory=list)
    news: list[Article] = field(default_factory=list)
    books: list[Article] = field(default_factory=list)
    wikipedia: list[Article] = field(default_factory=list)
    items: list[Item] = field(default_factory=list)  # held-out texts

    def put(self, places: Iterable[str], articles: Iterable[Article]) -> None:
        """Puts each article in its place, `pages`, `wet`, `c4` and so on."""
        for place, article in zip(places, articles, strict=True):
            getattr(self, place).append(article)


def plant(supply: Supply, spare: Supply) -> Planted:
    """Returns all planted articles.

    Args:
      supply: articles of passages that no other document has.
      spare: articles that may share passages with others, for what is dropped anyway.
    """
    planted = Planted()
    donor = supply.take(600)
    _plant_copies(planted, supply, donor)
    _plant_held_out(planted, supply, donor)
    _plant_titles(planted, supply)
    _plant_foreign(planted)
    for place in (planted.pages, planted.wet):
        place += spam_articles(spare)
    planted.wet += word_count_articles()
    return planted


def _plant_copies(planted: Planted, supply: Supply, donor: Article) -> None:
    number = 0
    for places, groups in _EXACT:
        for _ in range(groups):
            planted.put(places, exact_group(supply, f"exact-{number:03}", len(places)))
            number += 1
    for kind in ("near_high", "near_low"):
        for number in range(PAIRS):
            places = _NEAR[number % len(_NEAR)]
            planted.put(places, near_pair(supply, donor, kind, number))
        for number in range(PAIRS + 22, PAIRS + 34, 3):  # pages, well away from the bounds
            planted.put(("pages", "pages"), near_pair(supply, donor, kind, number))
    for number in range(5):
        planted.put(("c4", "news", "c4"), chain(supply, donor, number))
    planted.pages += template_family(supply, _TEMPLATE_PAGES)


def _plant_held_out(planted: Planted, supply: Supply, donor: Article) -> None:
    for place in ("c4", "news", "wet", "pages", "wikipedia"):
        likenesses = WIKI_LIKENESS if place == "wikipedia" else LIKENESS
        for item, article in held_out(supply, donor, f"{place}-item", likenesses):
            planted.items.append(item)
            planted.put([place], [article])


def _plant_titles(planted: Planted, supply: Supply) -> None:
    dropped = Plant("test_title", "dropped", (Reason.TEST_TITLE,))
    articles = [supply.take(120)._replace(title=title, plant=dropped) for title in TITLES]
    planted.wikipedia += articles


def _plant_foreign(planted: Planted) -> None:
    number = 0
    for language in LANGUAGES:
        for place, count in _FOREIGN.items():
            articles = [foreign_article(language, number + i) for i in range(count)]
            planted.put([place] * count, articles)
            number += count


def too_long_article(passages: list[Passage]) -> Article:
    """Returns one article of more words than the paper's rules keep."""
    texts: list[str] = []
    words = 0
    for passage in passages:
        texts.append(passage.text)
        words += passage.text.count(" ") + 1
        if words > _MAX_WORDS:
            break
    plant = Plant("too_many_words", "dropped", (Reason.WORD_COUNT,))
    return Article("Everything in one note", tuple(texts), plant)
