"""All filters of stage 1 on one document, in the paper's order (appendix A.1.1).

Content filter first (language, explicit pages); what passes it is measured, and the measures are
stored whether the document is kept or not, so thresholds can be moved later without a new run.
"""

from types import MappingProxyType
from typing import NamedTuple

from massivetext.config.recipe import Filters
from massivetext.dedup.signature import SHINGLES, Shingles, Signature
from massivetext.document import Document
from massivetext.errors import ConfigError
from massivetext.filters.language.detect import (
    LanguageModel,
    LanguageScore,
    judge_language,
    measure_language,
)
from massivetext.filters.measure import Measures, measure_and_sign
from massivetext.filters.own.call import Own, find_own
from massivetext.filters.rules.quality import judge_quality
from massivetext.filters.rules.repetition import judge_repetition
from massivetext.filters.rules.words import count_alphabet, language_words
from massivetext.filters.safety.domains import DomainList, host
from massivetext.filters.safety.signals import judge_safety
from massivetext.reasons import Reason


class Verdict(NamedTuple):
    """What the filters found of one document; no reasons: it is kept."""

    document: Document
    host: str
    reasons: tuple[str, ...]  # each a `Reason`, or one of the user's own rules
    language: LanguageScore | None = None
    measures: Measures | None = None
    signature: Signature | None = None


class Models(NamedTuple):
    """What the filters look things up in; no language model where no source is filtered by it."""

    language: LanguageModel | None
    domains: DomainList
    own: Own = MappingProxyType({})  # the user's functions, by their entries in the recipe


def judge(
    document: Document, filters: Filters, models: Models, shingles: Shingles = SHINGLES
) -> Verdict:
    """Returns the verdict of all filters that hold for the document's source.

    The user's transforms come first, so that all that is measured and kept is their text; the
    user's rules come last, and see what was measured.

    Args:
      document: the document.
      filters: the rules.
      models: what they look things up in.
      shingles: what the signature is made of.

    Raises:
      ConfigError: the language filter holds for the source, but there is no model; or a function
        of the user's own returned what it must not.
      RecordError: a function of the user's own raised.
    """
    site = host(document.url)
    for entry in filters.transform:
        document = document._replace(text=find_own(models.own, entry).text(document))
    if not document.text.strip():
        return Verdict(document, site, (Reason.EMPTY,))
    language, reasons = _content(document, filters, models)
    if reasons:
        return Verdict(document, site, reasons, language)
    words = language_words(filters.language)
    measures, signature = measure_and_sign(document.text, words, shingles)
    measures = count_alphabet(document.text, measures, filters.language)
    found = judge_measures(document.source, measures, filters)
    found += judge_own(document, measures, filters, models)
    return Verdict(document, site, found, language, measures, signature)


def _content(
    document: Document, filters: Filters, models: Models
) -> tuple[LanguageScore | None, tuple[Reason, ...]]:
    language, reasons = None, []
    if document.source in filters.language.sources:
        language = measure_language(model_for(document.source, models), document.text)
        reason = judge_language(language, filters.language)
        reasons += [reason] if reason else []
    if document.source in filters.safety.sources:
        reasons += judge_safety(document, filters.safety, models.domains)
    return language, tuple(reasons)


def model_for(source: str, models: Models) -> LanguageModel:
    """Returns the language model, which a source that is filtered by language needs.

    Raises:
      ConfigError: there is none.
    """
    if models.language is None:
        raise ConfigError(
            f"filters.language holds for {source} but no model was given: load a LanguageModel, or"
            f" leave {source} out of filters.language.sources"
        )
    return models.language


def judge_own(
    document: Document, measures: Measures, filters: Filters, models: Models
) -> tuple[str, ...]:
    """Returns the reasons that the user's own rules give, each once, in the rules' order.

    Raises:
      ConfigError: a rule returned what is no reason.
      RecordError: a rule raised.
    """
    if not filters.own:
        return ()
    found = (find_own(models.own, entry).reason(document, measures) for entry in filters.own)
    return tuple(dict.fromkeys(reason for reason in found if reason is not None))


def judge_measures(source: str, measures: Measures, filters: Filters) -> tuple[str, ...]:
    """Returns the quality and repetition rules of a source that the measures fail."""
    reasons: tuple[Reason, ...] = ()
    if source in filters.quality_sources:
        reasons += judge_quality(measures, filters.quality)
    if source in filters.repetition_sources:
        reasons += judge_repetition(measures, filters.repetition, filters.duplicates)
    return reasons
