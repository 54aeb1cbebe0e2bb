"""The report of a build: what came in, what was dropped and why, and the mixture that came out."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from massivetext.config.sources import ordered
from massivetext.corpus.remarks import remarks
from massivetext.reasons import Reason

Manifest = Mapping[str, Any]
_FILTERS = ("documents", "duplicates", "overlap")


class Table(NamedTuple):
    """A table: a title, the heads of its columns, its rows."""

    title: str
    heads: list[str]
    rows: list[list[str]]


def report_tables(manifest: Manifest) -> list[Table]:
    """Returns the tables of a build's manifest; stages that have not run are left out."""
    stages = manifest["stages"]
    tables = []
    if "documents" in stages:
        tables.append(funnel(stages))
        own = own_functions(stages)
        tables += [t for t in (own, masked(stages), opt_outs(stages)) if t.rows]
    if "sequences" in stages:
        tables += [mixture(stages), token_table(stages)]
        if found := remarks(stages):
            heads = ["on the mixture and the splits"]
            tables.append(Table("Remarks", heads, [[line] for line in found]))
    tables.append(timings(stages))
    return tables


def _sources(stages: Manifest) -> list[str]:
    there = stages["documents"]["sources"]
    return [source for source in ordered(there) if source in there]


def funnel(stages: Manifest) -> Table:
    """Returns records read, dropped by reason in the order of the stages, and kept, by source.

    The last two columns are all sources together, and their share of all records.
    """
    sources = _sources(stages)
    records = [stages["documents"]["sources"][s]["records"] for s in sources]
    counts = [("records", records)]
    for stage in _FILTERS:
        if stage in stages:
            counts += _drops(stages[stage]["sources"], sources)
            kept = [stages[stage]["sources"][s]["kept"] for s in sources]
            counts.append((f"after {stage}", kept))
    rows = [
        [name, *map(_number, (*row, sum(row))), _percent(sum(row), sum(records))]
        for name, row in counts
    ]
    return Table("Funnel: documents by source", ["", *sources, "total", "share"], rows)


def _drops(totals: Manifest, sources: list[str]) -> Iterator[tuple[str, list[int]]]:
    """Yields the reasons of a stage with their counts; those that dropped nothing are left out."""
    own = {reason for source in sources for reason in totals[source]["dropped"]} - set(Reason)
    for reason in (*Reason, *sorted(own)):
        counts = [totals[source]["dropped"].get(reason, 0) for source in sources]
        if any(counts):
            yield f"  {reason}", counts
    errors = [totals[source].get("errors", 0) for source in sources]
    if any(errors):
        yield "  unreadable", errors


def own_functions(stages: Manifest) -> Table:
    """Returns what the recipe's own rules and transforms cost; no rows where it has none."""
    calls: dict[str, int] = {}
    spent: dict[str, int] = {}
    for total in stages["documents"]["sources"].values():
        for name, count in total.get("own_calls", {}).items():
            calls[name] = calls.get(name, 0) + count
            spent[name] = spent.get(name, 0) + total["own_microseconds"][name]
    rows = [
        [name, _number(count), f"{spent[name] / 1e6:.2f}", f"{spent[name] / max(count, 1):.1f}"]
        for name, count in sorted(calls.items())
    ]
    heads = ["function", "documents", "seconds", "µs a document"]
    return Table("Rules and transforms of your own", heads, rows)


def masked(stages: Manifest) -> Table:
    """Returns what was masked of personal data in kept documents; no rows where nothing was to be.

    "documents" are those with any: as many could match a copy or a test set that they no longer do.
    """
    return _by_source(stages, "masked", "Personal data masked, in kept documents")


def opt_outs(stages: Manifest) -> Table:
    """Returns how many pages, kept or dropped, give which signal against their use."""
    return _by_source(stages, "opt_outs", "Pages with signals on their use, kept or dropped")


def _by_source(stages: Manifest, key: str, title: str) -> Table:
    sources = [s for s in _sources(stages) if key in stages["documents"]["sources"][s]]
    counts = [stages["documents"]["sources"][s][key] for s in sources]
    names = list(dict.fromkeys(name for count in counts for name in count))
    rows = [[n.replace("_", " "), *(_number(c.get(n, 0)) for c in counts)] for n in names]
    return Table(title, ["", *sources], rows)


def mixture(stages: Manifest) -> Table:
    """Returns training sequences, share, passes and epochs of each source."""
    tokens, written = stages["tokens"]["sources"], _train(stages)
    counts = stages["sequences"]["sequences"]
    held = {source: counts.get(f"validation_{source}", {}).get(source, 0) for source in tokens}
    total = sum(written.values())
    rows = [
        [
            source,
            _number(written.get(source, 0)),
            _percent(written.get(source, 0), total),
            f"{tokens[source]['passes']:.3f}",
            f"{tokens[source]['epochs']:.3f}",
            _number(held[source]),
        ]
        for source in tokens
    ]
    rows.append(
        ["total", _number(total), _percent(total, total), "", "", _number(sum(held.values()))]
    )
    heads = ["source", "train sequences", "share", "passes", "token epochs", "validation"]
    return Table("Mixture", heads, rows)


def _train(stages: Manifest) -> dict[str, int]:
    written: dict[str, int] = {}
    for split, counts in stages["sequences"]["sequences"].items():
        if split.startswith("train"):
            for source, count in counts.items():
                written[source] = written.get(source, 0) + count
    return written


def token_table(stages: Manifest) -> Table:
    """Returns where the encoded training tokens of each source went."""
    accounts = stages["sequences"]["tokens"]
    names = ("encoded", "written", "tails", "surplus")
    lines = {source: [account[n] for n in names] for source, account in accounts.items()}
    lines["total"] = [sum(column) for column in zip(*lines.values(), strict=True)]
    rows = [[source, *map(_number, line)] for source, line in lines.items()]
    return Table("Training tokens: encoded = written + tails + surplus", ["source", *names], rows)


def timings(stages: Manifest) -> Table:
    """Returns seconds, parts and shuffled bytes of each stage."""
    rows = []
    for name, stage in stages.items():
        shuffled = stage.get("shuffled_bytes") or {}
        total = shuffled.get("total", 0) if isinstance(shuffled, Mapping) else shuffled
        rows.append([name, f"{stage['seconds']:.1f}", _number(stage["parts"]), _number(total)])
    return Table("Stages", ["stage", "seconds", "parts", "bytes shuffled"], rows)


def _number(value: int) -> str:
    return f"{value:,}"


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / (whole or 1):.2f} %"


def as_text(table: Table) -> str:
    """Returns a table in plain text: the first column left, the others right.

    >>> print(as_text(Table("T", ["", "web"], [["kept", "12"]])))
    T
          web
    kept   12
    """
    lines = [table.heads, *table.rows]
    widths = [max(len(line[i]) for line in lines) for i in range(len(table.heads))]
    text = [table.title]
    for first, *rest in lines:
        cells = [cell.rjust(width) for cell, width in zip(rest, widths[1:], strict=True)]
        text.append("  ".join([first.ljust(widths[0]), *cells]).rstrip())
    return "\n".join(text)
