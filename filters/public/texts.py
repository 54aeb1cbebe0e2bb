"""The filters for a caller with texts at hand: what they look things up in is found and kept."""

from functools import lru_cache
from pathlib import Path

from massivetext.config.filter_rules import sources_of
from massivetext.config.recipe import Filters
from massivetext.document import Document, given_text
from massivetext.errors import ConfigError
from massivetext.filters import judge as judging
from massivetext.filters.explain import explain as explaining
from massivetext.filters.explain.explanation import Explanation
from massivetext.filters.judge import Models, Verdict
from massivetext.filters.language.detect import LanguageModel
from massivetext.filters.own.call import Own, load_all
from massivetext.filters.own.code import read_own
from massivetext.filters.safety.explicit import DomainList, load_domains
from massivetext.filters.safety.text.model import SafetyModel, load_safety_model
from massivetext.model_files import find_language_model

_PAPER = Filters()


def judge(
    document: Document | str,
    filters: Filters = _PAPER,
    models: Models | None = None,
    *,
    source: str = "web",
) -> Verdict:
    """Returns what the filters find of a document: its measures, and the reasons to drop it.

    Rae et al. 2021, appendix A.1.1. A document exactly at a bound is kept; no reasons: it stays.

    Args:
      document: a text, or a document, whose own source then says which rules hold.
      filters: a recipe's (`load_recipe(...).filters`); by default the paper's.
      models: from `load_models`; by default those that `filters` need, loaded once and kept.
      source: of a text: web, books, c4, news, github or wikipedia.

    Raises:
      ConfigError: there is no text, such as a table's missing value; the source is unknown; or a
        rule needs a model that is not there. No rule is skipped for want of its model.

    >>> judge("def f(): pass", source="github").reasons
    ()
    """
    document, models = _given(document, filters, models, source)
    return judging.judge(document, filters, models)


def explain(
    document: Document | str,
    filters: Filters = _PAPER,
    models: Models | None = None,
    *,
    source: str = "web",
) -> Explanation:
    """Returns every check of the filters on a document, with what was counted; `print` shows it.

    Takes and raises what `judge` does, and gives the same verdict.
    """
    document, models = _given(document, filters, models, source)
    return explaining.explain(document, filters, models)


def _given(
    document: Document | str, filters: Filters, models: Models | None, source: str
) -> tuple[Document, Models]:
    """Returns the document, and the models that its rules need."""
    if isinstance(document, Document):
        given_text(document.text)
    else:
        document = Document("", source, given_text(document))
    if document.source not in sources_of(filters):
        known = ", ".join(sources_of(filters))
        raise ConfigError(f"source {document.source!r}: must be one of {known}; it decides rules")
    if models is None:
        language = document.source in filters.language.sources
        own = (*filters.transform, *filters.own)
        named = filters.safety.classifier
        models = _kept_models(language, filters.safety.domain_lists, own)._replace(
            explicit=_explicit(named)
        )
    return document, models


def load_models(filters: Filters = _PAPER, language_model: str | Path | None = None) -> Models:
    """Returns what the filters look things up in: the language model, lists of domains, own rules.

    Args:
      filters: no language model is loaded where their language rule holds for no source.
      language_model: a fastText model; by default the one that ``massivetext models`` fetches.

    Raises:
      ConfigError: a file is not there, or is none of its kind.
    """
    language = None
    if filters.language.sources:
        language = LanguageModel(str(language_model or find_language_model()))
    own = _own((*filters.transform, *filters.own))
    explicit = _explicit(filters.safety.classifier)
    return Models(language, _domains(filters.safety.domain_lists), own, explicit)


@lru_cache(maxsize=4)
def _explicit(named: str) -> SafetyModel | None:
    if named == "off":
        return None
    return load_safety_model() if named == "shipped" else load_safety_model(named)


@lru_cache(maxsize=4)
def _kept_models(language: bool, domain_lists: tuple[str, ...], own: tuple[str, ...]) -> Models:
    model = LanguageModel(find_language_model()) if language else None
    return Models(model, _domains(domain_lists), _own(own))


def _own(entries: tuple[str, ...]) -> Own:
    return load_all(map(read_own, dict.fromkeys(entries)))


def _domains(paths: tuple[str, ...]) -> DomainList:
    domains = DomainList()
    for path in paths:
        if not Path(path).is_file():
            raise ConfigError(f"filters.safety.domain_lists: no file {path}")
        with Path(path).open("rb") as file:
            load_domains(domains, file)
    return domains
