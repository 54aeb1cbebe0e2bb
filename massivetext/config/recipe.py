"""The recipe: what to build, as a tree of frozen dataclasses read from one TOML file.

Where it runs is Beam's own flags. The defaults are the paper's; the shipped recipes are
``massivetext.toml`` (the paper's corpus) and ``sample.toml`` (the embedded sample).
"""

import dataclasses
import hashlib
import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Any, Literal

from massivetext import paper
from massivetext.config.comparison_rules import Duplicates, Overlap, check_duplicates, check_sets
from massivetext.config.dataclass_toml import build, expand_variables, override, parse_toml
from massivetext.config.filter_rules import (
    Bound,
    Filters,
    LanguageRules,
    SafetyRules,
    changed_filters,
    check_opt_outs,
    check_stop_words,
    filter_bounds,
)
from massivetext.config.sequences import Sequences, check_tokens
from massivetext.config.sources import Format, SourceFiles, check_sources, holding, ordered
from massivetext.errors import ConfigError
from massivetext.mixture.quotas import TOLERANCE

__all__ = [
    "Filters",
    "Format",
    "LanguageRules",
    "Recipe",
    "SafetyRules",
    "SourceFiles",
    "filters_of",
    "languages_of",
    "load_recipe",
]

# Ids of every model: three for control, newline and tab, the bytes; and one piece learned.
SMALLEST_VOCABULARY = 3 + 2 + 256 + 1
LARGEST_VOCABULARY = 1 << 16  # ids are stored as uint16


@dataclass(frozen=True)
class ModelFile:
    """A model file, checked by its SHA-256 before anything runs.

    Without a path it is the file that ``massivetext models`` fetches (`massivetext.model_files`).
    """

    path: str = ""  # below the current directory
    sha256: str = ""


@dataclass(frozen=True)
class PartSizes:
    """How inputs are cut into parts, the units of work."""

    max_bytes: int = 1_000_000_000  # of a divisible file
    batch_bytes: int = 64_000_000  # many small files are put together up to this size
    min_bytes: int = 16_384  # few are, where they are smaller than this on average


@dataclass(frozen=True)
class Vocabulary:
    """The SentencePiece vocabulary (section 3.1). `collapse` joins runs of spaces.

    Raises:
      ConfigError: a value is not one that SentencePiece, or a uint16, can hold.
    """

    size: int = paper.VOCABULARY_SIZE
    whitespace: Literal["keep", "collapse"] = "keep"  # collapse: indentation is lost
    # Not SentencePiece's default nmt_nfkc, which turns newlines and tabs into spaces.
    normalization: Literal["nfkc", "identity"] = "nfkc"
    character_coverage: float = 0.9995  # of the sample's characters; others are spelled in bytes
    sample_bytes: int = 500_000_000
    path: str = ""  # a SentencePiece model, or a build with one: nothing is trained then

    def __post_init__(self) -> None:
        if not SMALLEST_VOCABULARY <= self.size <= LARGEST_VOCABULARY:
            bounds = f"{SMALLEST_VOCABULARY:,} to {LARGEST_VOCABULARY:,}"
            raise ConfigError(f"vocabulary.size: {self.size:,} ids; must be {bounds}")
        _check_choice("whitespace", self.whitespace, ("keep", "collapse"))
        _check_choice("normalization", self.normalization, ("nfkc", "identity"))
        if not 0.98 <= self.character_coverage <= 1:
            raise ConfigError("vocabulary.character_coverage: must be from 0.98 to 1")


def _check_choice(name: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise ConfigError(f"vocabulary.{name}: {value!r}; must be {' or '.join(allowed)}")


@dataclass(frozen=True)
class Recipe:
    """Everything that decides the output; two equal recipes on equal inputs give equal bytes."""

    sources: dict[str, SourceFiles]
    language_model: ModelFile = ModelFile()
    mixture: dict[str, float] = field(
        default_factory=lambda: {subset.name: subset.weight for subset in paper.SUBSETS}
    )
    root: str = "."
    seed: int = 0
    max_bad_fraction: float = 0.001  # of records that cannot be read
    parts: PartSizes = PartSizes()
    filters: Filters = Filters()  # noqa: RUF009  (frozen)
    duplicates: Duplicates = Duplicates()  # noqa: RUF009  (frozen)
    overlap: Overlap = Overlap()  # noqa: RUF009  (frozen)
    vocabulary: Vocabulary = Vocabulary()
    sequences: Sequences = Sequences()  # noqa: RUF009  (frozen)

    def resolve(self, path: str) -> str:
        """Returns a path of the recipe, below `root` if it is relative."""
        path = expand_variables(path, "path")
        absolute = path.startswith("/") or "://" in path
        return path if absolute else f"{expand_variables(self.root, 'root').rstrip('/')}/{path}"


def load_recipe(name: str, assignments: tuple[str, ...] = ()) -> Recipe:
    """Returns the recipe in the file `name`, or the shipped recipe of that name.

    Args:
      name: a path, or the name of a shipped recipe such as ``sample.toml``.
      assignments: ``dotted.key=value`` overrides.

    Raises:
      ConfigError: no such file, or a key is wrong; the message names it.
    """
    table = parse_toml(_read(name), name)
    for assignment in assignments:
        override(table, assignment)
    try:
        recipe = _beside(build(Recipe, table), name)
        check(recipe)
        recipe = _follow(recipe)
    except ConfigError as error:
        raise ConfigError(f"{name}: {error}") from error
    return recipe


def _read(name: str) -> str:
    if Path(name).is_file():
        try:
            return Path(name).read_text(encoding="utf-8")
        except UnicodeDecodeError as error:
            raise ConfigError(f"{name}: not TOML: no UTF-8 text") from error
    shipped = resources.files("massivetext") / "recipes" / name
    if "/" not in name and shipped.is_file():
        return shipped.read_text(encoding="utf-8")
    names = sorted(f.name for f in (resources.files("massivetext") / "recipes").iterdir())
    raise ConfigError(f"no recipe {name!r}; shipped recipes: {', '.join(names)}")


def _beside(recipe: Recipe, name: str) -> Recipe:
    """Returns a recipe whose own functions are named by their paths: they lie beside its file."""
    folder = Path(name).parent if Path(name).is_file() else Path()
    filters, sources = recipe.filters, {}

    def paths(entries: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(str(folder / Path(entry).expanduser()) for entry in entries)

    for source, named in recipe.sources.items():
        own, transform = named.rules.own, named.rules.transform
        rules = dataclasses.replace(
            named.rules,
            own="like" if own == "like" else paths(own),
            transform="like" if transform == "like" else paths(transform),
        )
        sources[source] = dataclasses.replace(named, rules=rules)
    filters = dataclasses.replace(
        filters, own=paths(filters.own), transform=paths(filters.transform)
    )
    return dataclasses.replace(recipe, filters=filters, sources=sources)


def _follow(recipe: Recipe) -> Recipe:
    """Returns a recipe whose lists of sources hold those too that are like a source in them."""
    filters, sources = recipe.filters, recipe.sources

    def of(listed: tuple[str, ...], rules: str) -> tuple[str, ...]:
        return holding(sources, listed, rules)

    set_ = dataclasses.replace
    filters = set_(
        filters,
        language=set_(filters.language, sources=of(filters.language.sources, "language")),
        safety=set_(filters.safety, sources=of(filters.safety.sources, "safety")),
        quality_sources=of(filters.quality_sources, "quality"),
        repetition_sources=of(filters.repetition_sources, "repetition"),
        opt_outs=set_(filters.opt_outs, sources=of(filters.opt_outs.sources, "opt_outs")),
        mask=set_(filters.mask, sources=of(filters.mask.sources, "mask")),
    )
    duplicates = set_(recipe.duplicates, sources=of(recipe.duplicates.sources, "duplicates"))
    overlap = set_(recipe.overlap, sources=of(recipe.overlap.sources, "overlap"))
    return set_(recipe, filters=filters, duplicates=duplicates, overlap=overlap)


def filters_of(recipe: Recipe, source: str) -> Filters:
    """Returns the filters of stage 1 as they hold for one source.

    Raises:
      ConfigError: a rule that the source changes is unknown or of the wrong type.
    """
    if source not in recipe.sources:
        return recipe.filters
    rules = recipe.sources[source].rules
    return changed_filters(recipe.filters, rules, f"sources.{source}.rules")


def languages_of(recipe: Recipe) -> list[str]:
    """Returns the languages by which sources of a recipe are filtered."""
    filtered = [name for name in recipe.sources if name in recipe.filters.language.sources]
    return sorted({filters_of(recipe, name).language.language for name in filtered})


def check(recipe: Recipe) -> None:
    """Checks what types cannot say.

    Raises:
      ConfigError: an unknown source, weights that do not sum to 1, a number out of its range.
    """
    _check_sources(recipe)
    every = {source: filters_of(recipe, source) for source in recipe.sources}
    held = holding(recipe.sources, recipe.filters.quality_sources, "quality")
    same = [every[name] for name in held if name in every and every[name].quality.min_stop_words]
    asked = (filters.language == recipe.filters.language for filters in same)
    check_stop_words("filters", recipe.filters, any(asked))
    check_opt_outs("filters", recipe.filters.opt_outs)
    for source, filters in every.items():
        table = f"sources.{source}.rules"
        check_opt_outs(table, filters.opt_outs)
        check_stop_words(table, filters, source in held)
    total = math.fsum(recipe.mixture.values())
    if not abs(total - 1) <= TOLERANCE or min(recipe.mixture.values(), default=0) < 0:
        without = [name for name in recipe.sources if name not in recipe.mixture]
        more = f"; without a weight: {', '.join(without)}" if without else ""
        raise ConfigError(f"mixture: weights sum to {total:g}, not to 1{more}")
    check_tokens(recipe.sequences)
    check_duplicates(recipe.duplicates)
    if recipe.overlap.sets:
        check_sets(recipe.overlap.sets)
    for key, (value, low, high) in _bounds(recipe).items():
        if value is not None and not low <= value <= high:
            raise ConfigError(f"{key}: {value} is not between {low} and {high}")


def _bounds(recipe: Recipe) -> dict[str, Bound]:
    sequences = recipe.sequences
    bounds: dict[str, Bound] = {
        "sequences.length": (sequences.length, 1, 1 << 20),
        "sequences.crops_per_group": (sequences.crops_per_group, 1, 1 << 16),
        "sequences.crop_bytes": (sequences.crop_bytes, 4, 1 << 30),
        "sequences.default_max_passes": (sequences.default_max_passes, 0, 1_000_000),
        "sequences.validation_max_overlap": (sequences.validation_max_overlap, 0, 1),
        "sequences.max_epochs": (sequences.max_epochs, 0, 1_000_000),
        "max_bad_fraction": (recipe.max_bad_fraction, 0, 1),
        "vocabulary.sample_bytes": (recipe.vocabulary.sample_bytes, 1, 1 << 40),
        "duplicates.max_jaccard": (recipe.duplicates.max_jaccard, 0, 1),
        "duplicates.shingle_words": (recipe.duplicates.shingle_words, 1, 100),
        "duplicates.bands": (recipe.duplicates.bands, 1, 128),
        "duplicates.rows": (recipe.duplicates.rows, 1, 128),
        "overlap.max_jaccard": (recipe.overlap.max_jaccard, 0, 1),
        "overlap.max_containment": (recipe.overlap.max_containment, 0, 1),
        "overlap.common_documents": (recipe.overlap.common_documents, 1, 1 << 40),
        "overlap.common_share": (recipe.overlap.common_share, 0, 1),
        "filters.safety.host_max_rated": (recipe.filters.safety.host_max_rated, 0, 1),
        "parts.max_bytes": (recipe.parts.max_bytes, 1, 1 << 50),
        "parts.batch_bytes": (recipe.parts.batch_bytes, 1, 1 << 50),
        "parts.min_bytes": (recipe.parts.min_bytes, 1, 1 << 50),
    }
    bounds |= {f"overlap.sets.{held.name}.n": (held.n, 8, 13) for held in recipe.overlap.sets}
    if sequences.shards != "auto":
        bounds["sequences.shards"] = (sequences.shards, 1, 99_999)
    if sequences.validation_fraction != "auto":
        bounds["sequences.validation_fraction"] = (sequences.validation_fraction, 0, 0.5)
    for name, value in sequences.max_passes.items():
        bounds[f"sequences.max_passes.{name}"] = (value, 0, 1_000_000)
    bounds |= filter_bounds("filters", recipe.filters)
    for source in recipe.sources:
        bounds |= filter_bounds(f"sources.{source}.rules", filters_of(recipe, source))
    return bounds


def _check_sources(recipe: Recipe) -> None:
    check_sources(recipe.sources)
    named: dict[str, Iterable[str]] = {
        "mixture": recipe.mixture,
        "sequences.max_passes": recipe.sequences.max_passes,
        "duplicates.sources": recipe.duplicates.sources,
        "duplicates.preference": recipe.duplicates.preference,
        "overlap.sources": recipe.overlap.sources,
        "filters.language.sources": recipe.filters.language.sources,
        "filters.safety.sources": recipe.filters.safety.sources,
        "filters.quality_sources": recipe.filters.quality_sources,
        "filters.repetition_sources": recipe.filters.repetition_sources,
        "filters.opt_outs.sources": recipe.filters.opt_outs.sources,
        "filters.mask.sources": recipe.filters.mask.sources,
    }
    known = ordered(recipe.sources)
    for key, names in named.items():
        for name in names:
            if name not in known:
                raise ConfigError(f"{key}: {name!r} is not one of {', '.join(known)}")
    for name, weight in recipe.mixture.items():
        if weight > 0 and name not in recipe.sources:
            raise ConfigError(
                f"mixture.{name}: there are no files of it; add sources.{name}, or set the weights"
                f" of the sources that you have, as in mixture = {{{min(recipe.sources)} = 1.0}}"
            )


def values(recipe: Any) -> dict[str, Any]:
    """Returns a recipe, or a part of one, as plain JSON values."""
    return dataclasses.asdict(recipe)


def recipe_of(plain: Mapping[str, Any]) -> Recipe:
    """Returns the recipe of which `values` gave these JSON values, as a manifest holds them.

    Raises:
      ConfigError: they are those of another version's recipe.

    >>> recipe = load_recipe("sample.toml")
    >>> recipe_of(json.loads(json.dumps(values(recipe)))) == recipe
    True
    """
    return build(Recipe, with_off(plain))


def with_off(value: Any) -> Any:
    """Returns JSON values with "off", as recipes write it, in the place of null.

    >>> with_off({"max_words": None, "rows": [1]})
    {'max_words': 'off', 'rows': [1]}
    """
    if isinstance(value, Mapping):
        return {name: with_off(item) for name, item in value.items()}
    if isinstance(value, list):
        return [with_off(item) for item in value]
    return "off" if value is None else value


def digest(value: object) -> str:
    """Returns the SHA-256 of a JSON value, whatever the order of its keys."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()


def short_digest(value: object) -> str:
    """Returns a digest of a JSON value that is short enough to stand in every summary.

    >>> short_digest([1, "a"])
    '2010945388e2de98'
    """
    return digest(value)[:16]
