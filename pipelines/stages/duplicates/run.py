"""Running stage 2: over all parts at once, for any two documents may be copies."""

import sys
import time
from typing import Any

from massivetext.config.comparison_rules import Duplicates
from massivetext.corpus.conservation import account, check_records
from massivetext.dedup.hosts import HostRules
from massivetext.paper import SHINGLE_WORDS
from massivetext.pipelines.engine.build_plan import Build
from massivetext.pipelines.engine.memory import check_memory
from massivetext.pipelines.engine.progress import progress
from massivetext.pipelines.engine.run_parts import finish_parts, seconds_since
from massivetext.pipelines.engine.runner import run
from massivetext.pipelines.folder.stage import Stage, all_parts, finished_parts, sound_json, start
from massivetext.pipelines.stages.duplicates.graph import SHUFFLED, add_duplicates
from massivetext.pipelines.stages.duplicates.old_builds import (
    OldBuild,
    numbered,
    old_builds,
    unnamed,
)
from massivetext.pipelines.stages.duplicates.read import DocumentPart, DuplicateSettings
from massivetext.storage.json_files import read_json


def run_duplicates(build: Build) -> dict[str, Any]:
    """Runs stage 2; returns its manifest. It compares all parts: a stopped run starts anew."""
    stage = build.stages["duplicates"]
    began = time.monotonic()
    stems = [part.stem for part in build.parts]
    # A remote job may have ended while nobody waited for it: then only the manifest is missing.
    if len(finished_parts(stage, stems)) < len(stems) or not sound_json(stage.path(SHUFFLED)):
        _compare(build, stage)
    summaries = list(finished_parts(stage, stems).values())
    totals = account(summaries)
    check_records(stage.name, totals)
    facts: dict[str, Any] = {"sources": totals, "remarks": remarks(build.recipe.duplicates)}
    facts["shuffled_bytes"] = read_json(stage.path(SHUFFLED))
    if build.recipe.duplicates.against:
        olds = old_builds(build.recipe)
        facts["against"] = [_facts_of(old) for old in olds]
        facts["remarks"] += unnamed(olds)
    return finish_parts(stage, build.parts, summaries, facts | seconds_since(began))


def _facts_of(old: OldBuild) -> dict[str, Any]:
    documents = sum(part.rows for part in old.parts)
    return {"folder": old.folder, "digest": old.digest, "documents": documents}


def remarks(rules: Duplicates) -> list[str]:
    """Returns what a reader of the drop lists must know: where the rules are not the paper's."""
    found = []
    if rules.survivor != "random":
        found.append(f"survivor: the {rules.survivor} of two copies; the paper's: one at random")
    if not rules.verify:
        found.append("verify: what shares a band is dropped uncompared, its Jaccard is estimated")
    if rules.punctuation == "delete":
        found.append("punctuation: deleted, so that it joins words; symbols are words")
    if rules.shingle_words != SHINGLE_WORDS:
        found.append(f"shingle_words: {rules.shingle_words}; the paper's: {SHINGLE_WORDS}")
    return found


def _compare(build: Build, stage: Stage) -> None:
    recipe, safety = build.recipe, build.recipe.filters.safety
    start(stage, [])
    settings = DuplicateSettings(
        output=stage.folder,
        key=stage.key,
        seed=recipe.seed,
        rules=recipe.duplicates,
        hosts=HostRules(safety.host_min_pages, safety.host_max_rated),
        host_sources=safety.sources,
        least_partitions=build.execution.partitions,
    )
    parts, olds = document_parts(build), old_builds(recipe)
    sys.stderr.writelines(f"{line}\n" for line in unnamed(olds))
    check_memory(build.execution, sum(part.rows for part in parts))
    old_parts, firsts = numbered(olds, len(parts))
    every, folders = [*parts, *old_parts], [old.folder for old in olds]
    settings = settings._replace(
        old=tuple(zip(firsts, folders, strict=True)), stems=tuple(part.stem for part in every)
    )
    with progress(stage, {part.stem: part.rows for part in parts}) as tell:
        run(
            stage,
            lambda pipeline: add_duplicates(pipeline, every, settings),
            build.execution,
            tell,
        )


def document_parts(build: Build) -> list[DocumentPart]:
    """Returns the files of stage 1, by part, with their numbers of rows."""
    stage = build.stages["documents"]
    summaries = all_parts(stage, [part.stem for part in build.parts])
    return [
        DocumentPart(
            part.number,
            part.source,
            stage.path(f"{part.stem}.parquet"),
            stage.path(f"dropped-{part.stem}.parquet"),
            summaries[part.stem]["kept"],
            stem=part.stem,
        )
        for part in build.parts
    ]
