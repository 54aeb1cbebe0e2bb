"""Markup that would cost a parser out of all proportion is changed where it means nothing."""

import re

import pytest

from massivetext.errors import RecordError
from massivetext.limits import MAX_HTML_ATTRIBUTES
from massivetext.readers.html.guard import LONG_NAME, parse_html


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


@pytest.mark.parametrize(
    "page",
    [
        "<title>on\0e</title><p>tw\0o",
        "<di\0v>a</di\0v><p title='\0x'>b<!--\0-->c",
        "\0<pre>\0\nx</pre><textarea>\0y</textarea>\0\0",
    ],
)
def test_nuls_in_great_number_are_left_out(page: str) -> None:
    """Each is an error that the parser keeps; a few are what the standard makes of them."""
    few, many = page + "\0" * 9_990, page + "\0" * 10_001
    assert parse_html(many).html == parse_html(page.replace("\0", "")).html != parse_html(few).html


@pytest.mark.parametrize("filler", ['"', "'", "=", '"a', "=a", "a'"])
@pytest.mark.parametrize(
    "begin", ["<x ", "<x a ", '<x a="b"', "<x a=b", "<x a =", "</x b=c", "<x/"]
)
def test_a_long_name_counts_for_many(begin: str, filler: str) -> None:
    """Errors inside tags, which the parser keeps, are bounded as attributes are."""
    most = MAX_HTML_ATTRIBUTES * LONG_NAME
    assert parse_html(f"<p>text{begin}{filler * (100_000 // len(filler))}>more").body
    with pytest.raises(RecordError, match="a tag of more than 1000 attributes"):
        parse_html(f"<p>text{begin}{filler * (4 * most // len(filler))}>more")


@pytest.mark.parametrize("quote", ['"', "'"])
def test_a_value_in_quotes_may_be_long(quote: str) -> None:
    other = "'" if quote == '"' else '"'
    value = f"data:{'=[x>' * 100}{other}" * 10_000
    page = parse_html(f"<p>text<img src={quote}{value}{quote}>more")
    assert page.css_first("img").attributes["src"] == value
