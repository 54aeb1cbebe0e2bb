"""Sixty pages of our own with a listing, a table or a formula each, as sites write them."""

import itertools
from collections.abc import Iterator
from html import escape
from typing import Final, NamedTuple

_PROSE: Final = (
    "The harbour of the town was built in three steps, and each of them can still be seen today.",
    "Engineers came from the capital to measure the depth of the water twice a day for a year.",
    "What follows is taken from their notes, which lie in the archive and may be read by anyone.",
    "The results were printed the year after, and the town paid for two hundred copies of them.",
    "Nobody has repeated the measurements since, though the sand has moved to the other side.",
)
_LISTINGS: Final = (
    "def depth(tide, sand):\n    if tide < sand:\n        return 0\n    return tide - sand",
    "for (int i = 0; i < n; i++) {\n  sum += a[i];\n\n  if (sum > 9) break;\n}",
    "SELECT name, depth\n  FROM ports\n WHERE depth > 4\n ORDER BY name;",
    "$ make all\n$ ./tide --year 1902 \\\n    --port north\ndone",
)
_LISTING_MARKUP: Final = (
    "<pre>{0}</pre>",
    '<pre><code class="language-x">{0}</code></pre>',
    '<div class="highlight"><pre><span></span>{spans}</pre></div>',
    "<pre>{breaks}</pre>",
    '<div class="code">{indented}</div>',
)
_ROWS: Final = (
    (("Port", "Depth", "Year"), ("North", "4.1 m", "1902"), ("South", "3.7 m", "1911")),
    (("Name", "Use"), ("rope", "to tie a boat"), ("lamp", "to see at night"), ("oar", "to row")),
    (("Month", "High", "Low", "Mean"), ("May", "5.1", "1.2", "3.3"), ("June", "5.4", "1.0", "3.1")),
    (("Ship", "Captain"), ("Anna", "J. Holm"), ("Berta", "K. Lund"), ("Clara", "M. Dahl")),
)
_TABLE_MARKUP: Final = ("plain", "head", "paragraphs", "linked", "spans")
_FORMULAS: Final = (
    r"h = \frac{a+b}{2}",
    r"\int_0^1 x^2\,dx = \frac{1}{3}",
    r"\sum_{i=1}^{n} i = \frac{n(n+1)}{2}",
    r"v = \sqrt{2gh}",
)
_FORMULA_MARKUP: Final = (
    r"<p>\({0}\)</p>",
    "<p>$${0}$$</p>",
    '<p><script type="math/tex">{raw}</script></p>',
    '<p><math><semantics><mrow><mi>h</mi></mrow><annotation encoding="application/x-tex">{0}'
    "</annotation></semantics></math></p>",
    '<p><img class="tex" alt="{0}" src="f.png"></p>',
)
_PAGE: Final = """<!doctype html><html><head><title>Harbour</title></head><body>
<nav><ul><li><a href="/">Home</a></li><li><a href="/m">Maps</a></li></ul></nav>
<article><h1>The harbour</h1><p>{0}</p><p>{1}</p><p>{2}</p>
{block}
<p>{3}</p><p>{4}</p></article>
<footer><p>All rights reserved by the harbour office.</p></footer></body></html>"""


class MarkupPage(NamedTuple):
    """A page and what must be kept of its block: lines in order, each of cells in order."""

    kind: str
    html: str
    lines: list[tuple[str, ...]]


def markup_pages() -> list[MarkupPage]:
    """Returns the 60 pages: 20 of listings, 20 of tables, 20 of formulas."""
    return [*_listing_pages(), *_table_pages(), *_formula_pages()]


def _filled(block: str) -> str:
    return _PAGE.format(*_PROSE, block="\1").replace("\1", block)


def _listing_pages() -> Iterator[MarkupPage]:
    for text, markup in itertools.product(_LISTINGS, _LISTING_MARKUP):
        code = escape(text)
        words = " ".join(f"<span>{word}</span>" if word else "" for word in code.split(" "))
        forms = {
            "spans": words,
            "breaks": code.replace("\n", "<br>"),
            "indented": code.replace("  ", "\xa0\xa0").replace("\n", "<br>\n"),
        }
        lines = [(line,) for line in text.split("\n") if line]
        yield MarkupPage("listing", _filled(markup.format(code, **forms)), lines)


def _table_pages() -> Iterator[MarkupPage]:
    for rows, markup in itertools.product(_ROWS, _TABLE_MARKUP):
        lines = [tuple(row) for row in rows]
        yield MarkupPage("table", _filled(_table(lines, markup)), lines)


def _table(rows: list[tuple[str, ...]], markup: str) -> str:
    form = {"paragraphs": "<p>{}</p>", "linked": '<a href="/x">{}</a>', "spans": "<span>{}</span>"}
    cell = form.get(markup, "{}")
    lines = []
    for number, row in enumerate(rows):
        tag = "th" if number == 0 else "td"
        inner = [  # links stand in the first column, as in tables that lead to other pages
            (cell if markup != "linked" or column == 0 else "{}").format(text)
            for column, text in enumerate(row)
        ]
        lines.append("<tr>" + "".join(f"<{tag}>{text}</{tag}>" for text in inner) + "</tr>")
    if markup == "head":
        lines[0] = f"<thead>{lines[0]}</thead><tbody>"
        lines.append("</tbody>")
    return f"<table>{''.join(lines)}</table>"


def _formula_pages() -> Iterator[MarkupPage]:
    for text, markup in itertools.product(_FORMULAS, _FORMULA_MARKUP):
        block = markup.replace("{0}", escape(text)).replace("{raw}", text)
        yield MarkupPage("formula", _filled(block), [(text,)])


def is_kept(page: MarkupPage, text: str) -> bool:
    """Returns whether a page's block is whole in a text.

    Its lines follow each other with no other line between; a listing's keep their indent relative
    to the first, a table's cells stand in order between tabs or ``|``, a formula keeps its TeX but
    for white space.
    """
    if page.kind == "formula":
        return "".join(page.lines[0][0].split()) in "".join(text.split())
    got = [_as_row(line) if page.kind == "table" else (line.rstrip(),) for line in _lines(text)]
    want = [tuple(cell.rstrip() for cell in line) for line in page.lines]
    return any(
        _same(got[at : at + len(want)], want, page.kind) for at in range(len(got) - len(want) + 1)
    )


def _lines(text: str) -> list[str]:
    """Returns the lines that hold more than rules of a table."""
    return [line for line in text.replace("\xa0", " ").split("\n") if line.strip(" |-:\t")]


def _as_row(line: str) -> tuple[str, ...]:
    parts = line.replace("|", "\t").split("\t")
    return tuple(part.strip() for part in parts if part.strip())


def _same(got: list[tuple[str, ...]], want: list[tuple[str, ...]], kind: str) -> bool:
    if kind == "table":
        return got == want
    indent = len(got[0][0]) - len(got[0][0].lstrip())
    return [
        (line[0][indent:] if not line[0][:indent].strip() else line[0],) for line in got
    ] == want
