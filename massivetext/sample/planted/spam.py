"""Pages that exactly one family of the paper's quality or repetition rules must refuse."""

from collections.abc import Callable

from massivetext.paper import STOP_WORDS
from massivetext.reasons import Reason
from massivetext.sample.material.articles import Article, Supply
from massivetext.sample.material.truth import Plant

# In a paragraph, "\n" is a line break: <br> in a page.
_LINE = "Read this whole note with care before you go on"
_LONG_WORDS = (
    "Notwithstanding considerable misunderstandings, administrative representatives subsequently"
    " acknowledged extraordinary responsibilities towards neighbourhood organisations. Independent"
    " environmental investigators, corresponding internationally, recommended straightforward"
    " improvements: comprehensive documentation, transparent communication, professional"
    " qualifications and proportionate compensation. Disappointed photographers unsuccessfully"
    " demonstrated against disproportionate restrictions. Mathematicians enthusiastically"
    " congratulated undergraduate experimenters, whose revolutionary interpretations contradicted"
    " conventional understanding. Manufacturers simultaneously introduced interchangeable"
    " refrigerators, notwithstanding unpredictable temperatures throughout southwestern"
    " constituencies. Philosophical correspondents characterised contemporary developments as"
    " fundamentally misrepresented, predominantly inconsequential and embarrassingly"
    " commercialised."
)
_SHORT_NOTE = (
    "My grandfather built the wooden boat that still lies under the trees behind our house."
    " Every spring we carried it down to the lake, and he showed us how to close the cracks with"
    " tar and old rope. The first trip of the year was always short, because the water was cold"
    " and the wind came from the mountains without a warning. When the bell of the church rang on"
    " the other side, we turned back and rowed home, tired and happy, with wet shoes and with a"
    " bucket of small fish for the cat. He never sold what he caught."
)


def spam_articles(supply: Supply) -> list[Article]:
    """Returns one article for each case, from passages of the supply."""
    return [_spam(supply, reason, build) for reason, build in _CASES]


def word_count_articles() -> list[Article]:
    """Returns articles of 49 and 50 words: just outside and just inside the rule."""
    words = _SHORT_NOTE.split()
    dropped = Plant("short_49_words", "dropped", (Reason.WORD_COUNT,))
    return [
        Article("A note that is too short", (" ".join(words[:49]),), dropped),
        Article("A note just long enough", (" ".join(words[-50:]),), Plant("short_50_words")),
    ]


def _spam(supply: Supply, reason: Reason, build: Callable[[Supply], list[str]]) -> Article:
    plant = Plant("spam_" + reason, "dropped", (reason,))
    title = supply.take(20).title
    return Article(title, tuple(build(supply)), plant)


def _passages(supply: Supply, count: int, max_words: int = 120) -> list[str]:
    """Returns `count` passages, each cut after `max_words` words."""
    taken = [supply.take(1).paragraphs[0] for _ in range(count)]
    return [" ".join(passage.split()[:max_words]) for passage in taken]


def _words(supply: Supply, count: int) -> list[str]:
    return " ".join(supply.take(count).paragraphs).split()[:count]


def _every(words: list[str], step: int, change: Callable[[str], str]) -> list[str]:
    """Returns one paragraph in which every `step`-th word is changed."""
    return [" ".join(change(word) if i % step == 0 else word for i, word in enumerate(words))]


def _duplicate_lines(supply: Supply) -> list[str]:
    return [*_passages(supply, 3), "\n".join([_LINE] * 12), *_passages(supply, 3)]


def _duplicate_paragraphs(supply: Supply) -> list[str]:
    return _passages(supply, 6, 60) * 3


def _duplicate_paragraph_characters(supply: Supply) -> list[str]:
    long = " ".join(_passages(supply, 5))
    return [long, *_passages(supply, 7, 18), long]


def _duplicate_line_characters(supply: Supply) -> list[str]:
    long = " ".join(_passages(supply, 5))
    return [long + "\n" + "\n".join(_passages(supply, 7, 18)), long]


def _top_gram(gram: str) -> Callable[[Supply], list[str]]:
    step = 2 * (gram.count(" ") + 1)
    return lambda supply: _every(_words(supply, 240), step, lambda word: f"{gram} {word}")


def _duplicate_grams(supply: Supply) -> list[str]:
    slogan = "we will answer every one of your questions before the end of the day"
    return [f"{passage} {slogan}." for passage in _passages(supply, 9, 30)]


def _bullet_lines(supply: Supply) -> list[str]:
    return ["\n".join(f"- {passage}" for passage in _passages(supply, 30, 22))]


def _ellipsis_lines(supply: Supply) -> list[str]:
    return [passage.rstrip(".") + "..." for passage in _passages(supply, 12)]


def _ellipsis_ratio(supply: Supply) -> list[str]:
    return _every(_words(supply, 200), 5, lambda word: word + " ...")


def _hash_ratio(supply: Supply) -> list[str]:
    return _every(_words(supply, 200), 4, lambda word: "#" + word)


def _alphabetic_words(supply: Supply) -> list[str]:
    return _every(_words(supply, 200), 2, lambda word: f"{word} {len(word) * 37 % 90}")


def _stop_words(supply: Supply) -> list[str]:
    words = _words(supply, 300)
    return [" ".join(word for word in words if word.lower().strip("'\"(),.:;") not in STOP_WORDS)]


def _mean_word_length(supply: Supply) -> list[str]:
    del supply
    return [_LONG_WORDS]


def _word_count(supply: Supply) -> list[str]:
    del supply
    return [" ".join(_SHORT_NOTE.split()[20:50])]


_CASES: tuple[tuple[Reason, Callable[[Supply], list[str]]], ...] = (
    (Reason.WORD_COUNT, _word_count),
    (Reason.MEAN_WORD_LENGTH, _mean_word_length),
    (Reason.HASH_RATIO, _hash_ratio),
    (Reason.ELLIPSIS_RATIO, _ellipsis_ratio),
    (Reason.BULLET_LINES, _bullet_lines),
    (Reason.ELLIPSIS_LINES, _ellipsis_lines),
    (Reason.ALPHABETIC_WORDS, _alphabetic_words),
    (Reason.STOP_WORDS, _stop_words),
    (Reason.DUPLICATE_LINES, _duplicate_lines),
    (Reason.DUPLICATE_PARAGRAPHS, _duplicate_paragraphs),
    (Reason.DUPLICATE_LINE_CHARACTERS, _duplicate_line_characters),
    (Reason.DUPLICATE_PARAGRAPH_CHARACTERS, _duplicate_paragraph_characters),
    (Reason.TOP_2_GRAM, _top_gram("blue kettle")),
    (Reason.TOP_3_GRAM, _top_gram("our blue kettle")),
    (Reason.TOP_4_GRAM, _top_gram("our best blue kettle")),
    (Reason.DUPLICATE_5_GRAMS, _duplicate_grams),
    (Reason.DUPLICATE_10_GRAMS, _duplicate_grams),
)
