import pytest
from hypothesis import given
from hypothesis import strategies as st

from massivetext.readers.books.xhtml import xhtml_text

PAGES = {
    "<html><head><title>T</title><style>p{}</style></head><body><p>a</p></body></html>": "a",
    "<title/><script src='x'/><p>a</p>": "a",
    "<p>one\n  two</p>\n\n<p> <i>three</i> <b> four</b></p>": "one two\n\nthree four",
    "<h1>A</h1><p>b<br/>c<br />d</p>": "A\n\nb\nc\nd",
    "<ul><li>a</li><li>b</li></ul>c": "a\nb\n\nc",
    "<div>a<div>b</div></div><div>c</div>": "a\nb\nc",
    "<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>": "a b\nc",
    "<p>x</p><pre>if a:\n    b\n</pre><p>y</p>": "x\n\nif a:\n    b\n\n\ny",
    "a &amp; b &lt;c&gt; d&nbsp;e &#233; &unknown; &#0;&#1;": "a & b <c> d e é &unknown; \ufffd",
    "<!DOCTYPE html [<!ENTITY x 'y'>]><p>a &x;</p>": "a y",
    "<!DOCTYPE html [<!ENTITY x '&#60;p&#62;'><!ENTITY y '&x;&x;'>]>&x;&y;": "&x;&y;",
    "<p>2<sup>80</sup> H<sub>2</sub>O, quay<sup><a href='#n'>3</a></sup></p>": "2^80 H2O, quay",
    "<p>quay<a href='#n'><sup>[3]</sup></a> 1<sup>st</sup> <sup>x</p><p>y</sup>": "quay 1st x\n\ny",
    "is <m:math alttext='E=mc^2'><m:mi>E</m:mi></m:math>.<math/><math>": "is $E=mc^2$.",
    "<?xml version='1.0'?><!-- <p>no</p> --><p>a<!-- b -->c</p>": "ac",
    "<p><![CDATA[a <b> &amp; c]]></p>": "a <b> &amp; c",
    "<!-- a <p>b</p>": "a\n\nb",
    "<p title='a > b' class=\"c\">d</p>": "d",
    "x < y > z <3": "x < y > z <3",
    "<svg><text>a</text><svg/></svg>b<ruby>c<rt>d</rt></ruby>": "bc",
    "<p>a</p></script></head><p>b</p>": "a\n\nb",
    "<p>a\0\x01b</p>": "ab",
    "<svg:svg>a</svg:svg>": "a",
    "": "",
}


@pytest.mark.parametrize("page", PAGES)
def test_each_kind_of_markup(page):
    assert xhtml_text(page) == PAGES[page]


HOSTILE = ["<", "<a ", "<a '", '<a "', "<!--", "<![CDATA[", "<p>", "</p>", "<svg>", "<pre>", "&",
           "<!", "<?", "<script>", "\n", " ", "<br/>", "&#1;", "<p/> "]  # fmt: skip


@pytest.mark.parametrize("part", HOSTILE)
def test_pathological_pages_take_linear_time(part):
    xhtml_text("a" + part * 100_000 + "b")


@given(st.lists(st.sampled_from([*HOSTILE, "a", ">", "-->", "]]>", "'", "/>"])).map("".join))
def test_no_page_raises(page):
    assert not {"\0", "\x01", "\x02"} & set(xhtml_text(page))


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("5<sup>1</sup>/<sub>2</sub> feet", "5 1/2 feet"),
        ("5<sup> 1 </sup>&frasl;<sub>2</sub>", "5 1⁄2"),
        ("7<small><sup>1</sup></small>/<small><sub>2</sub></small>", "7 1/2"),
        ("(<sup>1</sup>/<sub class='x'>2</sub>)", "(1/2)"),
        ("2<sup>1</sup>/2 in", "2 1/2 in"),
        ("10<sup>3</sup>/2", "10^3/2"),
        ("in 1999<sup><a href='#n'>1</a></sup>/<sub>2</sub>", "in 1999/2"),
        ("3 × 10 <sup>6</sup> m", "3 × 10 ^6 m"),
    ],
)
def test_fractions_and_powers(markup: str, text: str) -> None:
    assert xhtml_text(f"<p>{markup}</p>") == text
