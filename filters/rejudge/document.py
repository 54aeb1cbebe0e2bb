"""One document judged by other thresholds: all its reasons, as stage 1 would give them."""

from typing import NamedTuple

from massivetext.filters.rejudge.judge import CONTENT, MEASURES, OWN, SCORES, TEXT, THRESHOLDS
from massivetext.filters.rejudge.thresholds import Thresholds
from massivetext.filters.rules.bounds import broken
from massivetext.measures import Measures
from massivetext.reasons import Reason


class Stored(NamedTuple):
    """What of a document decides, and is stored."""

    reasons: tuple[str, ...]  # none: it was kept
    measures: Measures | None
    has_text: bool
    language_drops: bool  # at the new thresholds
    unknown: bool  # whether that is not known


class Judged(NamedTuple):
    """What becomes of a document; no reasons: it is kept."""

    reasons: tuple[str, ...]
    measured: bool  # whether its measures are stored
    missing: str = ""  # what cannot be told, or is not there; the reasons are those of before


def rejudge_document(stored: Stored, thresholds: Thresholds) -> Judged:
    """Returns what other thresholds make of a document; `judge.rejudge` gives the first reason."""
    reasons, measures = stored.reasons, stored.measures
    same = Judged(reasons, measures is not None)
    if stored.unknown:
        return same._replace(missing=SCORES)
    found: tuple[str, ...] = (Reason.LANGUAGE.value,) if stored.language_drops else ()
    found += tuple(reason for reason in reasons if reason in CONTENT)
    if found:
        alone = found == (Reason.LANGUAGE,) and thresholds.measured_drops
        return Judged(found, alone and measures is not None)
    if measures is None:
        return same._replace(missing=MEASURES)
    if Reason.LANGUAGE in reasons and thresholds.own:
        return same._replace(missing=OWN)
    found = tuple(map(str, broken(measures, thresholds.bounds)))
    found += tuple(r for r in reasons if r not in THRESHOLDS and r != Reason.LANGUAGE)
    if reasons and not found and not stored.has_text:
        return same._replace(missing=TEXT)
    return Judged(found, True)
