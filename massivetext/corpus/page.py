"""The report of a build as one HTML page, which reads on a phone, in the dark and on paper."""

from collections.abc import Mapping
from html import escape
from typing import Any

from massivetext.corpus.report import Table, report_tables

# A table that is wider than the screen scrolls on its own, its first column staying in view.
_STYLE = """:root{color-scheme:light dark;--back:#fff;--text:#1b1b1b;--dim:#595959;--line:#d9d9d9}
@media(prefers-color-scheme:dark){:root{--back:#15181b;--text:#e4e6e8;--dim:#a3abb3;--line:#363c42}}
body{font:16px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:72rem;padding:0 1rem;
background:var(--back);color:var(--text)}
h2{font-size:1.3rem;margin:2rem 0 .5rem}.scroll{overflow-x:auto}
table{border-collapse:collapse;font-variant-numeric:tabular-nums}
td,th{padding:.15rem .8rem;text-align:right;white-space:nowrap;border-bottom:1px solid var(--line)}
thead th{border-bottom:2px solid var(--dim);vertical-align:bottom}
tbody th{font-weight:inherit}.sum{font-weight:600}
.part{color:var(--dim)}.part th{padding-left:1.6rem}
td:first-child,th:first-child{text-align:left;position:sticky;left:0;background:var(--back)}
@media(max-width:45rem){body{font-size:14px;margin:1rem auto}h1{font-size:1.5rem}
td,th{padding:.15rem .45rem}.part th{padding-left:1rem}
th{white-space:normal}th:first-child{min-width:8.2rem;max-width:9rem}}"""


def as_html(manifest: Mapping[str, Any]) -> str:
    """Returns the report as one HTML page; everything in it is escaped."""
    body = "\n".join(map(_section, report_tables(manifest)))
    recipe = escape(manifest["recipe_sha256"][:12])
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>MassiveText</title><style>{_STYLE}</style><h1>MassiveText</h1>"
        f"<p>Recipe {recipe}, version {escape(manifest['version'])}.</p>\n{body}\n</html>\n"
    )


def _section(table: Table) -> str:
    """Returns a table under its title; a table of one column is a list of sentences."""
    title = escape(table.title)
    if len(table.heads) == 1:
        items = "".join(f"<li>{escape(line)}</li>" for (line,) in table.rows)
        return f"<h2>{title}</h2><ul>{items}</ul>"
    heads = "".join(f'<th scope="col">{_breakable(head)}</th>' for head in table.heads)
    parted = any(row[0].startswith(" ") for row in table.rows)
    rows = "".join(_row(row, parted) for row in table.rows)
    return (
        f'<h2>{title}</h2><div class="scroll" role="region" aria-label="{title}" tabindex="0">'
        f"<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _row(row: list[str], parted: bool) -> str:
    """Returns a row; where some are indented as parts of others, those others stand out."""
    kind = "part" if row[0].startswith(" ") else "sum" if parted or row[0] == "total" else ""
    cells = "".join(f"<td>{escape(cell)}</td>" for cell in row[1:])
    opening = f'<tr class="{kind}">' if kind else "<tr>"
    return f'{opening}<th scope="row">{_breakable(row[0].strip())}</th>{cells}</tr>'


def _breakable(name: str) -> str:
    """Returns a name that may go on in another line after each `_`."""
    return escape(name).replace("_", "_<wbr>")
