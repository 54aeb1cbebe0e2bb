import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from massivetext.dedup.signature import jaccard, shingle_hashes
from massivetext.errors import StageError
from massivetext.sample.material.articles import Article, Supply, compose, shuffled
from massivetext.sample.material.text import Passage
from massivetext.sample.planted.jaccard import jaccard_of, shingles_of
from massivetext.sample.planted.near import (
    HIGH,
    LOW,
    PAIRS,
    chain,
    edited,
    exact_group,
    near_pair,
    template_family,
)


def passages(count=3000, words=40):
    """Passages whose words never come twice."""
    for number in range(count):
        text = " ".join(f"w{number * words + i}" for i in range(words))
        yield Passage(text, f"origin{number % 7}")


@pytest.fixture
def supply():
    return Supply(passages())


@pytest.fixture
def donor():
    return Article("donor", (" ".join(f"d{n}" for n in range(900)),))


def likeness(first, second):
    return jaccard_of(shingles_of(first.text), shingles_of(second.text))


@pytest.mark.parametrize(("kind", "bounds"), [("near_high", HIGH), ("near_low", LOW)])
def test_pairs_run_through_their_range(supply, donor, kind, bounds):
    pairs = [near_pair(supply, donor, kind, number) for number in range(PAIRS)]
    found = [likeness(*pair) for pair in pairs]
    assert all(bounds[0] <= value <= bounds[1] + 0.006 for value in found)
    assert min(found) < bounds[0] + 0.007
    assert max(found) > bounds[1] - 0.005
    for (first, _), value in zip(pairs, found, strict=True):
        assert first.plant.jaccard == pytest.approx(value, abs=1e-6)


@pytest.mark.parametrize("style", range(3))
@pytest.mark.parametrize("target", [0.6, 0.75, 0.85, 0.95])
def test_an_edit_is_the_longest_at_its_target(supply, donor, style, target):
    article = supply.take(600)
    copy, found = edited(article, donor, target, style, place=0.3)
    assert found == likeness(article, copy)
    assert target <= found < target + 0.004


def test_the_ends_of_a_chain_are_not_near_each_other(supply, donor):
    left, middle, right = chain(supply, donor, 0)
    assert likeness(left, middle) > 0.82
    assert likeness(middle, right) > 0.82
    assert likeness(left, right) < 0.79


def test_all_pages_of_a_template_are_near_each_other(supply):
    family = template_family(supply, 6)
    assert len({page.text for page in family}) == 6
    assert all(likeness(*pair) > 0.84 for pair in itertools.combinations(family, 2))


def test_copies_are_equal_and_groups_are_not(supply):
    first, second = exact_group(supply, "one", 3), exact_group(supply, "two", 2)
    assert len({article.text for article in first}) == 1
    assert len(first) == 3
    assert first[0].text != second[0].text


@given(st.lists(st.integers()), st.integers(0, 9))
def test_shuffled_loses_nothing(items, seed):
    assert sorted(shuffled(items, seed, "test")) == sorted(items)


def test_articles_take_passages_in_order_and_only_once():
    given_passages = list(passages(200))
    articles = list(compose(given_passages, 0, "test"))
    taken = [text for article in articles for text in article.paragraphs]
    assert taken == [passage.text for passage in given_passages][: len(taken)]
    assert len(taken) > 150
    assert all(220 <= len(article.text.split()) <= 1040 for article in articles)


WORDS = st.lists(st.sampled_from(["a", "B", "c.", "«d»", "e-f", "g", "$", "ä", "…"]), max_size=40)


@given(WORDS, WORDS)
def test_the_slow_jaccard_is_the_pipelines(first, second):
    slow = jaccard_of(shingles_of(" ".join(first)), shingles_of("\n".join(second)))
    fast = jaccard(shingle_hashes(" ".join(first)), shingle_hashes("\n".join(second)))
    assert slow == fast


def test_a_supply_repeats_no_run_of_words_and_ends_with_an_error():
    texts = ["a b c d e f", "a b c d e g", "h i j k l", "h i j k m"]
    supply = Supply(Passage(text, "origin") for text in texts)
    assert supply.take(12).paragraphs == ("a b c d e f", "h i j k l", "h i j k m")
    with pytest.raises(StageError, match="more text than the installed packages"):
        supply.take(1)
