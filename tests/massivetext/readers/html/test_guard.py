"""Markup that would cost a parser out of all proportion is changed where it means nothing."""

import re

import pytest

from massivetext.readers.html.guard import parse_html


@pytest.mark.parametrize(
    "tag",
    [
        *("</x a=1>", "</p class='b' >", '</title =a = "a">', "</x/a=1 b>", "</x a='>'>"),
        *('</x x<y b="c">', '</x b="<">', "</x <=c>"),
    ],
)
@pytest.mark.parametrize("count", [10, 12_000])  # below and above the tags of a cheap page
def test_attributes_of_end_tags_mean_nothing(tag: str, count: int) -> None:
    plain = re.match(r"</\w+", tag)
    assert plain is not None
    pages = [f"<body>{f'word {end} ' * count}" for end in (tag, plain[0] + ">")]
    assert parse_html(pages[0]).body.text() == parse_html(pages[1]).body.text()


@pytest.mark.parametrize("name", ["script", "style", "textarea", "title", "xmp", "iframe"])
def test_ends_of_raw_text_have_no_values_either(name: str) -> None:
    pages = [f"<body>{f'<{name}></b a=1></{name}{rest}>word ' * 6_000}" for rest in ("", " a=1")]
    assert parse_html(pages[0]).html == parse_html(pages[1]).html
    assert parse_html(pages[0]).html.count("b a=1") == 6_000  # text, no end tag
