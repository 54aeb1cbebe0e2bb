"""Stage 3: what its parts are made from, in both halves."""

from massivetext.config.recipe import short_digest
from massivetext.config.sources import like_of
from massivetext.corpus.origins import MadeFrom, Origins
from massivetext.pipelines.changes.contents import done_parts
from massivetext.pipelines.engine.build_plan import Build
from massivetext.pipelines.folder.file_names import FILES
from massivetext.pipelines.folder.stage import manifest_of, sound_json
from massivetext.pipelines.folder.sums import SUMS
from massivetext.pipelines.stages.overlap.common import SUMS_OF_GUARD
from massivetext.pipelines.stages.overlap.work import TITLE_SOURCE
from massivetext.pipelines.stages.survivors import ROWS
from massivetext.storage.files import exists


def match_origins(build: Build) -> Origins:
    """Returns what the first half is made from: the documents that are not duplicates."""
    documents = done_parts(build.stages["documents"])
    duplicates = done_parts(build.stages["duplicates"])
    titled = {n for n, s in build.recipe.sources.items() if like_of(n, s) == TITLE_SOURCE}
    parts: dict[str, MadeFrom] = {
        part.stem: {
            "documents": documents[part.stem].sums[f"{part.stem}.parquet"],
            "duplicates": duplicates[part.stem].facts[ROWS],
        }
        | ({"titles": "of Wikipedia"} if part.source in titled else {})
        for part in build.parts
    }
    return Origins({}, parts)


def overlap_origins(build: Build) -> Origins:
    """Returns what the second half is made from: what the first found, and what is famous.

    As long as the first half is not done, that is not known, and said so.
    """
    half = build.stages["overlap"].half("matches")
    guard = sound_json(half.path(SUMS_OF_GUARD)) or {}
    famous = short_digest([found[:3] for found in guard.get(SUMS, ())])
    matches = done_parts(half) if exists(half.path(FILES)) and manifest_of(half) else {}
    parts = {
        stem: {
            **made,
            "matches": matches[stem].sums[f"{stem}.parquet"] if stem in matches else "",
            "famous n-grams": famous,
        }
        for stem, made in (match_origins(build).parts or {}).items()
    }
    return Origins({}, parts)
