"""The report: its totals are sums of its columns, and its page is readable on any screen."""

import re
from html.parser import HTMLParser
from typing import Any

import pytest

from massivetext.corpus.page import as_html
from massivetext.corpus.report import Table, report_tables

COUNTS = {"web": (1_000, 40, 900), "forum<i>": (10, 3, 7)}
MANIFEST: dict[str, Any] = {
    "recipe_sha256": "0123456789abcdef",
    "version": "1 & 2",
    "stages": {
        "documents": {
            "seconds": 1.0,
            "parts": 2,
            "sources": {
                name: {
                    "records": records,
                    "kept": kept,
                    "errors": 60 if name == "web" else 0,
                    "dropped": {"word_count": dropped, "my_<own>": 0 if name == "web" else 2},
                }
                for name, (records, dropped, kept) in COUNTS.items()
            },
        },
        "tokens": {
            "seconds": 1.0,
            "parts": 2,
            "sources": {name: {"passes": 1.0, "epochs": 0.5} for name in COUNTS},
        },
        "sequences": {
            "seconds": 1.0,
            "parts": 2,
            "splits": {"train": {"sequences": 4, "shards": 5}},
            "sequences": {"train": {"web": 3, "forum<i>": 1}, "validation_web": {"web": 2}},
            "tokens": {
                name: {"encoded": 9 * n, "written": 4 * n, "tails": 3 * n, "surplus": 2 * n}
                for n, name in enumerate(COUNTS, 1)
            },
        },
    },
}


@pytest.fixture(scope="module")
def tables() -> dict[str, Table]:
    return {table.title.split(":")[0]: table for table in report_tables(MANIFEST)}


def test_the_funnel_has_totals_and_shares_and_no_empty_rows(tables: dict[str, Table]) -> None:
    assert tables["Funnel"].heads == ["", "web", "forum<i>", "total", "share"]
    assert tables["Funnel"].rows == [
        ["records", "1,000", "10", "1,010", "100.00 %"],
        ["  word_count", "40", "3", "43", "4.26 %"],
        ["  my_<own>", "0", "2", "2", "0.20 %"],
        ["  unreadable", "60", "0", "60", "5.94 %"],
        ["after documents", "900", "7", "907", "89.80 %"],
    ]


def test_mixture_and_tokens_end_with_their_sums(tables: dict[str, Table]) -> None:
    assert tables["Mixture"].rows[-1] == ["total", "4", "100.00 %", "", "", "2"]
    assert tables["Training tokens"].rows[-1] == ["total", "27", "12", "9", "6"]


class Rows(HTMLParser):
    """The text of each row's cells, and of what stands in none."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self._inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th"):
            self.rows[-1].append("")
            self._inside = True

    def handle_endtag(self, tag: str) -> None:
        self._inside = self._inside and tag not in ("td", "th")

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.rows[-1][-1] += data


def test_the_page_has_all_cells_in_tables_that_scroll(tables: dict[str, Table]) -> None:
    page = as_html(MANIFEST)
    assert '<meta name="viewport" content="width=device-width,initial-scale=1">' in page
    assert "<p>Recipe 0123456789ab, version 1 &amp; 2.</p>" in page
    assert "<i>" not in page
    read = Rows()
    read.feed(page)
    shown = [table for table in tables.values() if len(table.heads) > 1]
    expected = [[cell.strip() for cell in row] for t in shown for row in [t.heads, *t.rows]]
    assert read.rows == expected
    scrolls = re.findall(r'<div class="scroll"[^>]* tabindex="0"><table>.*?</table></div>', page)
    assert len(scrolls) == page.count("<table>") == len(shown)
    assert "<ul><li>train: 5 shards for 4 sequences; lower sequences.shards</li></ul>" in page


def colors(style: str) -> dict[str, str]:
    return dict(re.findall(r"--(\w+):(#[0-9a-f]+)", style))


def luminance(color: str) -> float:
    """Relative luminance of `#rgb` or `#rrggbb`, as WCAG 2 defines it."""
    digits = color[1:] if len(color) == 7 else "".join(2 * digit for digit in color[1:])
    parts = [int(digits[n : n + 2], 16) / 255 for n in (0, 2, 4)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_text_has_contrast_in_the_light_and_in_the_dark() -> None:
    light, dark = as_html(MANIFEST).split("@media(prefers-color-scheme:dark)")[:2]
    for style in (light, dark.split("}}")[0]):
        found = colors(style)
        assert set(found) == {"back", "text", "dim", "line"}
        for name in ("text", "dim"):
            bright, low = sorted((luminance(found[name]), luminance(found["back"])), reverse=True)
            assert (bright + 0.05) / (low + 0.05) >= 7, (name, found)
