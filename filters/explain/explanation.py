"""An explanation of one document: what `massivetext.explain` returns, as text and as JSON."""

import textwrap
from collections.abc import Iterator
from fractions import Fraction
from typing import Any, Final, Literal, NamedTuple

from massivetext.document import Document
from massivetext.filters.explain.evidence import Passage
from massivetext.filters.explain.terminal import WIDTH, clip
from massivetext.filters.language.detect import LanguageScore
from massivetext.measures import Measures
from massivetext.rules import Side

State = Literal["ok", "DROP", "–"]  # –: not asked
_SHOWN: Final = 5  # passages of a rule as text
_ROOM: Final = WIDTH - 12  # for a passage, behind how often it was counted
_LISTED: Final = 50  # passages of a rule as JSON
_LISTED_CHARACTERS: Final = 1_000  # of a passage as JSON
_MOST_DIGITS: Final = 12


class Check(NamedTuple):
    """One bound on one document: the value, the bound, and what was counted."""

    reason: str  # a `Reason`, or one of a rule of the user's own
    state: State
    value: float | None = None  # None: there is nothing to divide, or nothing was measured
    side: Side | None = None
    bound: float | None = None  # None: none, or turned off
    key: str = ""  # of the recipe
    counts: tuple[tuple[str, int], ...] = ()  # the numerator and the denominator, by their names
    found: str = ""  # in words, where it is no number
    evidence: tuple[Passage, ...] = ()  # of a check that drops: those that weigh most first

    def as_json(self) -> dict[str, Any]:
        """Returns the check as JSON values; long evidence is cut, and the rest counted."""
        shown = [
            {"text": p.text[:_LISTED_CHARACTERS], "characters": len(p.text), "copies": p.copies}
            for p in self.evidence[:_LISTED]
        ]
        return {
            "reason": str(self.reason),
            "verdict": {"ok": "ok", "DROP": "drop", "–": None}[self.state],
            "value": self.value,
            "side": self.side,
            "bound": self.bound,
            "key": self.key or None,
            "counts": dict(self.counts),
            "found": self.found or None,
            "evidence": shown,
            "evidence_left_out": len(self.evidence) - len(shown),
        }


class Explanation(NamedTuple):
    """Every check on one document, and the verdict; ``print`` shows it in 100 columns."""

    document: Document
    reasons: tuple[str, ...]  # those of `massivetext.filters.judge.judge`; none: it is kept
    language: LanguageScore | None = None
    measures: Measures | None = None
    checks: tuple[Check, ...] = ()
    remarks: tuple[str, ...] = ()  # why checks were not asked

    def __str__(self) -> str:
        """Returns the explanation in lines of at most 100 columns, safe for a terminal."""
        lines = [*_head(self), *_table(self.checks), *_remarks(self.remarks)]
        lines += (line for told in told_drops(self.checks) for line in ("", *told))
        return "\n".join(lines)

    def as_json(self) -> dict[str, Any]:
        """Returns the explanation as JSON values: `massivetext filter`'s keys, and the checks."""
        reasons = [str(reason) for reason in self.reasons]
        return {
            "id": self.document.id,
            "url": self.document.url,
            "source": self.document.source,
            "reason": reasons[0] if reasons else None,
            "reasons": reasons,
            "language": self.language._asdict() if self.language else None,
            "measures": self.measures._asdict() if self.measures else None,
            "checks": [check.as_json() for check in self.checks],
            "remarks": list(self.remarks),
        }


def _head(explained: Explanation) -> Iterator[str]:
    document, measures = explained.document, explained.measures
    yield f"document  {clip(document.id, WIDTH - 10)}"
    if document.url:
        yield f"url       {clip(document.url, WIDTH - 10)}"
    yield f"source    {clip(document.source, WIDTH - 10)}"
    if measures is not None:
        sizes = [("character", measures.characters), ("word", measures.words)]
        sizes += [("line", measures.lines), ("paragraph", measures.paragraphs)]
        said = ", ".join(f"{n:,} {unit}" + "s" * (n != 1) for unit, n in sizes)
        yield f"text      {said}"
    verdict = f"DROP: {', '.join(explained.reasons)}" if explained.reasons else "kept"
    yield textwrap.fill(f"verdict   {verdict}", WIDTH, subsequent_indent=" " * 10)


def _table(checks: tuple[Check, ...]) -> Iterator[str]:
    if checks:
        yield ""
        yield f"{'':4}  {'reason':30}  {'value':>9}  {'bound':17}  counted"
    for check in checks:
        last = " / ".join(f"{count:,}" for _, count in check.counts)
        last = clip(check.found or last, WIDTH - 68)
        row = f"{check.state:4}  {check.reason:30}  {_value(check):>9}  {_bound(check):17}  {last}"
        yield row.rstrip()


def _remarks(remarks: tuple[str, ...]) -> Iterator[str]:
    for remark in remarks:
        yield textwrap.fill(f"–     {remark}", WIDTH, subsequent_indent=" " * 6)


def told_drops(checks: tuple[Check, ...]) -> Iterator[list[str]]:
    """Yields the lines of each check that drops: its value, bound, counts and passages."""
    before: tuple[Passage, ...] = ()
    for check in checks:
        if check.state == "DROP" and (check.found or check.counts or check.key or check.evidence):
            yield [*_facts(check), *_passages(check.evidence, before)]
            before = check.evidence


def _facts(check: Check) -> Iterator[str]:
    facts = ", ".join(filter(None, (_value(check), _bound(check))))
    yield f"{check.reason}: {clip(facts or check.found, WIDTH - 12)}"
    if facts and check.found:
        yield f"      {clip(check.found, WIDTH - 6)}"
    if check.counts:
        yield f"      {', '.join(f'{name} {count:,}' for name, count in check.counts)}"
    if check.key:
        yield f"      recipe key {check.key}"


def _passages(evidence: tuple[Passage, ...], before: tuple[Passage, ...]) -> Iterator[str]:
    if evidence and evidence == before:
        yield "          the same passages"
        return
    for passage in evidence[:_SHOWN]:
        text, size = clip(passage.text, _ROOM), ""
        if text.endswith("…") and text != passage.text:
            size = f"  ({len(passage.text):,} characters)"
            text = clip(passage.text, _ROOM - len(size))
        yield f"{passage.copies:9,} x {text}{size}"
    rest = evidence[_SHOWN:]
    if rest:
        copies = sum(passage.copies for passage in rest)
        yield f"          … and {len(rest):,} more ({copies:,} copies)"


def _value(check: Check) -> str:
    """Returns a value with as many digits as tell it from its bound."""
    value = check.value
    if value is None:
        return ""
    if isinstance(value, int):
        return f"{value:,}"
    for digits in range(3, _MOST_DIGITS):
        text = f"{value:.{digits}f}"
        if check.bound is None or Fraction(text) != Fraction(repr(check.bound)):
            return text
        if value == check.bound:
            return text
    return text


def _bound(check: Check) -> str:
    if check.side is None:
        return ""
    if check.bound is None:
        return "off"
    return f"{check.side} {check.bound:,}"
