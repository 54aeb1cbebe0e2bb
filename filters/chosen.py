"""The filters that a command asks for: a recipe's, of each source, perhaps only some of them."""

import glob
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from massivetext import paper
from massivetext.config.recipe import Filters, Recipe, filters_of, languages_of
from massivetext.config.sources import ordered
from massivetext.document import Document
from massivetext.errors import ConfigError
from massivetext.filters.judge import Models
from massivetext.filters.language.detect import LanguageModel, check_languages
from massivetext.filters.own.call import load_all
from massivetext.filters.own.code import own_codes
from massivetext.filters.safety.explicit import DomainList, load_domains
from massivetext.filters.safety.text.model import SafetyModel, load_safety_model
from massivetext.model_files import ADVICE, find_language_model
from massivetext.readers.rows.keys import fields_of
from massivetext.readers.rows.rows import COMMAND, Fields
from massivetext.rules import Reading

RULES = ("language", "safety", "opt_outs", "quality", "repetition")


class Chosen(NamedTuple):
    """What a command judges by: the filters of each source of a recipe and of the paper's six."""

    recipe: Recipe
    source: str  # of documents that do not name another one that is known
    filters: dict[str, Filters]  # by source

    def of_known_source(self, document: Document) -> Document:
        """Returns the document, of `source` if its own is unknown."""
        known = document.source in self.filters
        return document if known else document._replace(source=self.source)

    def fields(self) -> Fields:
        """Returns the keys of rows: those of the source in the recipe, or the usual ones."""
        named = self.recipe.sources.get(self.source)
        found = fields_of(named) if named is not None else None
        if found is None:
            return COMMAND
        return found._replace(id=found.source_id[0], source=COMMAND.source)

    def models(self, path: str | None) -> Models:
        """Returns the models that the filters need: the language model if they ask for a language.

        Args:
          path: of the language model; None: the one that ``massivetext models`` fetched.

        Raises:
          ConfigError: a file is missing, or it is no model.
        """
        language = None
        if any(filters.language.sources for filters in self.filters.values()):
            if path and not Path(path).is_file():
                raise ConfigError(f"--language-model: no file {path}; {ADVICE}")
            path = path or find_language_model()
            check_languages(path, languages_of(self.recipe))
            language = LanguageModel(path)
        own = load_all(own_codes(self.recipe))
        return Models(language, self._domains(), own, self._safety())

    def _safety(self) -> SafetyModel | None:
        named = self.recipe.filters.safety.classifier
        if named in ("off", "shipped"):
            return load_safety_model() if named == "shipped" else None
        return load_safety_model(self.recipe.resolve(named))

    def _domains(self) -> DomainList:
        domains = DomainList()
        for pattern in self.recipe.filters.safety.domain_lists:
            path = self.recipe.resolve(pattern)
            if "://" in path:
                raise ConfigError(
                    "filters.safety.domain_lists: this command reads lists of this machine, not"
                    f" {path}; copy it, or use --set filters.safety.domain_lists=[]"
                )
            names = sorted(glob.glob(path))  # noqa: PTH207  (an absolute pattern)
            if not names:
                raise ConfigError(f"filters.safety.domain_lists: no file matches {path!r}")
            for name in names:
                with open(name, "rb") as file:  # noqa: PTH123
                    load_domains(domains, file)
        return domains


def choose(recipe: Recipe, source: str, rules: str | None, reading: str | None = None) -> Chosen:
    """Returns the filters of a recipe, with exactly the named rules in force if there are any.

    Args:
      recipe: its filters hold.
      source: of documents that do not say.
      rules: names of `RULES` with commas between; None: as the recipe says.
      reading: which copies count as duplicates; None: as the recipe says.

    Raises:
      ConfigError: a rule or the source is unknown.
    """
    known = tuple(ordered(recipe.sources))
    if source not in known:
        raise ConfigError(f"--source: {source!r} is not one of {', '.join(known)}")
    filters = {name: with_rules(filters_of(recipe, name), rules, known) for name in known}
    if reading is not None:
        said: Reading = "all" if reading == "all" else "later"
        filters = {name: replace(f, duplicates=said) for name, f in filters.items()}
    return Chosen(recipe, source, filters)


def with_rules(
    filters: Filters, rules: str | None, known: tuple[str, ...] = paper.SOURCES
) -> Filters:
    """Returns the filters with exactly the named rules in force, for every source; None: as is.

    Raises:
      ConfigError: a rule is unknown.
    """
    if rules is None:
        return filters
    names = {name.strip() for name in rules.split(",") if name.strip()}
    unknown = names - set(RULES)
    if unknown:
        raise ConfigError(f"--rules: {sorted(unknown)[0]!r} is not one of {', '.join(RULES)}")
    sources = {name: known if name in names else () for name in RULES}
    return replace(
        filters,
        language=replace(filters.language, sources=sources["language"]),
        safety=replace(filters.safety, sources=sources["safety"]),
        opt_outs=replace(filters.opt_outs, sources=sources["opt_outs"]),
        quality_sources=sources["quality"],
        repetition_sources=sources["repetition"],
    )
