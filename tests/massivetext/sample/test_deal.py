"""What stands in a place: the side that a build will give it decides."""

from itertools import count

import pytest

from massivetext.config.recipe import load_recipe
from massivetext.document import Document, Origin
from massivetext.errors import ConfigError
from massivetext.mixture.quotas import is_validation
from massivetext.readers.rows.jsonl import read_jsonl
from massivetext.readers.warc.read import read_warc
from massivetext.readers.wikipedia.read import read_wikipedia
from massivetext.sample.formats.jsonl import dealt_lines, json_line, write_lines
from massivetext.sample.formats.warc import dealt_pages, write_warc
from massivetext.sample.formats.wikipedia import dealt_page, wiki_page, write_dump
from massivetext.sample.material import deal
from massivetext.sample.material.articles import Article
from massivetext.sample.material.deal import Deal, articles_without_end, divide, in_validation
from massivetext.sample.material.pages import Page, web_page
from massivetext.sample.material.text import Passage
from massivetext.sample.planted.jaccard import shingles_of

NUMBER = 300


def article(side, number):
    words = " ".join(
        f"{side} {number} of the stair and of the lamp {n}." for n in range(1 + number % 5)
    )
    return Article(f"{side} {number}", (words, words))


def deal_of(make):
    train = [make(article("Train", number), number) for number in range(NUMBER)]
    return Deal(train, (make(article("Validation", n), n) for n in count()))


def warc(path):
    dealt = deal_of(lambda a, n: web_page(a, f"http://h{n}.example/{a.title[0]}", n))
    write_warc(path, dealt_pages(Origin("web", path.name), dealt))
    return read_warc


def mixed_warc(path):
    """Captures without a request before them shift the numbers of all that follow."""
    image = Page("http://no.example/", b"", record="revisit")
    dealt = deal_of(
        lambda a, n: image if n % 3 == 1 and a.title[0] == "T"
        else web_page(a, f"http://h{n}.example/{a.title[0]}", n)
    )  # fmt: skip
    write_warc(path, dealt_pages(Origin("web", path.name), dealt))
    return read_warc


def wet(path):
    dealt = deal_of(
        lambda a, n: Page(f"http://{a.title[0]}{n}.example/", a.text.encode(), record="conversion")
    )
    write_warc(path, dealt_pages(Origin("web", path.name), dealt, requests=False))
    return read_warc


def lines(path):
    dealt = deal_of(lambda a, n: json_line({"text": a.text, "url": f"u{n}"}))
    write_lines(path, dealt_lines(Origin("web", path.name), dealt))
    return read_jsonl


def dump(path):
    write_dump(path, dealt_page(Origin("web", path.name), deal_of(wiki_page)))
    return read_wikipedia


@pytest.mark.parametrize(
    ("name", "write"),
    [
        ("a.warc.gz", warc),
        ("b.warc.gz", mixed_warc),
        ("c.warc.wet.gz", wet),
        ("d.jsonl.gz", lines),
        ("e.xml.bz2", dump),
    ],
)
def test_every_document_is_on_the_side_that_its_text_is_of(tmp_path, name, write):
    reader = write(tmp_path / name)
    recipe = load_recipe("sample.toml")
    sides = {"Train": 0, "Validation": 0}
    with (tmp_path / name).open("rb") as data:
        for item in reader(data, Origin("web", name)):
            if isinstance(item, Document):
                side = "Validation" if "Validation" in item.text else "Train"
                held = is_validation(recipe.seed, item.id, recipe.sequences.validation_fraction)
                assert held == (side == "Validation"), item
                sides[side] += 1
    train = sum(n % 3 != 1 for n in range(NUMBER)) if write is mixed_warc else NUMBER
    assert sides["Train"] == train
    assert 2 <= sides["Validation"] <= 40


def test_a_recipe_of_the_same_name_in_the_working_folder_decides_nothing(tmp_path, monkeypatch):
    (tmp_path / "sample.toml").write_text("no recipe at all")
    monkeypatch.chdir(tmp_path)
    deal._recipe.cache_clear()
    assert sum(in_validation(str(n)) for n in range(1_000)) == pytest.approx(50, abs=30)


def test_dealing_ends_with_the_train_list():
    places = Deal(["a"], iter("vw"))
    train = next(name for name in map(str, count()) if not in_validation(name))
    held = next(name for name in map(str, count()) if in_validation(name))
    assert places
    assert (places.take(held), places.take(train), bool(places), places.take(held)) == (
        "v",
        "a",
        False,
        "w",
    )


def test_texts_are_divided_without_a_13_gram_on_both_sides():
    words = [f"w{n}" for n in range(4_000)]
    texts = [Passage(" ".join(words[i : i + 40]), "") for i in range(0, 3_900, 27)]  # each runs on
    lone = [Passage(" ".join(f"lone{n}x{i}" for i in range(40)), "") for n in range(400)]
    train, held = divide([*texts, *lone], 0.08, 0)
    grams = {gram for text in train for gram in shingles_of(text.text)}
    assert all(grams.isdisjoint(shingles_of(text.text)) for text in held)
    assert len(set(held) & set(lone)) > 15
    assert set(held) <= set(lone)
    assert sorted([*train, *held]) == sorted([*texts, *lone])
    assert divide([*texts, *lone], 0.08, 1) != (train, held)


def test_articles_without_end_go_on_in_another_order():
    passages = [Passage(" ".join(f"p{n}w{i}" for i in range(100)), "lamp") for n in range(10)]
    found = articles_without_end(passages, 0, "test")
    articles = [next(found) for _ in range(40)]
    assert len({a.text for a in articles}) > 20
    assert {p for a in articles for p in a.paragraphs} == {p.text for p in passages}
    with pytest.raises(ConfigError, match="more text"):
        next(articles_without_end(passages[:1], 0, "test"))
