"""Main text of pages: what it keeps, how well it finds it, and pages made to break it."""

import gzip
import json
import re
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from massivetext.document import Document, Origin
from massivetext.errors import RecordError
from massivetext.limits import MAX_HTML_ATTRIBUTES, MAX_HTML_TAGS
from massivetext.readers.html.extract import extract_text
from massivetext.readers.warc.read import read_warc

PAGE = """<html><head><title>Bread</title><style>p {}</style></head><body>
<nav><ul><li><a href=/>Home</a><li><a href=/x>More</a></ul></nav>
<h1>How to bake bread</h1>
<article>
<p>Bread is made of flour, water, salt and yeast. It needs time &mdash; more than <b>work</b>.</p>
<h2>What you need</h2>
<ul><li>500 g flour<li>Water<ul><li>325 g, lukewarm</ul><li>10 g salt</ul>
<h2>Steps</h2>
<ol><li>Mix.</li><li>Wait one hour.<br>Fold twice.</li><li><p>Bake.</p></li></ol>
<table><tr><th>Flour<th>Water<tr><td>white<td>65 %</table>
<pre>def hydrate(flour, share):
    # grams of water
    return flour * share</pre>
<p>The crust is done when it sounds hollow.<br>Let it cool on a rack.</p>
<div class="share-bar">Share this page with your friends and family on all networks</div>
<h3>Related</h3><ul><li><a href=/a>Ten more recipes for bakers</a><li><a href=/b>And ten</a></ul>
<p hidden>You cannot see this paragraph, however long it may be, for it is hidden away.</p>
<script>var text = "<p>nor this";</script>
</article>
<footer>All rights reserved by the people who made this page and its recipes.</footer>"""

TEXT = """Bread is made of flour, water, salt and yeast. It needs time — more than work.

What you need

- 500 g flour
- Water
  - 325 g, lukewarm
- 10 g salt

Steps

1. Mix.
2. Wait one hour.
  Fold twice.
3. Bake.

Flour\tWater
white\t65 %

def hydrate(flour, share):
    # grams of water
    return flour * share

The crust is done when it sounds hollow.
Let it cool on a rack."""


def test_formatting_is_kept_and_boilerplate_is_not() -> None:
    assert extract_text(PAGE) == TEXT


def test_rows_keep_their_linked_cells_and_tables_of_links_go() -> None:
    prose = f"<p>{'The rivers of the country are long and many. ' * 5}</p>"
    row = "<tr><td><a href=/r>Volga</a></td><td>3,531 km long</td><td>in Europe</td></tr>"
    table = extract_text(f"<body>{prose}<table>{row}{row.replace('Volga', 'Lena')}</table>")
    assert table.endswith("Volga\t3,531 km long\tin Europe\nLena\t3,531 km long\tin Europe")
    links = "<tr><td><a href=/t>A long title of a page</a></td><td>17</td></tr>" * 9
    assert extract_text(f"<body>{prose}<table>{links}</table>") == extract_text(f"<body>{prose}")


def test_list_items_without_text_have_no_bullet() -> None:
    page = "<p>Our partners:<ul><li><a href=/><img src=a></a></li><li>A library{}</ul><p>Thank you."
    assert extract_text(page.format("")) == "Our partners:\n\n- A library\n\nThank you."
    below = page.format("<ul><li><img src=b><li>its friends<li> </ul>")
    text = "Our partners:\n\n- A library\n  - its friends\n\nThank you."
    assert extract_text(below) == text
    assert extract_text("<p>None:<ul><li><img src=a></li><li></li></ul>") == "None:"


def test_names_of_boilerplate_count_unless_they_tell_kinds_of_a_block() -> None:
    prose = f"<p>{'The rivers of the country are long and many. ' * 20}</p>"
    page = f"<body>{prose}<div class='{{}}'><p>{'Lakes are many there, too. ' * 4}</p></div>"
    for name in ("sidebar", "left-sidebar", "page sidebar_left"):
        assert "Lakes" not in extract_text(page.format(name))
    for name in ("layout--sidebar-left", "bookshare", "sub_sections"):
        assert "Lakes" in extract_text(page.format(name))


def test_article_body_stands_in_for_text_that_scripts_would_write() -> None:
    body = "The text of this page is written by a script when it is shown. " * 5
    script = json.dumps({"@type": "Article", "articleBody": body})
    page = f"<body><script type='application/ld+json'>{script}</script><p>Loading the page …</p>"
    assert extract_text(page) == body.strip()
    assert extract_text(page.replace("Loading", "Loading" * 200)).startswith("Loading")


@pytest.mark.parametrize("html", ["", " ", "<", "<html>", "<p></p>", "\0", "<!-- x", "<script>x"])
def test_pages_without_text(html: str) -> None:
    assert extract_text(html).strip("<") == ""


def test_text_without_markup_is_text() -> None:
    assert extract_text("Just a line of plain text.") == "Just a line of plain text."


@given(st.text(max_size=300))
def test_any_text_gives_text_that_utf_8_can_hold(html: str) -> None:
    for page in (html, f"<p>{html}</p>", f'<div class="{html}"><p>{html}', f"<pre>{html}"):
        text = extract_text(page)
        assert "\0" not in text
        assert text.encode("utf-8") is not None
        assert extract_text(page) == text


TAGS = ("p", "div", "ul", "li", "table", "tr", "td", "h1", "a", "pre", "b", "article", "form")
TREES = st.recursive(
    st.text("ab <>&", max_size=50),
    lambda inner: st.builds(
        lambda tag, parts, close: f"<{tag}>{''.join(parts)}{close and f'</{tag}>'}",
        st.sampled_from(TAGS),
        st.lists(inner, max_size=5),
        st.sampled_from((True, "")),
    ),
)


@given(TREES)
def test_any_markup_is_read(html: str) -> None:
    text = extract_text(html)
    assert text.strip("\n") == text
    assert Counter(re.findall("[ab]", text)) <= Counter(re.findall("[ab]", html))


@pytest.mark.parametrize("tag", ["div", "span", "b", "font", "blockquote", "section", "ins"])
@pytest.mark.parametrize("closed", [True, False])
def test_nesting_100_000_deep_keeps_its_text(tag: str, closed: bool) -> None:
    deep = "This sentence stands at the bottom of a very deep page, and it is kept."
    page = f"<{tag}>" * 100_000 + deep + f"</{tag}>" * 100_000 * closed
    assert extract_text(page) == deep


@pytest.mark.parametrize("tags", [("ul", "li"), ("table", "tr", "td"), ("p", "div"), ("dl", "dd")])
def test_nesting_of_several_tags_keeps_its_text(tags: tuple[str, ...]) -> None:
    deep = "This sentence stands at the bottom of a very deep page, and it is kept."
    assert deep in extract_text("".join(f"<{tag}>" for tag in tags) * 50_000 + deep)


def numbered(form: str, count: int) -> str:
    return "".join(form.format(n) for n in range(count))


@pytest.mark.parametrize(
    "html",
    [
        numbered("<p><b a={}></p>", 5_000) + "<p>x" * 20_000,  # formatting opened ever again
        numbered("<p><i a={}>", 1_400) + "<p>x" * 1_400,
        "<table>" + "<b>x" * 3_000 + "<tr>" * 3_000,
        pytest.param("<p>x" * MAX_HTML_TAGS, marks=pytest.mark.heavy),
        "<p>x" * 100_000,
        "<!--" * 100_000,
        "<!--" + "x" * 10_000_000,
        "&amp;" * 2_000_000,
        '<p class="' + "share " * 500_000 + '">x',
        '<p style="' + "display " * 500_000 + '">x',
        '"articleBody":"' + "a" * 10_000_000,
        '"articleBody":"a\\"' * 500_000,
        "<script>" + "<x " * 200_000,
        "<svg><style>" + "<g>" * 100_000,
        "<select><option>" * 100_000,
        "<html a=b><body c=d>" * 100_000,
        "<p>" + "word " * 1_000_000,  # a line of 5 MB
    ],
    ids=lambda html: f"{html[:12]} {len(html)}",
)
def test_pages_made_to_exhaust_a_parser_are_read(html: str) -> None:
    assert len(extract_text(html)) <= len(html)


def test_too_many_tags_are_an_error() -> None:
    with pytest.raises(RecordError, match=f"{MAX_HTML_TAGS + 1} tags"):
        extract_text("<p>" * (MAX_HTML_TAGS + 1))


@pytest.mark.parametrize("before", ["", "<p>Some text.</p>" * 100, "<script>a < b; '</script>"])
def test_too_many_attributes_are_an_error(before: str) -> None:
    tag = f"<div {numbered('a{}=1 ', MAX_HTML_ATTRIBUTES)}b='{'long' * 10_000}'"
    fewer = tag.replace("a0=1", "")
    assert extract_text(f"{before}{fewer}>") == extract_text(before)
    with pytest.raises(RecordError, match="attributes"):
        extract_text(f"{before}{tag}>")


def test_a_tag_behind_a_quoted_angle_bracket_is_seen_on_a_long_page() -> None:
    tag = f"<div a='>' {numbered('a{}=1 ', 2 * MAX_HTML_ATTRIBUTES)}>"
    with pytest.raises(RecordError, match="attributes"):
        extract_text(tag + "<p>five words of some text" * (1 << 16))


# The development pages of six public sets, and how well the text agrees with what people marked.

TEXT_SETS = ("aeb", "fundus-news", "newspaper", "readability")
MIN_GOLD = 120  # characters; 12 shorter rows are notes or captions, not the page's text
WORD = re.compile(r"\w+")


def pages_of(folder: Path, name: str) -> list[tuple[str, dict[str, str]]]:
    """Returns the text of each page of a set with its gold row."""
    with gzip.open(folder / f"{name}-dev.gold.jsonl.gz", "rt") as lines:
        rows = {row["url"]: row for row in map(json.loads, lines)}
    with (folder / f"{name}-dev.warc.gz").open("rb") as file:
        records = list(read_warc(file, Origin("web", name)))
    texts = {item.url: item.text for item in records if isinstance(item, Document)}
    return [(texts.get(url, ""), row) for url, row in rows.items()]


def word_f1(text: str, gold: str) -> float:
    got, want = (Counter(WORD.findall(part.lower())) for part in (text, gold))
    return 2 * (got & want).total() / max(1, got.total() + want.total())


def segment_shares(pages: list[tuple[str, dict[str, str]]]) -> tuple[float, float]:
    """Returns the share of wanted segments found, and of unwanted ones absent."""
    found: dict[str, list[bool]] = {"with": [], "without": []}
    for text, row in pages:
        line = " ".join(text.split())
        for kind, hits in found.items():
            hits += [" ".join(part.split()) in line for part in row[kind]]
    wanted, unwanted = found["with"], found["without"]
    return sum(wanted) / len(wanted), 1 - sum(unwanted) / len(unwanted)


def test_text_agrees_with_gold(real_data: Path) -> None:
    means = []
    for name in TEXT_SETS:
        pages = [page for page in pages_of(real_data / "extraction", name)
                 if len(page[1]["text"]) >= MIN_GOLD]  # fmt: skip
        scores = [word_f1(text, row["text"]) for text, row in pages]
        means.append(sum(scores) / len(scores))
    assert sum(means) / len(means) >= 0.955


def test_segments_agree_with_gold(real_data: Path) -> None:
    pages = pages_of(real_data / "extraction", "trafilatura")
    assert sum(segment_shares(pages)) / 2 >= 0.93


@pytest.mark.heavy
def test_pages_of_all_types_agree_with_gold(real_data: Path) -> None:
    pages = [page for page in pages_of(real_data / "extraction", "wcxb") if page[1]["text"]]
    scores: dict[str, list[float]] = {}
    for text, row in pages:
        scores.setdefault(row["page_type"], []).append(word_f1(text, row["text"]))
    means = {kind: sum(values) / len(values) for kind, values in scores.items()}
    assert means["article"] >= 0.94
    assert min(means.values()) >= 0.70
    assert sum(map(sum, scores.values())) / len(pages) >= 0.82
