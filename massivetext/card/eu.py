"""The fields of the EU's public summary of training content that a build can fill.

After the template of the European Commission for Article 53(1)(d) of Regulation (EU) 2024/1689
(explanatory notice and template of 24 July 2025). What only a person knows is a named blank.
"""

import math
from collections import Counter
from collections.abc import Iterator

from massivetext.card.facts import CardFacts
from massivetext.card.markdown import plain, ranked, table

_TOP_SHARE = 0.10  # of the domain names, by size of content, that the summary lists
_BILLION = 10**9
_OF_SAFETY = ("rating", "domain", "url", "host")  # reasons


def as_eu_summary(facts: CardFacts) -> str:
    """Returns the summary in Markdown, in the template's order, of the sources in the mixture."""
    trained = tuple(source for source in facts.sources if source.written)
    contents = {source.name: facts.contents[source.name] for source in trained}
    facts = CardFacts(facts.build, trained, contents)
    sections = (_general(facts), _sources(facts), _processing(facts))
    return "\n".join(line for section in sections for line in section)


def _blank(name: str) -> str:
    return f"**[to be filled in: {name}]**"


def _general(facts: CardFacts) -> Iterator[str]:
    tokens = sum(source.tokens for source in facts.sources)
    written = sum(source.written for source in facts.sources)
    days = [found.last_day for found in facts.contents.values()]
    yield "# Public summary of training content"
    yield ""
    yield f"Version of the summary: {_blank('version, and date of the last update')}"
    yield ""
    yield "## 1. General information"
    yield "### 1.1 Provider identification"
    yield f"* Provider name and contact details: {_blank('provider')}"
    yield f"* Authorised representative: {_blank('representative in the Union, if any')}"
    yield "### 1.2 Model identification"
    yield f"* Versioned model names: {_blank('model names')}"
    yield f"* Model dependencies: {_blank('the model it was made from, where there is one')}"
    yield f"* Date of placement on the Union market: {_blank('date')}"
    yield "### 1.3 Modalities, overall training data size and other characteristics"
    yield "* Modality: text"
    yield f"* Training data size: {_size_class(tokens)}"
    yield f"  ({tokens:,} tokens of training text read once; {written:,} in the shards)"
    yield f"* Types of content: {_blank('such as fiction, scientific text, source code')}"
    latest = max(days, default="")
    yield f"* Latest date in the documents: {latest or 'they have none'}"
    yield f"* Latest date of data acquisition: {_blank('date of the last download or crawl')}"
    yield f"* Linguistic characteristics: {_languages(facts)}"


def _size_class(tokens: int) -> str:
    if tokens < _BILLION:
        return "less than 1 billion tokens"
    if tokens <= 10_000 * _BILLION:
        return "1 billion to 10 trillion tokens"
    return "more than 10 trillion tokens"


def _languages(facts: CardFacts) -> str:
    counts = Counter[str]()
    for found in facts.contents.values():
        counts.update(found.languages)
    said = (f"{plain(name) or 'not judged'} {count:,} documents" for name, count in ranked(counts))
    return ", ".join(said)


def _sources(facts: CardFacts) -> Iterator[str]:
    yield ""
    yield "## 2. List of data sources"
    yield f"Which of the sections below each source belongs to: {_blank('one section a source')}"
    yield ""
    heads = ["source", "documents", "bytes of text", "first date", "last date"]
    rows = []
    for source in facts.sources:
        found = facts.contents[source.name]
        numbers = [f"{source.documents:,}", f"{source.bytes:,}"]
        days = [found.first_day or "–", found.last_day or "–"]
        rows.append([plain(source.name), *numbers, *days])
    yield from table(heads, rows)
    yield ""
    yield "### 2.1 Publicly available datasets"
    yield f"* Names, links and descriptions: {_blank('the public datasets that were used')}"
    yield "### 2.2 Private datasets obtained from third parties"
    yield f"* Licensed by rightsholders: {_blank('yes or no, and which')}"
    yield f"* Obtained from others: {_blank('yes or no, and which')}"
    yield "### 2.3 Data crawled and scraped from online sources"
    yield f"* Crawlers, their names and purposes: {_blank('crawlers of the provider')}"
    yield f"* Period of collection: {_blank('period')}"
    yield "* Domain names, the top 10 % by size of content:"
    yield from _domains(facts)
    yield "### 2.4 User data"
    yield f"* Data of users of the provider's services: {_blank('yes or no, and which')}"
    yield "### 2.5 Synthetic data"
    yield f"* Data made by other models: {_blank('yes or no, and which')}"
    yield "### 2.6 Other sources"
    yield f"* Other data: {_blank('yes or no, and which')}"


def _domains(facts: CardFacts) -> Iterator[str]:
    sizes = Counter[str]()
    for found in facts.contents.values():
        sizes.update({host: size for host, size in found.host_bytes.items() if host})
    if not sizes:
        yield "  no document has a URL"
        return
    listed = ranked(sizes)[: math.ceil(_TOP_SHARE * len(sizes))]
    yield f"  {len(listed):,} of {len(sizes):,} hosts, which hold bytes of text:"
    yield ""
    yield from table(["host", "bytes of text"], ([plain(h), f"{n:,}"] for h, n in listed))
    yield ""


def _processing(facts: CardFacts) -> Iterator[str]:
    safety = facts.build.manifest["recipe"]["filters"]["safety"]
    drops = Counter[str]()
    for stage in ("documents", "duplicates"):
        for total in facts.build.facts(stage).values():
            drops.update(
                {
                    r: total["dropped"].get(r, 0)
                    for r in ("rating", "domain", "url", "host", "opt_out")
                }
            )
    lists = ", ".join(map(plain, safety["domain_lists"])) or "none"
    yield ""
    yield "## 3. Data processing aspects"
    yield "### 3.1 Respect of reservation of rights from the text and data mining exception"
    yield f"* Signatory of the Code of Practice: {_blank('yes or no')}"
    yield f"* Measures before and during collection: {_blank('such as robots.txt')}"
    yield f"* Signals of pages that were obeyed: {_obeyed(facts)}"
    yield f"* Pages left out for their signals: {drops['opt_out']:,}"
    yield "### 3.2 Removal of illegal content"
    yield f"* Pages left out for their adult rating: {drops['rating']:,}"
    yield f"* Pages left out by lists of domains ({lists}): {drops['domain']:,}"
    yield f"* Pages left out by words of their address: {drops['url']:,}"
    yield f"* Pages left out with their whole host: {drops['host']:,}"
    yield f"* Other measures: {_blank('against illegal content')}"
    yield "### 3.3 Other information"
    yield f"* {_blank('optional')}"
    yield ""


def _obeyed(facts: CardFacts) -> str:
    rules = facts.build.manifest["recipe"]["filters"].get("opt_outs", {})
    return ", ".join(rules.get("obey", ())) if rules.get("sources") else "none"
