"""What a data card says of a build: the manifest's numbers, and what its documents tell."""

import re
from collections import Counter
from collections.abc import Callable
from typing import Any, NamedTuple

from massivetext.errors import StageError
from massivetext.finished.build import FinishedBuild
from massivetext.finished.survivors import Survivors

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_COLUMNS = ["host", "timestamp", "language", "licence", "text_bytes"]
_OPT_OUTS = ["robots", "tdm_reservation", "content_usage"]  # null where a page says nothing


class SourceFacts(NamedTuple):
    """One source in numbers: of its surviving documents, then of the shards."""

    name: str
    documents: int
    bytes: int  # of UTF-8
    train_documents: int
    validation_documents: int
    left_out: int  # documents held out, of which train has the text: in neither split
    tokens_per_byte: float  # 0: not in the mixture, so nothing was measured
    tokens: int  # of the train split's text, read once, by tokens_per_byte
    written: int  # tokens of the train shards, repetitions counted
    share: float  # of the train sequences
    epochs: float


class Contents(NamedTuple):
    """What the surviving documents of a source say of themselves."""

    host_documents: Counter[str]
    host_bytes: Counter[str]
    years: Counter[str]
    first_day: str  # "": no document has a date
    last_day: str
    languages: Counter[str]
    licences: Counter[str]
    opt_out_hosts: Counter[str]  # of documents that give a signal on their use


class CardFacts(NamedTuple):
    """All that a card says."""

    build: FinishedBuild
    sources: tuple[SourceFacts, ...]
    contents: dict[str, Contents]  # by source


def read_facts(build: FinishedBuild, tell: Callable[[int, int], None]) -> CardFacts:
    """Returns what a card says of a build; its documents are read but for their text.

    Args:
      build: of which all stages are whole.
      tell: called with the parts read and their number.

    Raises:
      StageError: the files do not hold the documents and bytes that the manifest counts.
    """
    contents = {name: _nothing() for name in build.sources}
    for number, part in enumerate(build.parts, 1):
        contents[part.source] = _add_part(build, part.stem, contents[part.source])
        tell(number, len(build.parts))
    sources = tuple(_source(build, name) for name in build.sources)
    for facts in sources:
        found = contents[facts.name]
        if (found.host_documents.total(), found.host_bytes.total()) != (
            facts.documents,
            facts.bytes,
        ):
            raise StageError(
                f"{facts.name}: files of the build hold {found.host_documents.total():,} documents,"
                f" its manifest {facts.documents:,}; run massivetext build again"
            )
    return CardFacts(build, sources, contents)


def _source(build: FinishedBuild, name: str) -> SourceFacts:
    left = build.facts("overlap")[name]
    stages: dict[str, Any] = build.manifest["stages"]
    density = stages["vocabulary"]["tokens_per_byte"].get(name, 0.0)
    account = stages["sequences"]["tokens"]
    every = sum(facts["written"] for facts in account.values())
    written = account.get(name, {}).get("written", 0)
    tokenized = build.facts("tokens").get(name, {})
    held = tokenized.get("validation_documents", left["validation_documents"])
    return SourceFacts(
        name,
        left["train_documents"] + left["validation_documents"],
        left["train_bytes"] + left["validation_bytes"],
        left["train_documents"],
        held,
        left["validation_documents"] - held,
        density,
        round(left["train_bytes"] * density),
        written,
        written / every if every else 0.0,
        tokenized.get("epochs", 0.0),
    )


def _nothing() -> Contents:
    return Contents(Counter(), Counter(), Counter(), "", "", Counter(), Counter(), Counter())


def _add_part(build: FinishedBuild, stem: str, before: Contents) -> Contents:
    """Returns the contents with a part's documents added; its counters grow in place."""
    first, last = before.first_day, before.last_day
    for table in Survivors(build, stem, "all").read([*_COLUMNS, *_OPT_OUTS]):
        hosts, times, languages, licences, sizes = (table[n].to_pylist() for n in _COLUMNS)
        before.host_documents.update(host or "" for host in hosts)
        for host, size in zip(hosts, sizes, strict=True):
            before.host_bytes[host or ""] += size
        days = [found[0] if (found := _DAY.match(time or "")) else "" for time in times]
        before.years.update(day[:4] for day in days)
        before.languages.update(language or "" for language in languages)
        said = zip(*(table[n].is_valid().to_pylist() for n in _OPT_OUTS), strict=True)
        given = (host or "" for host, valid in zip(hosts, said, strict=True) if any(valid))
        before.opt_out_hosts.update(given)
        before.licences.update(licence or "" for licence in licences)
        dated = [day for day in days if day]
        first = min([*dated, *filter(None, [first])], default="")
        last = max([*dated, last], default="")
    return before._replace(first_day=first, last_day=last)
