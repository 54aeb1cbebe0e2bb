"""What moves when a source is judged by other thresholds."""

import dataclasses
from typing import NamedTuple

from massivetext.config.filter_rules import Filters, LanguageRules
from massivetext.filters.rules.bounds import Bound, source_bounds
from massivetext.paper import QualityRules, RepetitionRules


class LanguageMove(NamedTuple):
    """The rules of the language before and after their probabilities moved."""

    old: LanguageRules
    new: LanguageRules


class Thresholds(NamedTuple):
    """The thresholds by which the documents of a source are judged anew."""

    bounds: tuple[Bound, ...]  # of quality and repetition, as `source_bounds` gives them
    language: LanguageMove | None = None  # None: they stay
    own: bool = False  # whether rules of the user's own hold; of language drops they are not asked
    measured_drops: bool = False  # whether the recipe measures what the language alone drops


def thresholds_of(source: str, old: Filters, new: Filters) -> Thresholds:
    """Returns what moves for a source between its filters of before and of now."""
    moves = source in new.language.sources and old.language != new.language
    language = LanguageMove(old.language, new.language) if moves else None
    bounds = source_bounds(source, new)
    return Thresholds(bounds, language, bool(new.own), new.measure_language_drops)


def without_thresholds(filters: Filters) -> Filters:
    """Returns filters with the paper's thresholds: what is left does not move."""
    usual = LanguageRules()
    language = dataclasses.replace(
        filters.language,
        min_probability=usual.min_probability,
        unsure_probability=usual.unsure_probability,
    )
    return dataclasses.replace(
        filters,
        language=language,
        quality=QualityRules(),
        quality_sources=(),
        repetition=RepetitionRules(),
        repetition_sources=(),
        duplicates="later",
    )
