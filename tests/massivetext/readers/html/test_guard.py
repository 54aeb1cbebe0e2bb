"""Markup that would cost a parser out of all proportion is changed where it means nothing."""

import re

import pytest

from massivetext.readers.html.guard import parse_html


@pytest.mark.parametrize("tag", ["</x a=1>", "</p class='b' >", '</title =a = "a">', "</x/a=1 b>"])
@pytest.mark.parametrize("count", [10, 4_000])  # below and above the tags of a cheap page
def test_attributes_of_end_tags_mean_nothing(tag: str, count: int) -> None:
    plain = re.match(r"</\w+", tag)
    assert plain is not None
    pages = [f"<body>{f'word {end} ' * count}" for end in (tag, plain[0] + ">")]
    assert parse_html(pages[0]).body.text() == parse_html(pages[1]).body.text()
