import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from massivetext.readers.markup.expressions import MAX_CHARACTERS, evaluate
from massivetext.readers.wikipedia.clean import clean_wikitext
from massivetext.readers.wikipedia.templates.arguments import GONE, read_arguments
from massivetext.readers.wikipedia.templates.functions import _FUNCTIONS
from massivetext.readers.wikipedia.templates.render import _WRITERS, template_text
from massivetext.readers.wikipedia.templates.signs import SIGNS
from massivetext.readers.wikipedia.templates.silent import is_silent

NAMES = [*_WRITERS, *SIGNS, "lang-fr", "script/copt", "french ship", "a b", "cite", "", "=", ":"]
ARGUMENTS = [
    "",
    "a",
    "1",
    "2000",
    "-5",
    "1.5e3",
    "2=b",
    "lc=y",
    "text=c",
    "e=5",
    "[[",
    "é" * 50,
    "\n",
]
GROWTH, CONSTANT = 4, 250


@pytest.mark.parametrize("name", NAMES)
def test_no_template_fails_or_grows_whatever_it_is_given(name: str) -> None:
    for first in ARGUMENTS:
        for second in ARGUMENTS:
            for parts in ([name], [name, first], [name, first, second, "3", first, second]):
                text = template_text(parts)
                assert len(text) <= GROWTH * sum(map(len, parts)) + CONSTANT


@given(
    st.sampled_from([*_FUNCTIONS, "#none", ""]), st.lists(st.sampled_from(ARGUMENTS), min_size=1)
)
def test_no_function_fails_or_grows(name: str, parts: list[str]) -> None:
    text = template_text([f"{name}:{parts[0]}", *parts[1:]])
    assert len(text) <= GROWTH * sum(map(len, parts)) + CONSTANT + len(name)


@given(
    st.lists(st.sampled_from([*NAMES, *ARGUMENTS, "{{", "}}", "|", "=", ":", "#if:"])).map("".join)
)
def test_no_nest_of_templates_fails(source: str) -> None:
    assert not re.search("[\0-\x08]", clean_wikitext(f"a {source} b"))


def test_nested_templates_do_not_multiply_their_words() -> None:
    for name in (*_WRITERS, "#if:x", "#switch:a", "padleft:a"):
        source = "word"
        for _ in range(12):
            source = f"{{{{{name}|{source}|2|3|4}}}}"
        assert clean_wikitext(f"a {source} b").count("word") <= 1, name


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1 + 2 * 3", 7), ("(1 + 2) * 3", 9), ("2 ^ 3 ^ 2", 64), ("7 mod 4", 3), ("-3 + 5", 2),
        ("10 / 4", 2.5), ("2.345 round 1", 2.3), ("3 > 2 and 1", 1), ("3 < 2 or 0", 0), ("not 0",
        1),
        ("1e3", 1000), ("trunc 2.7", 2), ("abs -4", 4), ("5 − 3", 2), ("1 = 1.0", 1),
        ("1 / 0", None), ("", None), ("a", None), ("1 +", None), ("(1", None), ("1)", None),
        ("1 2", None), ("9 ^ 9 ^ 9 ^ 9", None), ("sqrt -1", None), ("1e999", None),
    ],
)  # fmt: skip
def test_expressions(text: str, value: float | None) -> None:
    assert evaluate(text) == value


def test_expressions_are_bounded() -> None:
    assert evaluate("1" + "+1" * ((MAX_CHARACTERS - 1) // 2)) == (MAX_CHARACTERS + 1) // 2
    assert evaluate("1" * (MAX_CHARACTERS + 1)) is None
    assert evaluate("(" * (MAX_CHARACTERS // 2) + "1") is None
    assert evaluate("-" * (MAX_CHARACTERS - 2) + "1") == 1


@pytest.mark.parametrize(
    ("name", "silent"),
    [
        ("for", True), ("formula", False), ("main", True), ("mainland", False), ("cite web", True),
        ("citeweb", True), ("sfnm", True), ("note", True), ("notable", False), ("move", True),
        ("movement", False), ("citation needed", True), ("needed", False), ("about", True),
        ("by whom?", True), ("infobox person", True), ("person infobox", True), ("town-stub", True),
        ("or", True), ("order", False), ("coord", True), ("nowrap", False), ("image", True),
        ("imagery", False), ("see also", True), ("seed", False),
    ],
)  # fmt: skip
def test_kinds_that_show_nothing_end_where_a_word_ends(name: str, silent: bool) -> None:
    assert is_silent(name) is silent


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("The {{wall|old}} stands.", "The old stands."),
        ("{{wall|old}} stands.", "old stands."),
        ("* {{wall|old}}", "- old"),
        ("== {{wall|old}} ==\nIt stands.", "old\n\nIt stands."),
        ("{{wall|old}}", ""),
        ("{{wall|old}}\n\nIt stands.", "It stands."),
        ("{{wall|old}} {{tower|new}}\nIt stands.", "It stands."),
        ("{{wall|old}}[[File:a.png]]\nIt stands.", "It stands."),
        ("The {{wall\n| old\n}} stands.", "The stands."),
        ("The {{nowrap|{{wall|old}}}} stands.", "The old stands."),
        ("The {{wall|12|34}} stands.", "The stands."),
        ("The {{wall|12 }} stands.", "The 12 stands."),
        ("The {{wall|12|kg}} stands.", "The 12 kg stands."),
        ("The {{wall|old.png}} {{wall|#ff0000}} {{wall|yes}} stands.", "The stands."),
        ("The {{Template:Nowrap|old}} {{subst:nowrap|wall}} stands.", "The old wall stands."),
        ("The {{nowrap_|old}} {{ Nowrap\n|wall}} stands.", "The old wall stands."),
    ],
)
def test_a_template_that_is_not_known_gives_its_words_in_a_sentence(source: str, text: str) -> None:
    assert clean_wikitext(source) == text


def test_arguments() -> None:
    arguments = read_arguments(
        [f" a{GONE}", "x y = b = c ", "http://d?e=f", "=g", "3 = h", "k" * 50 + "=l"]
    )
    assert arguments.positional == ["a", "http://d?e=f", "=g", "k" * 50 + "=l"]
    assert arguments.named == {"x y": "b = c", "3": "h"}
    assert (arguments.at(0), arguments.at(2), arguments.at(9)) == ("a", "=g", "")
    assert arguments.all() == [*arguments.positional, "h"]
