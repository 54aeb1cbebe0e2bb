"""Rules, guards and short items, on texts of our own."""

from fractions import Fraction

import numpy as np
import pytest

from massivetext.decontaminate.detect import PHRASES, Found, find, judge_found, make_guard
from massivetext.decontaminate.held_out import Item
from massivetext.decontaminate.index import SetRules, build_index
from massivetext.decontaminate.overlap import Bounds
from massivetext.decontaminate.selftest.measure import frequencies
from massivetext.decontaminate.task_items import Asked

PAPER = Bounds(Fraction(4, 5))
NO_COUNTS: dict[int, np.ndarray] = {}


def words(start, count):
    return " ".join(f"w{i}" for i in range(start, start + count))


def around(text, count=300):
    return f"{words(10_000, count)} {text} {words(20_000, count)}"


def verdict(document, items, rules=("strict",), corpus=(), most=10, least=Fraction(1, 2)):
    """Each item is a set of its own, if there are several rules."""
    sets = [SetRules(f"set{n}", rule) for n, rule in enumerate(rules)]
    index, _ = build_index(sets, [(n % len(sets), item) for n, item in enumerate(items)])
    counts = frequencies([find(text, index, PAPER) for text in corpus], index)
    guard = make_guard(index, counts, most)
    found = find(document, index, PAPER) or Found(None, None, {})
    return judge_found(found, index, guard, least)


def rules_of(document, items, **options):
    return set(verdict(document, items, **options).hits)


PASSAGE = Item("p", words(0, 27))  # 20 n-grams of 8 words, 15 of 13


def test_the_item_itself_by_every_rule():
    assert rules_of(PASSAGE.text, [PASSAGE]) == {"paper", "containment", "any", "strict"}


@pytest.mark.parametrize(("kept", "found"), [(17, False), (18, True)])
def test_more_than_half_of_its_n_grams(kept, found):
    assert ("strict" in rules_of(around(words(0, kept)), [PASSAGE])) is found


@pytest.mark.parametrize(("kept", "found"), [(12, False), (13, True)])
def test_any_is_one_n_gram_of_thirteen_words(kept, found):
    assert ("any" in rules_of(around(words(0, kept)), [PASSAGE])) is found


def test_case_line_breaks_and_marks_do_not_hide_an_item():
    text = PASSAGE.text.upper().replace(" ", ",\n> ")
    assert "strict" in rules_of(around(text), [PASSAGE])
    assert "paper" not in rules_of(text, [PASSAGE])  # case counts there


def test_an_n_gram_of_many_documents_does_not_count():
    corpus = [around(words(0, 27), count) for count in range(20, 31)]
    assert rules_of(around(PASSAGE.text), [PASSAGE], corpus=corpus[:10]) == {
        "any", "containment", "strict",
    }  # fmt: skip
    assert rules_of(around(PASSAGE.text), [PASSAGE], corpus=corpus) == set()
    assert rules_of(PASSAGE.text, [PASSAGE], corpus=corpus) == {"paper"}  # the item and no more


def test_what_is_asked_about_a_famous_text_still_counts():
    item = Item("q", f"{words(0, 27)} {words(500, 20)}")
    corpus = [around(words(0, 27), count) for count in range(20, 31)]
    assert rules_of(around(words(0, 27)), [item], corpus=corpus) == set()
    assert "strict" in rules_of(around(words(500, 20)), [item], corpus=corpus)


def test_a_template_of_a_set_does_not_count():
    items = [Item(str(n), f"{words(0, 13)} {words(1000 * n + 1000, 5)}") for n in range(5)]
    assert "strict" in rules_of(around(words(0, 13)), items[:3])
    assert rules_of(around(words(0, 13)), items[:4]) == set()
    assert "strict" in rules_of(around(items[3].text), items)


def asked_about(passage, number, asks=""):
    question = f"{asks} {words(1000 * number + 1000, 9)}?"
    choices = tuple(words(1000 * number + 1100 + 10 * n, 3) for n in range(4))
    return Item(str(number), "", asked=Asked(question, choices, choices[:1], passage))


def test_a_passage_under_many_questions_is_no_template():
    """Sets of reading repeat the passage with each question; so it must be found all the more."""
    items = [asked_about(PASSAGE.text, n) for n in range(9)]
    items = [item._replace(text="\n".join([PASSAGE.text, item.asked.question])) for item in items]
    assert "strict" in rules_of(around(PASSAGE.text), items)
    assert "strict" in rules_of(around(items[5].asked.question), items)


def test_copies_of_an_item_are_no_template():
    assert "strict" in rules_of(around(PASSAGE.text), [PASSAGE] * 9)
    short = [Item(str(n), "Who?", asked=Asked(words(0, 9), right=("Oslo",))) for n in range(9)]
    assert "strict" in rules_of(around(words(0, 9)), short)


@pytest.mark.parametrize(("passages", "found"), [(3, True), (4, False)])
def test_a_question_under_many_passages_is_a_template(passages, found):
    template = words(0, 13)
    items = [
        Item(str(n), "", asked=Asked(template, passage=words(1000 * n + 1000, 30)))
        for n in range(passages)
    ] * 2
    assert ("strict" in rules_of(around(template), items)) is found


def test_a_question_with_many_answers_is_a_template():
    items = [Item("", words(0, 9), asked=Asked(words(0, 9), right=(str(n),))) for n in range(4)]
    assert rules_of(around(words(0, 9)), items) == set()
    assert "strict" in rules_of(around(words(0, 9)), items[:3])


def test_the_same_item_in_many_sets_is_no_template():
    rules = ("strict",) * 6
    assert "strict" in rules_of(around(PASSAGE.text), [PASSAGE] * 6, rules=rules)


SHORT = Item("s", "", asked=Asked("Who first saw Brelmont?", right=("Edda Lorne",)))


@pytest.mark.parametrize(
    ("page", "found"),
    [
        ("Who first saw Brelmont? EDDA LORNE.", True),
        ("**Who first saw Brelmont**\n(Edda\nLorne)", True),
        ("Who first saw Brelmont?", False),
        ("Edda Lorne. Who first saw Brelmont?", False),
        ("Who first saw Brelmont? Edda Lornes", False),
        ("who first saw brelmont edda x first saw brelmont edda lorne", False),
    ],
)
def test_a_short_question_is_found_with_its_answer_as_a_phrase(page, found):
    assert ("strict" in rules_of(around(page), [SHORT])) is found
    assert rules_of(around(page), [SHORT]) <= {"strict"}


def test_a_phrase_of_many_documents_does_not_count():
    page = around("Who first saw Brelmont? Edda Lorne")
    assert rules_of(page, [SHORT], corpus=[page] * 10) == {"strict"}
    assert rules_of(page, [SHORT], corpus=[page] * 11) == set()


@pytest.mark.parametrize("rule", ["paper", "containment", "any", "strict"])
def test_a_set_drops_by_its_own_rule(rule):
    page = around(words(0, 13))  # 6 of 20 n-grams, one of 15
    assert verdict(page, [PASSAGE], rules=(rule,)).rule == ("any" if rule == "any" else "")
    page = around(words(0, 27))
    assert verdict(page, [PASSAGE], rules=(rule,)).rule == ("" if rule == "paper" else rule)
    assert verdict(PASSAGE.text, [PASSAGE], rules=(rule,)).rule == "paper"


def test_a_better_hit_of_a_set_with_another_rule_hides_nothing():
    """The first set, which holds all of it, drops by the paper's rule alone; the second must."""
    half = Item("h", words(0, 36))
    found = verdict(around(words(0, 27)), [PASSAGE, half], rules=("paper", "strict"))
    assert found.hits["strict"].item == 0
    assert (found.rule, found.hit.item) == ("strict", 1)


def test_what_cannot_be_found_is_listed():
    items = [(0, PASSAGE), (0, SHORT), (0, Item("t", "too short to tell"))]
    index, (facts,) = build_index([SetRules("one")], items)
    assert (facts.items, facts.not_findable) == (3, ("t",))
    assert facts.shingles == 15 + 0 + 1
    assert find("too short to tell", index, PAPER).paper is not None  # the page is the item
    assert find(around("too short to tell"), index, PAPER) is None


def test_nothing_is_held_out():
    index, facts = build_index([], [])
    assert facts == []
    assert find("any text of ours", index, PAPER) is None
    assert not make_guard(index, NO_COUNTS, 10).common[PHRASES].any()
