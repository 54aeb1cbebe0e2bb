"""MassiveText, open: documents, filters, deduplication, token shards.

The public names are imported when they are first used, so that ``import massivetext`` costs next
to nothing. docs/api.md describes them; what is not named here may change without notice.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from massivetext.cli.files import read_inputs as read_inputs
    from massivetext.config.recipe import Filters as Filters
    from massivetext.config.recipe import LanguageRules as LanguageRules
    from massivetext.config.recipe import Recipe as Recipe
    from massivetext.config.recipe import SafetyRules as SafetyRules
    from massivetext.config.recipe import Vocabulary as Vocabulary
    from massivetext.config.recipe import filters_of as filters_of
    from massivetext.config.recipe import load_recipe as load_recipe
    from massivetext.decontaminate.in_memory import HeldOutMatch as HeldOutMatch
    from massivetext.decontaminate.in_memory import find_overlap as find_overlap
    from massivetext.dedup.in_memory import Duplicate as Duplicate
    from massivetext.dedup.in_memory import find_duplicates as find_duplicates
    from massivetext.dedup.signature import Signature as Signature
    from massivetext.dedup.signature import sign as sign
    from massivetext.dedup.signature import to_lean as to_lean
    from massivetext.document import Broken as Broken
    from massivetext.document import Document as Document
    from massivetext.document import Dropped as Dropped
    from massivetext.document import Signals as Signals
    from massivetext.errors import ConfigError as ConfigError
    from massivetext.errors import MassiveTextError as MassiveTextError
    from massivetext.errors import RecordError as RecordError
    from massivetext.filters.explain.explanation import Explanation as Explanation
    from massivetext.filters.judge import Models as Models
    from massivetext.filters.judge import Verdict as Verdict
    from massivetext.filters.measure import measure as measure
    from massivetext.filters.public.texts import explain as explain
    from massivetext.filters.public.texts import judge as judge
    from massivetext.filters.public.texts import load_models as load_models
    from massivetext.measures import Measures as Measures
    from massivetext.paper import QualityRules as QualityRules
    from massivetext.paper import RepetitionRules as RepetitionRules
    from massivetext.readers.html.extract import extract_text as extract_text
    from massivetext.readers.rows.prepared import read_prepared as read_prepared
    from massivetext.reasons import Reason as Reason
    from massivetext.shards.folder import TokenSequence as TokenSequence
    from massivetext.shards.folder import TokenSequences as TokenSequences
    from massivetext.shards.folder import read_sequences as read_sequences
    from massivetext.tokenizer.tokenizer import Tokenizer as Tokenizer
    from massivetext.tokenizer.vocabulary import train_vocabulary as train_vocabulary

# The imports above as data: a test holds the two equal.
_MODULES = {
    "cli.files": ("read_inputs",),
    "config.recipe": (
        "Filters", "LanguageRules", "Recipe", "SafetyRules", "Vocabulary", "filters_of",
        "load_recipe",
    ),
    "decontaminate.in_memory": ("HeldOutMatch", "find_overlap"),
    "dedup.in_memory": ("Duplicate", "find_duplicates"),
    "dedup.signature": ("Signature", "sign", "to_lean"),
    "document": ("Broken", "Document", "Dropped", "Signals"),
    "errors": ("ConfigError", "MassiveTextError", "RecordError"),
    "filters.explain.explanation": ("Explanation",),
    "filters.judge": ("Models", "Verdict"),
    "filters.measure": ("measure",),
    "measures": ("Measures",),
    "filters.public.texts": ("explain", "judge", "load_models"),
    "paper": ("QualityRules", "RepetitionRules"),
    "readers.html.extract": ("extract_text",),
    "readers.rows.prepared": ("read_prepared",),
    "reasons": ("Reason",),
    "shards.folder": ("TokenSequence", "TokenSequences", "read_sequences"),
    "tokenizer.tokenizer": ("Tokenizer",),
    "tokenizer.vocabulary": ("train_vocabulary",),
}  # fmt: skip
_PLACES = {name: module for module, names in _MODULES.items() for name in names}

__all__ = sorted(_PLACES)


def __getattr__(name: str) -> Any:
    """Returns a public name, imported now and kept."""
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_PLACES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_PLACES})
