"""All filters of stage 1 on one document, in the paper's order (appendix A.1.1).

Content filter first (language, explicit pages); what passes it is measured, and the measures are
stored whether the document is kept or not, so thresholds can be moved later without a new run.
What the language alone drops is measured too where the recipe asks for it.
"""

from types import MappingProxyType
from typing import NamedTuple

from massivetext.config.recipe import Filters, SafetyRules
from massivetext.dedup.signature import SHINGLES, Shingles, Signature
from massivetext.document import Document
from massivetext.errors import ConfigError
from massivetext.filters.language.detect import (
    LanguageModel,
    LanguageScore,
    judge_language,
    measure_language,
)
from massivetext.filters.measure import Measures, measure, measure_and_sign
from massivetext.filters.own.call import Own, find_own
from massivetext.filters.personal.mask import Masked, mask
from massivetext.filters.rules.bounds import broken, source_bounds
from massivetext.filters.rules.words import count_alphabet, language_words
from massivetext.filters.safety.explicit import DomainList, host, judge_safety
from massivetext.filters.safety.opt_outs import judge_opt_outs
from massivetext.filters.safety.text.model import SafetyModel
from massivetext.reasons import Reason


class Verdict(NamedTuple):
    """What the filters found of one document; no reasons: it is kept."""

    document: Document
    host: str
    reasons: tuple[str, ...]  # each a `Reason`, or one of the user's own rules
    language: LanguageScore | None = None
    measures: Measures | None = None
    signature: Signature | None = None
    masked: Masked | None = None  # how much of the text was masked; None: nothing was to be
    explicit: float | None = None  # the classifier's probability; None: it was not asked


class Models(NamedTuple):
    """What the filters look things up in; no language model where no source is filtered by it."""

    language: LanguageModel | None
    domains: DomainList
    own: Own = MappingProxyType({})  # the user's functions, by their entries in the recipe
    explicit: SafetyModel | None = None  # where the recipe asks for the classifier of the text


def judge(
    document: Document, filters: Filters, models: Models, shingles: Shingles = SHINGLES
) -> Verdict:
    """Returns the verdict of all filters that hold for the document's source.

    The user's transforms come first, then personal data is masked, so that all that is measured
    and kept is that text; the user's rules come last, and see what was measured. The signature is
    made of `shingles`.

    Raises:
      ConfigError: the language filter holds for the source, but there is no model; or a function
        of the user's own returned what it must not.
      RecordError: a function of the user's own raised.
    """
    masked = None
    if filters.transform or document.source in filters.mask.sources:
        document, masked = changed_text(document, filters, models)
    if not document.text.strip():
        return Verdict(document, host(document.url), (Reason.EMPTY,), masked=masked)
    language, explicit, found = _content(document, filters, models)
    site = host(document.url)
    if found:
        counts = _language_drop(document, found, filters)
        return Verdict(document, site, tuple(found), language, counts, None, masked, explicit)
    words = language_words(filters.language)
    measures, signature = measure_and_sign(document.text, words, shingles)
    if filters.language.alphabet != "any":
        measures = count_alphabet(document.text, measures, filters.language)
    found += broken(measures, source_bounds(document.source, filters))
    if filters.own:
        found += judge_own(document, measures, filters, models)
    reasons = tuple(found)
    return Verdict(document, site, reasons, language, measures, signature, masked, explicit)


def _language_drop(document: Document, found: list[str], filters: Filters) -> Measures | None:
    """Returns the measures of what its language alone drops, where the recipe asks for them."""
    if not filters.measure_language_drops or found != [Reason.LANGUAGE]:
        return None
    measures = measure(document.text, language_words(filters.language))
    return count_alphabet(document.text, measures, filters.language)


def _content(
    document: Document, filters: Filters, models: Models
) -> tuple[LanguageScore | None, float | None, list[str]]:
    """Returns the language, how probably the text is explicit, and the content filter's reasons."""
    language, explicit, found = None, None, list[str]()
    if document.source in filters.language.sources:
        model = models.language or model_for(document.source, models)
        language = measure_language(model, document.text)
        reason = judge_language(language, filters.language, document.text)
        found += [reason] if reason else []
    if document.source in filters.safety.sources:
        found += judge_safety(document, filters.safety, models.domains)
        if filters.safety.classifier != "off":
            explicit = explicit_model(models).score(document.text)
            above = explicit > most_explicit(filters.safety, models)
            found += [Reason.EXPLICIT] if above else []
    if document.source in filters.opt_outs.sources:
        found += judge_opt_outs(document.signals, filters.opt_outs)
    return language, explicit, found


def explicit_model(models: Models) -> SafetyModel:
    """Returns the classifier of the text.

    Raises:
      ConfigError: there is none.
    """
    if models.explicit is None:
        raise ConfigError(
            "filters.safety.classifier is on but no model was given: give Models one of"
            ' load_safety_model, or set filters.safety.classifier = "off"'
        )
    return models.explicit


def most_explicit(rules: SafetyRules, models: Models) -> float:
    """Returns the probability above which a text is dropped."""
    most = rules.max_explicit
    return explicit_model(models).threshold if most == "auto" else most


def changed_text(
    document: Document, filters: Filters, models: Models
) -> tuple[Document, Masked | None]:
    """Returns a document with the text that is judged, and what of it was masked, if any was to be.

    Raises:
      ConfigError: a transform returned what is no text.
      RecordError: a transform raised.
    """
    for entry in filters.transform:
        document = document._replace(text=find_own(models.own, entry).text(document))
    if document.source not in filters.mask.sources:
        return document, None
    text, masked = mask(document.text, filters.mask)
    return document._replace(text=text), masked


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
    found = (find_own(models.own, entry).reason(document, measures) for entry in filters.own)
    return tuple(dict.fromkeys(reason for reason in found if reason is not None))
