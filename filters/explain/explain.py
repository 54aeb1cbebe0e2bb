"""``massivetext explain`` as a function: one document through all filters, everything told."""

from collections.abc import Iterator
from typing import NamedTuple

from massivetext.config.recipe import Filters, LanguageRules
from massivetext.document import Document
from massivetext.filters.explain.evidence import MAX_CHARACTERS, Passage, find_evidence
from massivetext.filters.explain.explanation import Check, Explanation, State
from massivetext.filters.judge import Models, Verdict, explicit_model, judge, most_explicit
from massivetext.filters.language.detect import (
    LanguageScore,
    by_stop_words,
    measure_language,
    probability_of,
    sample_line,
)
from massivetext.filters.measure import measure
from massivetext.filters.own.call import find_own
from massivetext.filters.rules.bounds import bound_of, broken
from massivetext.filters.rules.words import count_alphabet, language_words
from massivetext.filters.safety.opt_outs import find_opt_outs
from massivetext.filters.safety.url_words import find_explicit_words
from massivetext.measures import Measures
from massivetext.paper import QualityRules, RepetitionRules
from massivetext.reasons import Reason
from massivetext.rules import ONE, Reading, Rule, rows


def explain(document: Document, filters: Filters, models: Models) -> Explanation:
    """Returns every check of the filters on a document, and the verdict of `judge`.

    What `judge` leaves out (the measures of a document that the content filter drops, rules that
    do not hold for its source) is measured too, and marked as not asked. Evidence is sought in the
    first `MAX_CHARACTERS` characters.

    Raises:
      ConfigError: the language filter holds for the source, but there is no model.
      UnicodeEncodeError: the text has a lone surrogate; the error is a `ValueError`.
    """
    verdict = judge(document, filters, models)
    document = verdict.document  # as transformed
    if Reason.EMPTY in verdict.reasons:
        return Explanation(document, verdict.reasons, checks=(Check(Reason.EMPTY, "DROP"),))
    language = verdict.language
    if language is None and models.language is not None:
        language = measure_language(models.language, document.text)
    measures = verdict.measures
    if measures is None:
        measures = measure(document.text, language_words(filters.language))
        measures = count_alphabet(document.text, measures, filters.language)
    checks = (
        _check_language(verdict, language, filters),
        *_check_safety(verdict, filters, models),
        *check_rules(verdict, measures, filters),
        *_check_own(verdict, filters, models),
    )
    remarks = tuple(_remarks(verdict, filters))
    return Explanation(document, verdict.reasons, language, measures, checks, remarks)


def _check_language(verdict: Verdict, score: LanguageScore | None, filters: Filters) -> Check:
    rules = filters.language
    state = _state(verdict, Reason.LANGUAGE, verdict.document.source in rules.sources)
    found, value, bound, key = "", None, rules.min_probability, "min_probability"
    if score is not None:
        value = probability_of(score, rules)
        found = f"most probable: {score.language or 'none'} {score.probability:.3f}"
        if by_stop_words(score, rules, verdict.document.text):
            bound, key = rules.unsure_probability or 0.0, "unsure_probability"
            found += ", and a stop word"
    sample = Passage(sample_line(verdict.document.text), 1)
    return Check(
        Reason.LANGUAGE,
        state,
        value,
        "at least",
        bound,
        f"filters.language.{key}",
        found=found,
        evidence=(sample,) if state == "DROP" else (),
    )


def _check_safety(verdict: Verdict, filters: Filters, models: Models) -> Iterator[Check]:
    document, rules = verdict.document, filters.safety
    holds = document.source in rules.sources
    rating = document.signals.rating
    yield Check(Reason.RATING, _state(verdict, Reason.RATING, holds), found=rating or "no rating")
    site = verdict.host or "no host"
    key = "filters.safety.domain_lists"
    yield Check(Reason.DOMAIN, _state(verdict, Reason.DOMAIN, holds), key=key, found=site)
    state = _state(verdict, Reason.URL, holds and rules.url_words)
    words = find_explicit_words(document.url)
    evidence = tuple(Passage(word, 1) for word in words) if state == "DROP" else ()
    found = ", ".join(words) or "no explicit words"
    key = "filters.safety.url_words"
    yield Check(Reason.URL, state, key=key, found=found, evidence=evidence)
    yield _check_explicit(verdict, filters, models)
    said = find_opt_outs(document.signals, filters.opt_outs.robots)
    state = _state(verdict, Reason.OPT_OUT, document.source in filters.opt_outs.sources)
    found = ", ".join(said) or "no signal on its use"
    yield Check(Reason.OPT_OUT, state, key="filters.opt_outs.obey", found=found)


def _check_explicit(verdict: Verdict, filters: Filters, models: Models) -> Check:
    rules, found = filters.safety, verdict.explicit
    key = "filters.safety.max_explicit"
    if found is None:
        return Check(Reason.EXPLICIT, "–", key="filters.safety.classifier", found="not asked")
    state = _state(verdict, Reason.EXPLICIT, True)
    weighty = explicit_model(models).find_weighty(verdict.document.text) if state == "DROP" else []
    evidence = tuple(Passage(words, copies) for words, copies in weighty)
    most = most_explicit(rules, models)
    return Check(Reason.EXPLICIT, state, found, "at most", most, key, evidence=evidence)


def _state(verdict: Verdict, reason: Reason, holds: bool) -> State:
    if not holds:
        return "–"
    return "DROP" if reason in verdict.reasons else "ok"


def _check_own(verdict: Verdict, filters: Filters, models: Models) -> Iterator[Check]:
    """Yields a check of each rule of the user's own, by the reason it gives or else its name."""
    for entry in filters.own:
        rule, found = find_own(models.own, entry), None
        state: State = "–"
        if verdict.measures is not None:
            found = rule.reason(verdict.document, verdict.measures)
            state = "ok" if found is None else "DROP"
        yield Check(found or rule.name, state, key="filters.own", found=rule.name)


class _Counted(NamedTuple):
    """A document's counts, and what makes a check of a rule of them."""

    text: str
    measures: Measures
    reading: Reading
    asked: bool
    table: str  # of the recipe
    language: LanguageRules


def check_rules(verdict: Verdict, measures: Measures, filters: Filters) -> Iterator[Check]:
    """Yields the checks of the rules of quality and repetition on a measured document."""
    text, source = verdict.document.text, verdict.document.source
    reached = verdict.measures is not None
    for table, rules, sources in _tables(filters):
        asked = reached and source in sources
        counted = _Counted(text, measures, filters.duplicates, asked, table, filters.language)
        for rule, bound in rows(rules):
            yield _check(rule, bound, counted)


def _tables(
    filters: Filters,
) -> tuple[tuple[str, QualityRules | RepetitionRules, tuple[str, ...]], ...]:
    return (
        ("filters.quality", filters.quality, filters.quality_sources),
        ("filters.repetition", filters.repetition, filters.repetition_sources),
    )


def _check(rule: Rule, bound: float | None, counted: _Counted) -> Check:
    measures, place = counted.measures, rule.numerator(counted.reading)
    counts = [(Measures._fields[place], measures[place])]
    if rule.whole != ONE:
        counts.append((Measures._fields[rule.whole], measures[rule.whole]))
    state: State = "–"
    if counted.asked and bound is not None:
        state = "DROP" if broken(measures, [bound_of(rule, bound, counted.reading)]) else "ok"
    return Check(
        rule.reason,
        state,
        _divide(*(count for _, count in counts)),
        rule.side,
        bound,
        f"{counted.table}.{rule.key}",
        tuple(counts),
        evidence=find_evidence(place, counted.text, counted.language) if state == "DROP" else (),
    )


def _divide(part: int, whole: int | None = None) -> float | None:
    if whole is None:
        return part
    return part / whole if whole else None


def _remarks(verdict: Verdict, filters: Filters) -> Iterator[str]:
    source = verdict.document.source
    if verdict.masked is not None and any(verdict.masked):
        counts = (f"{name.replace('_', ' ')} {n}" for name, n in verdict.masked._asdict().items())
        yield f"masked before anything was measured: {', '.join(counts)}"
    holds = {"language": filters.language.sources, "safety": filters.safety.sources}
    holds |= {"quality": filters.quality_sources, "repetition": filters.repetition_sources}
    without = [name for name, sources in holds.items() if source not in sources]
    if without:
        yield f"not asked: the rules of {', '.join(without)} do not hold for the source {source}"
    if verdict.measures is None:
        yield "not asked: the content filter drops the document before its words are counted"
    if source in filters.safety.sources and not filters.safety.url_words:
        yield "not asked: words of the URL; filters.safety.url_words is false"
    if len(verdict.document.text) > MAX_CHARACTERS:
        yield f"evidence is sought in the first {MAX_CHARACTERS:,} characters; counts are of all"
