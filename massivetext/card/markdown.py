"""A data card of a build in Markdown."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from massivetext import paper
from massivetext.card.facts import CardFacts, SourceFacts

_TOP = 20  # hosts of a source
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>|#~])")
_OF_PAPER = {subset.name: subset for subset in paper.SUBSETS}


def as_markdown(facts: CardFacts, top: int = _TOP) -> str:
    """Returns the card: sizes beside the paper's, hosts, dates, languages, licences, the recipe."""
    sections = (
        _head(facts),
        _sizes(facts),
        _mixture(facts),
        _hosts(facts, top),
        _dates(facts),
        _counts(facts, "languages", "Languages", "as the filter judged them"),
        _counts(facts, "licences", "Licences", "of code, as its rows name them"),
        _dropped(facts),
        _masked(facts),
        _opt_outs(facts, top),
        _again(facts),
    )
    return "\n\n".join("\n".join(section) for section in sections) + "\n"


def plain(text: str) -> str:
    r"""Returns a text of strangers for a line of Markdown: nothing in it is markup or control.

    >>> plain("a|b\n*c*")
    'a\\|b\\n\\*c\\*'
    """
    return "".join(_SPECIAL.sub(r"\\\1", c) if c.isprintable() else _escape(c) for c in text)


def _escape(char: str) -> str:
    return char.encode("unicode_escape").decode()


def table(heads: list[str], rows: Iterable[list[str]]) -> Iterator[str]:
    """Yields the lines of a table, numbers to the right."""
    yield f"| {' | '.join(heads)} |"
    yield f"|---|{'---:|' * (len(heads) - 1)}"
    yield from (f"| {' | '.join(row)} |" for row in rows)


def percent(part: float, whole: float = 1.0) -> str:
    """Returns a share.

    >>> percent(1, 3), percent(0, 0)
    ('33.33 %', '–')
    """
    return f"{100 * part / whole:.2f} %" if whole else "–"


def _head(facts: CardFacts) -> Iterator[str]:
    manifest = facts.build.manifest
    yield "# Data card"
    yield ""
    documents = sum(source.documents for source in facts.sources)
    size = sum(source.bytes for source in facts.sources)
    yield (
        f"{documents:,} documents, {size:,} bytes of text, of {len(facts.sources)} sources; built"
        f" {manifest['written']} by massivetext {manifest['version']} from"
        f" {len(manifest['inputs']):,} files."
    )


def _sizes(facts: CardFacts) -> Iterator[str]:
    yield "## Documents and bytes by source, beside Table 2 of Rae et al. 2021"
    yield ""
    heads = ["source", "documents", "bytes", "train", "validation", "in neither"]
    heads += ["paper's documents", "paper's bytes"]
    yield from table(heads, (_size(source) for source in facts.sources))
    if any(source.left_out for source in facts.sources):
        yield ""
        yield "In neither: held out for validation, but train has their text or too much of it."


def _size(source: SourceFacts) -> list[str]:
    splits = (source.train_documents, source.validation_documents, source.left_out)
    counts = (source.documents, source.bytes, *splits)
    subset = _OF_PAPER.get(source.name)
    theirs = [f"{subset.documents:,}", f"{subset.bytes:,}"] if subset else ["–", "–"]
    return [plain(source.name), *(f"{count:,}" for count in counts), *theirs]


def _mixture(facts: CardFacts) -> Iterator[str]:
    yield "## Tokens and mixture"
    yield ""
    vocabulary = facts.build.manifest["stages"]["vocabulary"]
    yield (
        f"A vocabulary of {vocabulary['size']:,} ids. `tokens` are those of the train split's text"
        " read once, by tokens a byte; `written` those in the shards."
    )
    yield ""
    heads = ["source", "tokens a byte", "tokens", "written", "share", "epochs"]
    heads += ["paper's tokens", "paper's share"]
    yield from table(heads, (_tokens(source) for source in facts.sources))


def _tokens(source: SourceFacts) -> list[str]:
    ours = [f"{source.tokens_per_byte:.4f}", f"{source.tokens:,}", f"{source.written:,}"]
    ours += [percent(source.share), f"{source.epochs:.3f}"]
    if not source.tokens_per_byte:
        ours = ["not in the mixture", "–", "–", "–", "–"]
    subset = _OF_PAPER.get(source.name)
    theirs = [f"{subset.tokens:,}", percent(subset.weight)] if subset else ["–", "–"]
    return [plain(source.name), *ours, *theirs]


def _hosts(facts: CardFacts, top: int) -> Iterator[str]:
    yield "## Hosts"
    for source in facts.sources:
        counts = facts.contents[source.name].host_documents
        named = Counter({host: count for host, count in counts.items() if host})
        yield ""
        if not named:
            yield f"{plain(source.name)}: no document has a URL."
            continue
        without = f"; {counts['']:,} documents have none" if counts[""] else ""
        yield f"{plain(source.name)}: {len(named):,} hosts{without}."
        yield ""
        heads = ["host", "documents", "share", "bytes"]
        sizes = facts.contents[source.name].host_bytes
        yield from table(
            heads,
            (
                [plain(host), f"{n:,}", percent(n, source.documents), f"{sizes[host]:,}"]
                for host, n in ranked(named)[:top]
            ),
        )


def ranked(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    """Returns names and counts, the largest first, equal ones by name."""
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))


def _dates(facts: CardFacts) -> Iterator[str]:
    yield "## Dates, as the inputs name them"
    yield ""
    rows = []
    for source in facts.sources:
        found = facts.contents[source.name]
        years = sorted(year for year in found.years if year)
        said = ", ".join(f"{year}: {found.years[year]:,}" for year in years)
        days = [found.first_day or "–", found.last_day or "–"]
        rows.append([plain(source.name), *days, f"{found.years['']:,}", said or "–"])
    yield from table(["source", "first", "last", "documents without", "by year"], rows)


def _counts(facts: CardFacts, field: str, title: str, how: str) -> Iterator[str]:
    yield f"## {title}, {how}"
    yield ""
    rows = []
    for source in facts.sources:
        counts: Counter[str] = getattr(facts.contents[source.name], field)
        if field == "licences" and counts.keys() <= {""}:
            continue  # no code
        for name, count in ranked(counts):
            shown = plain(name) or "not named"
            row = [plain(source.name), shown, f"{count:,}", percent(count, source.documents)]
            rows.append(row)
    yield from table(["source", title.lower(), "documents", "share"], rows)


def _dropped(facts: CardFacts) -> Iterator[str]:
    yield "## What was left out"
    yield ""
    rows = []
    for source in facts.sources:
        stages = [facts.build.facts(stage)[source.name] for stage in ("documents", "duplicates")]
        stages.append(facts.build.facts("overlap")[source.name])
        records = stages[0]["records"]
        drops = [sum(stage["dropped"].values()) for stage in stages]
        numbers = (records, stages[0].get("errors", 0), *drops, stages[-1]["kept"])
        rows.append([plain(source.name), *(f"{number:,}" for number in numbers)])
    heads = ["source", "records read", "unreadable", "filtered", "duplicates"]
    yield from table([*heads, "overlap with test sets", "kept"], rows)


def _masked(facts: CardFacts) -> Iterator[str]:
    yield "## Personal data"
    yield ""
    sources = facts.build.manifest["stages"]["documents"]["sources"]
    found = {name: total["masked"] for name, total in sources.items() if "masked" in total}
    if not found:
        yield "Nothing was masked: the text is as it was extracted."
        return
    yield "Masked in the documents that the filters kept; sources that are not named keep theirs."
    yield ""
    heads = ["documents", "emails", "ip_addresses", "phones"]
    rows = ([plain(name), *(f"{n.get(h, 0):,}" for h in heads)] for name, n in found.items())
    yield from table(["source", "documents with any", "emails", "IP addresses", "phones"], rows)


def _opt_outs(facts: CardFacts, top: int) -> Iterator[str]:
    yield "## Signals on the use of pages"
    yield ""
    rules = facts.build.manifest["recipe"]["filters"].get("opt_outs", {})
    obeyed = ", ".join(rules.get("obey", ())) if rules.get("sources") else ""
    yield f"Obeyed: {obeyed or 'none'}."
    yield ""
    sources = facts.build.manifest["stages"]["documents"]["sources"]
    rows = []
    for name, total in sources.items():
        counts = {n: count for n, count in total.get("opt_outs", {}).items() if n != "pages"}
        rows += [[plain(name), plain(n), f"{count:,}"] for n, count in ranked(counts)]
    if not rows:
        yield "No page gives one to all robots."
        return
    yield "By signal to all robots, whatever became of the page:"
    yield ""
    yield from table(["source", "signal", "pages"], rows)
    hosts = sum((found.opt_out_hosts for found in facts.contents.values()), Counter[str]())
    if hosts:
        yield ""
        yield "Hosts of documents that are left and give a signal:"
        yield ""
        shown = ranked(hosts)[:top]
        yield from table(["host", "documents"], ([plain(h) or "none", f"{n:,}"] for h, n in shown))


def _again(facts: CardFacts) -> Iterator[str]:
    manifest = facts.build.manifest
    yield "## How to reproduce it"
    yield ""
    yield (
        f"With massivetext {manifest['version']} (Python {manifest['python']}) and the input files"
        " that `manifest.json` lists, the recipe in `manifest.json` (under `recipe`) gives the"
        " same shards, byte for byte, on any number of workers:"
    )
    yield ""
    sources = manifest["stages"]["documents"]["sources"].values()
    if left := sum(total.get("not_taken", 0) for total in sources):
        yield f"* not of {left:,} documents, which `massivetext rejudge --only-tighter` left out"
    yield f"* recipe, SHA-256 of its values: `{manifest['recipe_sha256']}`"
    yield f"* vocabulary, SHA-256: `{manifest['stages']['vocabulary']['sha256']}`"
    yield from (f"* {plain(line)}" for line in _settings(manifest["recipe"]))


def _settings(recipe: Mapping[str, Any]) -> Iterator[str]:
    for source, given in recipe["sources"].items():
        yield f"sources.{source}.files = {', '.join(given['files'])}"
    yield f"seed = {recipe['seed']}"
