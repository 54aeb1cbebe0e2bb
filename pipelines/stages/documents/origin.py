"""Stage 1: what each part is made from: the rules of its source, and the content of its files."""

from collections.abc import Iterator
from typing import Any

from massivetext.config.recipe import Filters, filters_of, short_digest, values
from massivetext.corpus.origins import Origins
from massivetext.corpus.parts import Part, Slice
from massivetext.pipelines.changes.versions import (
    Contents,
    Versions,
    content_of_list,
    content_of_slice,
    made_from,
    read_versions,
    tightened,
    write_versions,
)
from massivetext.pipelines.engine.build_plan import Build
from massivetext.pipelines.folder.models import domain_files
from massivetext.pipelines.folder.stage import Stage, sound_json
from massivetext.pipelines.stages.documents.sources import own_values, source_values
from massivetext.storage.files import list_names

_OF_DUPLICATES = ("host_min_pages", "host_max_rated")  # of `filters.safety`: stage 2 reads them
_OF_SHINGLES = ("shingle_words", "punctuation")  # of `duplicates`: signatures are made here


def documents_origins(build: Build) -> Origins:
    """Returns what the parts of stage 1 are made from.

    The content of a file is known if a finished part was made of this version of it. If that has
    another time and the same size, it is read; otherwise whoever reads the part will know.
    """
    stage, known = build.stages["documents"], read_versions(build.output)
    there = set(list_names(stage.folder))
    same = {(f.source, f.name) for f in build.files if known.has(f)}
    rules = rules_by_source(build, known)
    left = build.earlier.left if build.earlier else {}
    parts = {}
    for part in build.parts:
        contents = _contents(stage, part, same) if f"{part.stem}.json" in there else None
        made = rules[part.source]
        made = tightened(made, left[part.stem]) if part.stem in left else made
        parts[part.stem] = made_from(made, part, contents)
    return Origins({}, parts)


def note_versions(build: Build) -> None:
    """Writes down that the finished parts are all of the inputs as they are now."""
    write_versions(build.output, build.files, domain_files(build.recipe))


def _contents(stage: Stage, part: Part, same: set[tuple[str, str]]) -> Contents | None:
    summary = sound_json(stage.path(f"{part.stem}.json")) or {}
    before = [(name, start, content) for name, start, content in summary.get("contents", ())]
    if len(before) != len(part.slices):
        return None
    return [
        old if (part.source, piece.name) in same else (piece.name, piece.start, _reread(piece))
        for old, piece in zip(before, part.slices, strict=True)
    ]


def _reread(piece: Slice) -> str:
    try:
        return content_of_slice(piece)
    except FileNotFoundError:  # it went since it was listed
        return ""


def rules_by_source(build: Build, known: Versions) -> dict[str, str]:
    """Returns digests of the rules of a build's sources.

    Args:
      build: planned, with its models.
      known: of the lists of domains.
    """
    recipe, own = build.recipe, own_values(build.recipe, build.models)
    lists = sorted(content_of_list(file, known) for file in domain_files(recipe))
    shingles = values(recipe.duplicates)
    found = {}
    for name in recipe.sources:
        filters = filters_of(recipe, name)
        found[name] = short_digest(
            [
                build.stages["documents"].key,
                build.models.language_sha256,
                [shingles[key] for key in _OF_SHINGLES],
                source_values(recipe, name),
                own.get(name),
                list(_filter_values(filters, name)),
                lists if name in filters.safety.sources else [],
            ]
        )
    return found


def _filter_values(filters: Filters, source: str) -> Iterator[Any]:
    """Yields the values of a source's filters; of a list of sources, whether it is among them."""
    found = values(filters)
    for table in ("language", "safety"):
        names = found[table].pop("sources")
        yield source in names
    for key in ("quality_sources", "repetition_sources"):
        yield source in found.pop(key)
    for key in (*_OF_DUPLICATES, "domain_lists"):
        found["safety"].pop(key)
    if not found["measure_language_drops"]:  # so that builds from before it stay
        found.pop("measure_language_drops")
    yield {key: value for key, value in found.items() if key not in ("own", "transform")}
