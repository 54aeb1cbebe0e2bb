"""What the filters of stage 1 go by, for all sources or for one, and what it may be."""

import dataclasses
import difflib
from dataclasses import dataclass
from typing import Literal

from massivetext import paper
from massivetext.config.languages import LANGUAGES, Alphabet, did_you_mean
from massivetext.config.sources import SourceRules, changed
from massivetext.errors import ConfigError
from massivetext.paper import QualityRules, RepetitionRules
from massivetext.rules import Reading, ranges

# Signals that a recipe may obey: robots' directives, and those of protocols for training.
OPT_OUTS = (
    "noai", "noimageai", "noml", "none", "noindex", "nofollow", "noarchive", "nocache",
    "tdm-reservation", "train-ai",
)  # fmt: skip
_WITH_WORDS = ("en", *LANGUAGES)
Bound = tuple[float | None, float, float]  # a value (None: off), its smallest, its largest


@dataclass(frozen=True)
class LanguageRules:
    """Content filter, language. The detector and bound are ours; the paper names none.

    The quality rules count this language's stop words and letters, also in sources that are not
    filtered by language.
    """

    sources: tuple[str, ...] = paper.LANGUAGE_SOURCES
    language: str = "en"  # as the model names it
    min_probability: float = 0.65
    unsure_probability: float | None = 0.45  # from here on the most probable, and a stop word: kept
    stop_words: Literal["auto"] | tuple[str, ...] = "auto"  # auto: those of the language
    alphabet: Alphabet = "any"  # an alphabetic word has a letter of it


@dataclass(frozen=True)
class SafetyRules:
    """Content filter, explicit pages: what Google publishes of SafeSearch, without a word list."""

    sources: tuple[str, ...] = paper.SAFETY_SOURCES
    domain_lists: tuple[str, ...] = ()  # UT1 format: folders' `domains` and `urls` files
    url_words: bool = False
    classifier: str = "off"  # of the text: "shipped", or the path of a model
    max_explicit: float | Literal["auto"] = "auto"  # probability; auto: the model's threshold
    host_min_pages: int = 5  # a host of at least so many pages ...
    host_max_rated: float | None = 0.5  # ... with a larger share rated adult is dropped whole


@dataclass(frozen=True)
class OptOutRules:
    """Pages that ask not to be used for training are dropped; the paper asks none.

    `none`, `noindex` and `nofollow` are of search engines and say nothing of training: obeyed only
    where a recipe names them.
    """

    sources: tuple[str, ...] = ()
    obey: tuple[str, ...] = ("noai", "tdm-reservation", "train-ai")
    robots: tuple[str, ...] = ("ccbot",)  # whose own directives hold, beside those of all robots


@dataclass(frozen=True)
class MaskRules:
    """Personal data that is masked before anything is measured; the paper masks none."""

    sources: tuple[str, ...] = ()
    emails: bool = True
    ip_addresses: bool = True  # IPv4 and IPv6, of the public network
    phones: bool = True


@dataclass(frozen=True)
class Filters:
    """The rules of stage 1, the sources they hold for, and what is kept of dropped documents."""

    language: LanguageRules = LanguageRules()
    safety: SafetyRules = SafetyRules()
    opt_outs: OptOutRules = OptOutRules()
    mask: MaskRules = MaskRules()
    quality: QualityRules = QualityRules()  # noqa: RUF009  (frozen)
    quality_sources: tuple[str, ...] = paper.QUALITY_SOURCES
    repetition: RepetitionRules = RepetitionRules()  # noqa: RUF009  (frozen)
    repetition_sources: tuple[str, ...] = paper.REPETITION_SOURCES
    duplicates: Reading = "later"  # which copies count as duplicates
    own: tuple[str, ...] = ()  # rules of one's own, FILE.py:FUNCTION, beside the recipe
    transform: tuple[str, ...] = ()  # functions from text to text, before anything is measured
    keep_dropped_text: Literal["all", "none"] | float = "all"  # a number: that share, by hash
    measure_language_drops: bool = False  # so that `rejudge` can move the language's thresholds


def changed_filters(filters: Filters, rules: SourceRules, key: str) -> Filters:
    """Returns the filters with what a source changes for itself.

    Args:
      filters: of all sources.
      rules: of the source.
      key: of those rules in the recipe.

    Raises:
      ConfigError: a rule that the source changes is unknown or of the wrong type.
    """
    return dataclasses.replace(
        filters,
        language=changed(filters.language, rules.language, f"{key}.language"),
        safety=changed(filters.safety, rules.safety, f"{key}.safety"),
        quality=changed(filters.quality, rules.quality, f"{key}.quality"),
        repetition=changed(filters.repetition, rules.repetition, f"{key}.repetition"),
        opt_outs=changed(filters.opt_outs, rules.opt_outs, f"{key}.opt_outs"),
        mask=changed(filters.mask, rules.mask, f"{key}.mask"),
        own=filters.own if rules.own == "like" else rules.own,
        transform=filters.transform if rules.transform == "like" else rules.transform,
    )


def sources_of(filters: Filters) -> tuple[str, ...]:
    """Returns the paper's six sources, and others that the filters hold for.

    >>> sources_of(Filters(quality_sources=("web", "forum")))
    ('web', 'books', 'c4', 'news', 'github', 'wikipedia', 'forum')
    """
    lists = [filters.language.sources, filters.safety.sources]
    lists += [filters.quality_sources, filters.repetition_sources]
    lists += [filters.opt_outs.sources, filters.mask.sources]
    return tuple(dict.fromkeys((*paper.SOURCES, *(name for names in lists for name in names))))


def check_opt_outs(table: str, rules: OptOutRules) -> None:
    """Checks the names of the signals that a recipe obeys, and of robots.

    Raises:
      ConfigError: one is unknown, or a robot's name is not in lower case.
    """
    for name in rules.obey:
        if name not in OPT_OUTS:
            close = difflib.get_close_matches(name, OPT_OUTS, 1)
            hint = f"; did you mean {close[0]!r}?" if close else f"; known: {', '.join(OPT_OUTS)}"
            raise ConfigError(f"{table}.opt_outs.obey: there is no signal {name!r}{hint}")
    for name in rules.robots:
        if name != name.lower() or not name.strip():
            raise ConfigError(f"{table}.opt_outs.robots: {name!r} is no name in lower case")


def filter_bounds(table: str, filters: Filters) -> dict[str, Bound]:
    """Returns the numbers of filters with their ranges, by their keys below `table`."""
    bounds: dict[str, Bound] = {
        f"{table}.language.min_probability": (filters.language.min_probability, 0, 1),
        f"{table}.language.unsure_probability": (filters.language.unsure_probability, 0, 1),
    }
    most = filters.safety.max_explicit
    bounds[f"{table}.safety.max_explicit"] = (None if most == "auto" else most, 0, 1)
    bounds |= {f"{table}.quality.{key}": found for key, found in ranges(filters.quality)}
    bounds |= {f"{table}.repetition.{key}": found for key, found in ranges(filters.repetition)}
    return bounds


def check_stop_words(table: str, filters: Filters, holds: bool) -> None:
    """Checks that there are stop words to count.

    Args:
      table: of the recipe, for messages.
      filters: of all sources or of one.
      holds: whether the quality rules hold there.

    Raises:
      ConfigError: there are none of the language, or fewer than a document needs.
    """
    rules, least = filters.language, filters.quality.min_stop_words
    words, key = rules.stop_words, f"{table}.language"
    if words == "auto":
        if holds and least and rules.language not in _WITH_WORDS:
            raise ConfigError(
                f"{key}.language: there are no stop words of {rules.language!r}, but of"
                f" {', '.join(_WITH_WORDS)}{did_you_mean(rules.language, _WITH_WORDS)}; list some"
                f' in {key}.stop_words, or set {table}.quality.min_stop_words = "off"'
            )
        return
    for word in words:
        if not word or word != word.lower() or any(map(str.isspace, word)):
            raise ConfigError(f"{key}.stop_words: {word!r} is not one word in lower case")
    if least is not None and len(set(words)) < least:
        raise ConfigError(
            f"{key}.stop_words: {len(set(words))} words, of which a document needs {least};"
            f" list more or lower {table}.quality.min_stop_words"
        )
