"""The Beam pipelines: parts, wiring, options and runners. The arithmetic is in the rooms below.

The PTransforms are imported when they are first used; docs/api.md describes them.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from massivetext.extras import require

if TYPE_CHECKING:
    from massivetext.pipelines.transforms.duplicates import DuplicateDocument as DuplicateDocument
    from massivetext.pipelines.transforms.duplicates import FindDuplicates as FindDuplicates
    from massivetext.pipelines.transforms.filter import FilterDocuments as FilterDocuments
    from massivetext.pipelines.transforms.filter import Filtered as Filtered
    from massivetext.pipelines.transforms.overlap import FindOverlap as FindOverlap
    from massivetext.pipelines.transforms.overlap import Overlapping as Overlapping
    from massivetext.pipelines.transforms.read import Extracted as Extracted
    from massivetext.pipelines.transforms.read import ExtractText as ExtractText
    from massivetext.pipelines.transforms.read import ReadDocuments as ReadDocuments
    from massivetext.pipelines.transforms.sequences import WriteSequences as WriteSequences

# The imports above as data: a test holds the two equal.
_MODULES = {
    "transforms.duplicates": ("DuplicateDocument", "FindDuplicates"),
    "transforms.filter": ("FilterDocuments", "Filtered"),
    "transforms.overlap": ("FindOverlap", "Overlapping"),
    "transforms.read": ("ExtractText", "Extracted", "ReadDocuments"),
    "transforms.sequences": ("WriteSequences",),
}
_PLACES = {name: module for module, names in _MODULES.items() for name in names}

__all__ = sorted(_PLACES)


def __getattr__(name: str) -> Any:
    """Returns a public name, imported now and kept.

    Raises:
      ConfigError: Beam is not installed.
    """
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    require("beam", f"massivetext.pipelines.{name}")
    value = getattr(import_module(f"{__name__}.{_PLACES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_PLACES})
