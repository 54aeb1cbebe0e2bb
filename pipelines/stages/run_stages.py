"""Running stages 1 to 3 and accounting for every record that went in."""

import time
from functools import partial
from typing import Any

from massivetext.corpus.conservation import account, check_bad, check_records
from massivetext.dedup.hosts import HostRules
from massivetext.pipelines.engine.memory import check_memory
from massivetext.pipelines.engine.progress import progress
from massivetext.pipelines.engine.run_parts import run_parts
from massivetext.pipelines.engine.runner import run
from massivetext.pipelines.folder.stage import Stage, all_parts, finish, finished_parts, start
from massivetext.pipelines.plan import Build
from massivetext.pipelines.stages.documents.write import DocumentsWork, add_documents
from massivetext.pipelines.stages.duplicates.graph import SHUFFLED, add_duplicates
from massivetext.pipelines.stages.duplicates.read import DocumentPart, DuplicateSettings
from massivetext.pipelines.stages.overlap.compare import OverlapWork, add_overlap
from massivetext.pipelines.stages.overlap.held_out_files import resolved_overlap
from massivetext.pipelines.stages.overlap.table import write_held_out
from massivetext.pipelines.stages.survivors import SplitRules
from massivetext.storage.json_files import read_json


def run_documents(build: Build) -> dict[str, Any]:
    """Runs stage 1; returns its manifest."""
    stage, recipe = build.stages["documents"], build.recipe
    work = DocumentsWork(stage, recipe.filters, build.models, recipe.seed)
    summaries, facts = run_parts(
        stage, build.parts, partial(add_documents, work=work), build.execution
    )
    totals = account(summaries)
    check_records(stage.name, totals)
    check_bad(totals, recipe.max_bad_fraction)
    return _finish(build, "documents", summaries, {"sources": totals, **facts})


def _finish(
    build: Build, name: str, summaries: list[dict[str, Any]], facts: dict[str, Any]
) -> dict[str, Any]:
    stems = [part.stem for part in build.parts]
    by_stem = {f"part-{summary['part']:05d}": summary for summary in summaries}
    return finish(build.stages[name], by_stem, stems, facts)


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
        )
        for part in build.parts
    ]


def run_duplicates(build: Build) -> dict[str, Any]:
    """Runs stage 2; returns its manifest. It compares all parts: a stopped run starts anew."""
    stage = build.stages["duplicates"]
    began = time.monotonic()
    stems = [part.stem for part in build.parts]
    # A remote job may have ended while nobody waited for it: then only the manifest is missing.
    if len(finished_parts(stage, stems)) < len(stems) or not read_json(stage.path(SHUFFLED)):
        _compare(build, stage)
    summaries = list(finished_parts(stage, stems).values())
    totals = account(summaries)
    check_records(stage.name, totals)
    facts = {"sources": totals, "shuffled_bytes": read_json(stage.path(SHUFFLED))}
    return _finish(build, "duplicates", summaries, facts | _seconds(began))


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
    )
    parts = document_parts(build)
    check_memory(build.execution, sum(part.rows for part in parts))
    with progress(stage, len(parts)):
        run(
            stage,
            lambda pipeline: add_duplicates(pipeline, parts, settings),
            build.execution,
        )


def _seconds(began: float) -> dict[str, float]:
    return {"seconds": round(time.monotonic() - began, 3)}


def run_overlap(build: Build) -> dict[str, Any]:
    """Runs stage 3; returns its manifest with what survives of each source."""
    stage, recipe = build.stages["overlap"], build.recipe
    chosen = recipe.sequences
    split = SplitRules(recipe.seed, chosen.validation_fraction, chosen.crop_bytes)
    work = OverlapWork(stage, build.output, resolved_overlap(recipe), split)
    summaries, facts = run_parts(
        stage,
        build.parts,
        partial(add_overlap, work=work),
        build.execution,
        ready=partial(write_held_out, stage, work.rules),
    )
    totals = account(summaries)
    check_records(stage.name, totals)
    return _finish(build, "overlap", summaries, {"sources": totals, **facts})
