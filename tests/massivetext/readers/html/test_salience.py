"""Names, shapes, the model and the selection of leaves, each against what it must do."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from massivetext.readers.html.blocks.names import COUNT, name_mask
from massivetext.readers.html.blocks.tree import (
    CONTROL,
    NOTE,
    UNSEEN,
    Block,
    blocks_below,
    read_blocks,
)
from massivetext.readers.html.extract import FEW, MOST, extract_text, read_judged
from massivetext.readers.html.guard import parse_html
from massivetext.readers.html.salience.arrays import TAGS, Page, read_page
from massivetext.readers.html.salience.measures import measure
from massivetext.readers.html.salience.select import DEPTH, WHOLE, read_model, select, shipped_model


def page_of(html: str) -> tuple[list[Block], Page]:
    blocks = blocks_below(read_blocks(parse_html(html).body))
    return blocks, read_page(blocks)


@pytest.mark.parametrize(
    ("name", "like"),
    [
        ("commentList", "comment list"),
        ("main-nav", "main menu"),
        ("post_body", "post body"),
        ("ads", "ad"),
    ],
)
def test_words_of_names_tell_their_groups(name: str, like: str) -> None:
    assert name_mask(name) == name_mask(like) != 0


@pytest.mark.parametrize("name", ["adsorption", "bookshare", "xcomment", "", "12-34", "metadata"])
def test_words_that_only_hold_a_group_are_none(name: str) -> None:
    assert name_mask(name) == 0


def test_a_role_counts_as_a_name() -> None:
    assert name_mask("", "navigation") == name_mask("nav")
    assert name_mask("x", "unheard-of") == 0
    assert name_mask("comment", "main") == name_mask("comment") | name_mask("content")


@given(st.text(max_size=200))
def test_any_name_has_a_mask_of_known_groups(name: str) -> None:
    assert 0 <= name_mask(name) < 1 << COUNT


def test_sums_are_over_all_below() -> None:
    _, page = page_of("<div><p>four<p><a href=/>link</a></div><ul><li>item</ul>")
    assert page.all_text.tolist()[:2] == [12, 8]
    assert page.all_link.tolist()[:2] == [4, 4]
    assert page.all_leaves.tolist()[0] == 3
    assert page.texts == ["four", "link", "item"]


def test_blocks_of_one_tag_class_and_path_share_a_shape() -> None:
    rows = "<div class='a x'><p>one</p></div><div class='a y'><p>two</p></div>"
    _, page = page_of(f"{rows}<div class=b><p>six</p></div>")
    one, two, six = page.shape[page.leaves].tolist()
    assert one == two != six


@pytest.mark.parametrize(
    ("html", "away"),
    [
        ("<p>x", 0),
        ("<p hidden>x", UNSEEN),
        ("<div style='display : none'><p>x", UNSEEN),
        ("<body><noscript><p>x</noscript>", UNSEEN),
        ("<button>x</button>", CONTROL),
        ("<div hidden><button>x</button></div>", UNSEEN),
        ("<div id=cookie-banner><p>x", NOTE),
        ("<div class=OneTrust-sdk><p hidden>x", NOTE),
        ("<div class=cookies><p>x", 0),
    ],
)
def test_what_readers_do_not_see_is_marked(html: str, away: int) -> None:
    _, page = page_of(html)
    assert page.away[page.leaves].tolist() == [away]


def test_empty_blocks_are_nothing_but_part_text_and_count_as_items() -> None:
    assert extract_text("<p>a<div><br></div>b") == "a\n\nb"
    blocks, _ = page_of("<div><p></p><p> </p><ul><li></ul></div><p>x")
    assert [block.tag for block in blocks] == ["body", "div", "ul", "li", "p"]


def leaves(texts: list[str], away: list[int] | None = None, tag: str = "div") -> Page:
    """Returns a page of leaves beside each other, each of a shape of its own."""
    count = len(texts)
    zeros = np.zeros(count + 1, np.int64)
    sizes = np.array([0, *map(len, texts)])
    tags = np.full(count + 1, TAGS[tag])
    whole = sizes.copy()
    whole[0] = sizes.sum()
    numbers = np.arange(count + 1)
    marks = np.array([0, *(away or [0] * count)])
    return Page(
        *(zeros, tags, zeros, zeros, zeros, zeros, marks, sizes, zeros),
        *(whole, zeros, zeros, zeros, numbers, numbers[1:], texts),
    )


def kept(page: Page, shares: list[float], chosen: list[int] | None = None) -> list[int]:
    flags = np.zeros(len(shares), np.bool_)
    flags[chosen or []] = True
    whole = np.array([round(share * WHOLE) for share in shares], np.int64)
    return np.flatnonzero(select(page, whole, flags)).tolist()


TEXT = "ten words of text that stand in one leaf here"


def test_the_likeliest_leaves_are_kept_down_to_the_best_expected_f1() -> None:
    page = leaves([TEXT] * 4)
    assert kept(page, [0.9, 0.1, 0.9, 0.1]) == [0, 2]
    assert kept(page, [0.9, 0.8, 0.9, 0.7]) == [0, 1, 2, 3]
    assert kept(page, [0.1, 0.0, 0.0, 0.0]) == [0]


def test_unseen_leaves_win_only_where_the_rest_gives_less() -> None:
    assert kept(leaves([TEXT, TEXT * 3], [0, UNSEEN]), [0.9, 0.9]) == [0, 1]
    assert kept(leaves([TEXT * 3, TEXT], [0, UNSEEN]), [0.9, 0.9]) == [0]


def test_consent_notes_go_unless_they_are_the_page() -> None:
    assert kept(leaves([TEXT * 3, TEXT], [0, NOTE]), [0.9, 0.9]) == [0]
    assert kept(leaves([TEXT, TEXT * 3], [0, NOTE]), [0.9, 0.9]) == [0, 1]


def test_siblings_of_one_shape_stand_and_fall_together() -> None:
    apart = leaves([TEXT] * 6)
    shape = np.array([0, 1, 1, 1, 1, 1, 2])
    together = apart._replace(shape=shape)
    shares = [0.9, 0.9, 0.9, 0.9, 0.3, 0.1]
    assert kept(apart, shares) == [0, 1, 2, 3]
    assert kept(together, shares) == [0, 1, 2, 3, 4]


def test_prose_that_the_rules_choose_stays_where_it_is_nearly_as_good() -> None:
    prose, other = leaves([TEXT] * 20, tag="p"), leaves([TEXT] * 20)
    shares = [0.9] * 19 + [0.5]
    rules = list(range(19))
    assert kept(prose, shares, rules) == rules
    assert kept(other, shares, rules) == list(range(20))
    assert kept(prose, [0.9] * 20, [0]) == list(range(20))


def test_a_model_is_read_as_it_was_written(tmp_path: Path) -> None:
    ones = [list(range(DEPTH)), [0.5] * DEPTH, list(range(0, 4096 * 64, 4096))]
    path = tmp_path / "model.json"
    names = [f"m{number}" for number in range(DEPTH)]
    path.write_text(json.dumps({"first": -4096, "names": names, "trees": [ones]}))
    columns = {name: np.array([0, 1]) * (name == f"m{DEPTH - 1}") for name in names}
    shares = read_model(path).shares(columns)  # leaves 0 and 1: log odds of -1 and 0
    assert shares.tolist() == [round(WHOLE / (1 + np.exp(1))), WHOLE // 2]


def test_the_shipped_model_is_small_and_asks_what_is_measured() -> None:
    tree = parse_html("<p>Some text.</p>" * FEW)
    model = shipped_model()
    judged = read_judged(tree)
    assert judged.page is not None
    assert set(model.names) <= set(measure(judged.page, judged.chosen, judged.hints))
    assert len(model.leaves) == (len(model.asked) // DEPTH) << DEPTH
    package = Path(__file__).parents[4] / "massivetext/readers/html/salience/model.json"
    assert package.stat().st_size < 1 << 20


@pytest.mark.parametrize("leaf", ["<p>x</p>", "<div><p>x</div>", "<ul><li>x</ul>"])
def test_many_leaves_are_judged(leaf: str) -> None:
    assert set(extract_text(leaf * 5_000).split()) <= {"x", "-"}


@pytest.mark.parametrize(
    ("leaves", "by_model"), [(FEW, True), (FEW - 1, False), (MOST, True), (MOST + 1, False)]
)
def test_pages_of_few_and_of_very_many_leaves_are_left_to_the_rules(
    leaves: int, by_model: bool
) -> None:
    judged = read_judged(parse_html("<p>a" * leaves))
    assert len(judged.leaves) == leaves
    assert (judged.page is not None) == by_model
