"""What other thresholds would do, as text or JSON."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from massivetext.corpus.report import Table, as_text
from massivetext.filters.rejudge.build import Rejudged
from massivetext.filters.rejudge.judge import gained_and_lost


def as_tables(found: list[Rejudged]) -> str:
    """Returns documents kept by source, and what is gained and lost by reason."""
    return "\n\n".join(map(as_text, _tables(found))) + "\n"


def _tables(found: list[Rejudged]) -> Iterator[Table]:
    rows = [[f.source, f"{f.kept:,}", f"{f.kept_then:,}"] for f in found]
    yield Table("Documents kept by stage 1", ["source", "now", "then"], rows)
    moved = [
        [f.source, which, reason, f"{count:,}"]
        for f in found
        for which, reason, count in gained_and_lost(f.changes)
    ]
    if moved:
        yield Table("Gained and lost", ["source", "", "reason", "documents"], moved)


def all_missing(found: list[Rejudged]) -> Counter[str]:
    """Returns of how many documents too little is stored, by cause."""
    return sum((f.missing for f in found), Counter[str]())


def told_missing(missing: Mapping[str, int]) -> str:
    """Returns causes in words.

    >>> told_missing({"text not kept": 1, "not measured": 2_000})
    '2,001 documents cannot be judged from what is stored: text not kept 1, not measured 2,000'
    """
    causes = ", ".join(f"{cause} {count:,}" for cause, count in missing.items())
    return f"{sum(missing.values()):,} documents cannot be judged from what is stored: {causes}"


def as_json(found: list[Rejudged]) -> dict[str, Any]:
    """Returns the same as a JSON object."""
    return {"sources": [_source(f) for f in found]}


def _source(found: Rejudged) -> dict[str, Any]:
    changes = [
        {"old": old, "new": new, "documents": count}
        for (old, new), count in sorted(found.changes.items())
    ]
    kept = {"kept": found.kept, "kept_then": found.kept_then}
    missing = {"missing": dict(found.missing)} if found.missing else {}
    return {"source": found.source, **kept, "changes": changes, **missing}
